/** The inspector of one journal: served, and followed while it grows. Used by `inspect` and by `--inspect`. */
import { spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Session } from '../actors/contract.ts';
import type { Op } from '../machines/protocol/index.ts';
import { possibleIn, sentBy } from '../inspector/acts.ts';
import { inspectorPage } from '../inspector/charts.ts';
import { serveInspector, type Answer, type Control, type InspectorServer, type News } from '../inspector/server.ts';
import type { Story } from '../inspector/story.ts';
import { charts } from './charts.ts';
import { UsageError } from './mode.ts';
import { storyIn } from './story.ts';

/** How often a growing journal is looked at, while somebody watches. */
const POLL_MS = 250;
/** Of the time, at most one part in this many goes into telling the story anew. */
const PATIENCE = 12;

export interface InspectorOptions {
  readonly home: string;
  readonly file: string;
  readonly port: number;
  /** What a page with the other address may do; null: there is no such address. */
  readonly control: Control | null;
  readonly now: () => number;
}

const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;

const EMPTY: Omit<Story, 'charts'> = {
  ...{ v: 1, title: '', head: {}, verdict: { kind: 'nothing was said yet' } },
  ...{ actors: [], rows: [] },
};

/** Everything before the last input is as it was: machines say the same again. */
const lastInput = ({ rows }: Story): number =>
  Math.max(
    0,
    rows.findLastIndex(({ kind }) => kind === 'input'),
  );

const newsFrom = (from: number, { actors, verdict, rows, title, head, messages = [] }: Story): News => {
  const news = { from, rows: rows.slice(from), actors, verdict, messages };
  return from === 0 ? { ...news, title, head } : news;
};

/** Ops for a session that runs in this process. */
export const actingOn = (session: Session): Pick<Control, 'possible' | 'command'> => ({
  possible: () => possibleIn(session),
  command: async (asked): Promise<Answer> => {
    const sent = sentBy(asked, randomUUID());
    return sent.kind === 'refused' ? sent : { ...(await session.submit(sent.op as Op)) }; // checked there, as every op is
  },
});

export const startInspector = async (options: InspectorOptions): Promise<InspectorServer> => {
  const { home, file, port, control, now } = options;
  const drawn = await charts();
  const read = async (): Promise<Story> =>
    sizeOf(file) === 0 ? { ...EMPTY, charts: drawn } : (await storyIn(home, file, drawn)).story;
  const state = { story: await read(), size: sizeOf(file) };
  const listeners = new Set<(news: News) => void>();
  const timer = { id: null as NodeJS.Timeout | null };

  const look = async (): Promise<void> => {
    const began = performance.now();
    const size = sizeOf(file);
    if (size !== state.size) {
      const before = state.story;
      state.size = size;
      state.story = await read();
      const news = newsFrom(lastInput(before), state.story);
      for (const tell of listeners) tell(news);
    }
    const took = performance.now() - began;
    timer.id = listeners.size === 0 ? null : setTimeout(() => void look(), Math.max(POLL_MS, took * PATIENCE));
    timer.id?.unref();
  };

  const server = await serveInspector({
    page: await inspectorPage(),
    port,
    now,
    story: () => state.story,
    follow: (onNews, since) => {
      listeners.add(onNews);
      // Whatever came between the story and now, or while nobody was there to hear it.
      if (since !== null) onNews(newsFrom(Math.min(since, lastInput(state.story)), state.story));
      if (timer.id === null) void look();
      return () => listeners.delete(onNews);
    },
    control,
  }).catch((error: unknown) => {
    throw new UsageError(`port ${port} on 127.0.0.1: ${error instanceof Error ? error.message : String(error)}`);
  });
  return {
    ...server,
    close: () => {
      if (timer.id !== null) clearTimeout(timer.id);
      return server.close();
    },
  };
};

/** Shows the page, without the code in an argument: other users see the arguments of every process. */
export const openBrowser = (address: string): (() => void) => {
  const file = join(tmpdir(), `turnstile-${randomBytes(8).toString('hex')}.html`);
  const page = `<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0;url=${address}">`;
  writeFileSync(file, page, { mode: 0o600, flag: 'wx' });
  const child = spawn(process.platform === 'darwin' ? 'open' : 'xdg-open', [file], { stdio: 'ignore', detached: true });
  child.on('error', () => {}); // the address was printed as well
  child.unref();
  return () => rmSync(file, { force: true });
};
