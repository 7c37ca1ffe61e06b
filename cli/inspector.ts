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
import { followed } from '../inspector/live.ts';
import { serveInspector, type Answer, type Control, type InspectorServer } from '../inspector/server.ts';
import type { Relay } from '../inspector/stately-out.ts';
import type { Story } from '../inspector/story.ts';
import { charts } from './charts.ts';
import { UsageError } from './mode.ts';
import { storyIn } from './story.ts';

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

/** Ops for a session that runs in this process. */
export const actingOn = (session: Session): Pick<Control, 'possible' | 'command'> => ({
  possible: () => possibleIn(session),
  command: async (asked): Promise<Answer> => {
    const sent = sentBy(asked, randomUUID());
    return sent.kind === 'refused' ? sent : { ...(await session.submit(sent.op as Op)) }; // checked there, as every op is
  },
});

export interface StartedInspector extends InspectorServer {
  /** Tells another inspector on this machine as well; off unless somebody asks. */
  readonly sendOn: (url: string) => Promise<Relay>;
}

export const startInspector = async (options: InspectorOptions): Promise<StartedInspector> => {
  const { home, file, port, control, now } = options;
  const drawn = await charts();
  const read = async (): Promise<Story> =>
    sizeOf(file) === 0 ? { ...EMPTY, charts: drawn } : (await storyIn(home, file, drawn)).story;
  const live = await followed({ size: () => sizeOf(file), read });
  const server = await serveInspector({
    page: await inspectorPage(),
    port,
    now,
    story: live.story,
    follow: live.follow,
    control,
  }).catch((error: unknown) => {
    throw new UsageError(`port ${port} on 127.0.0.1: ${error instanceof Error ? error.message : String(error)}`);
  });
  return {
    ...server,
    sendOn: async (url) => (await import('../inspector/stately-out.ts')).sendOn(live, url),
    close: () => {
      live.close();
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
