/** The inspector of one journal: served, and followed while it grows. Used by `inspect` and by `--inspect`. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Session } from '../actors/contract.ts';
import type { Op } from '../machines/protocol/index.ts';
import { inspectorPage } from '../inspector/charts.ts';
import { serveInspector, type Answer, type InspectorServer, type News } from '../inspector/server.ts';
import type { Story } from '../inspector/story.ts';
import { charts } from './charts.ts';
import { UsageError } from './mode.ts';
import { storyIn } from './story.ts';

/** How often a growing journal is looked at, while somebody watches. */
const POLL_MS = 250;
/** Of the time, at most one part in this many goes into telling the story anew. */
const PATIENCE = 4;

/** What a page may ask of a session; the rest needs the terminal. */
const ALLOWED: ReadonlySet<string> = new Set(['op.decide', 'op.interrupt', 'op.queue', 'op.steer']);

export interface InspectorOptions {
  readonly home: string;
  readonly file: string;
  readonly port: number;
  /** The session that writes the journal, where it runs in this process and the page may act on it. */
  readonly session: Session | null;
  readonly now: () => number;
}

const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;

const EMPTY: Omit<Story, 'charts'> = {
  ...{ v: 1, title: '', head: {}, verdict: { kind: 'nothing was said yet' } },
  ...{ actors: [], rows: [] },
};

/** Everything before the last input is as it was: machines say the same again. */
const newsOf = (before: Story, after: Story): News => {
  const from = Math.max(
    0,
    before.rows.findLastIndex(({ kind }) => kind === 'input'),
  );
  const { actors, verdict, rows, title, head } = after;
  const news = { from, rows: rows.slice(from), actors, verdict };
  return before.rows.length === 0 ? { ...news, title, head } : news;
};

const commandOf =
  (session: Session) =>
  async (op: unknown): Promise<Answer> => {
    const type = typeof op === 'object' && op !== null && 'type' in op ? String(op.type) : '';
    if (!ALLOWED.has(type)) return { kind: 'refused', message: `${type || 'this'} is not for the inspector` };
    const sourced = type === 'op.decide' ? { ...(op as Op), source: 'inspector' } : op;
    return { ...(await session.submit(sourced as Op)) }; // checked there, as every op is
  };

export const startInspector = async (options: InspectorOptions): Promise<InspectorServer> => {
  const { home, file, port, session, now } = options;
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
      const news = newsOf(before, state.story);
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
    follow: (onNews) => {
      listeners.add(onNews);
      if (timer.id === null) void look();
      return () => listeners.delete(onNews);
    },
    command: session === null ? null : commandOf(session),
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
