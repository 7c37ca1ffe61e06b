/**
 * The embedded model: no network, no key, no randomness. It plays a script, or understands plain requests well enough to
 * show the whole runtime at work, and says honestly what it is.
 */
import type { Provider, ProviderConfig, SampleRequest } from './provider.ts';
import { play } from './rehearsal/play.ts';
import { reviewing } from './rehearsal/review.ts';
import type { Script } from './rehearsal/script.ts';
import { summarise } from './rehearsal/summarise.ts';
import { understand } from './rehearsal/understand.ts';
import type { ProviderDeps } from './stream.ts';

/** `query.gap_ms` of the configuration: a pause between words, for those who want to watch. Milliseconds. */
const gapOf = ({ query }: ProviderConfig): number => {
  const gap = Number(query['gap_ms'] ?? 0);
  return Number.isFinite(gap) && gap > 0 ? gap : 0;
};

const scriptOf = async (path: string | undefined): Promise<Script | null> => {
  if (path === undefined) return null;
  const { loadScript } = await import('./rehearsal/script.ts');
  const loaded = await loadScript(path);
  if (loaded.kind === 'unusable') throw new Error(loaded.message);
  return loaded.script;
};

/** Rejects when the script cannot be used; `loadScript` tells it beforehand, without throwing. */
export const createRehearsalProvider = async (config: ProviderConfig, _deps: ProviderDeps): Promise<Provider> => {
  const script = await scriptOf(config.script);
  let requests = 0;
  let turns = 0;

  /** Scripted turns answer requests that offer tools; a summary, a title and their like never use one up. */
  const itemsFor = (request: SampleRequest) => {
    if (script === null && request.purpose === 'review') return reviewing(request);
    if (script === null) return request.tools.length === 0 ? summarise(request) : understand(request);
    if (request.tools.length === 0) return summarise(request);
    const turn = script.turns[Math.min(turns, script.turns.length - 1)];
    turns += 1;
    return turn?.items ?? [];
  };

  return {
    name: config.id,
    sample: (request) => {
      requests += 1;
      return play(itemsFor(request), {
        place: { config, model: request.model },
        request,
        idleTimeoutMs: config.idleTimeoutMs,
        gapMs: gapOf(config),
        callPrefix: `${request.turnId}_${requests}`,
      });
    },
  };
};
