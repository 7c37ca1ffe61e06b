/**
 * The sessions of one server: begun by one tool, found again by the other. One that is no longer open is read from its
 * journal. At most MAX_OPEN are open; whoever was asked longest ago and is idle makes room, and can be read again.
 */
import type { OpenOptions } from '../../actors/contract.ts';
import type { Session } from '../../actors/contract.ts';
import { UsageError } from '../mode.ts';
import { savedSessions } from '../saved.ts';
import { createTalk, type Talk } from './talk.ts';

/** Each holds its history and, while it works, its processes. */
const MAX_OPEN = 16;

export interface Threads {
  start(cwd: string, open: (options: OpenOptions) => Promise<Session>): Promise<Talk>;
  /** `open` is asked for the saved one, with the folder in which it worked. */
  find(id: string, home: string, open: (cwd: string, options: OpenOptions) => Promise<Session>): Promise<Talk>;
  /** Closes all, those that are being opened too; nothing is begun any more. */
  close(): Promise<void>;
}

export const createThreads = (): Threads => {
  /** In the order in which they were asked last. */
  const talks = new Map<string, Talk>();
  const opening = new Set<Promise<unknown>>();
  const over = new AbortController();

  const makeRoom = async (): Promise<void> => {
    if (talks.size + opening.size < MAX_OPEN) return;
    const idle = [...talks.values()].find((talk) => !talk.isBusy());
    if (idle === undefined) throw new UsageError(`${MAX_OPEN} threads are at work; wait for one of them, or cancel it`);
    talks.delete(idle.id);
    await idle.close();
  };
  const keep = async (cwd: string, open: () => Promise<Session>): Promise<Talk> => {
    if (over.signal.aborted) throw new UsageError('the server is ending');
    await makeRoom();
    const began = open().then((session) => createTalk(session, cwd));
    opening.add(began);
    try {
      const talk = await began;
      if (over.signal.aborted || talks.has(talk.id)) {
        await talk.close();
        throw new UsageError(over.signal.aborted ? 'the server is ending' : `thread ${talk.id} is open already`);
      }
      talks.set(talk.id, talk);
      return talk;
    } finally {
      opening.delete(began);
    }
  };

  return {
    start: (cwd, open) => keep(cwd, () => open({})),
    find: async (id, home, open) => {
      const talk = talks.get(id);
      if (talk !== undefined) {
        talks.delete(id);
        talks.set(id, talk); // asked last
        return talk;
      }
      const rows = await savedSessions({ home, cwd: '', isAll: true, search: id });
      const row = rows.find((saved) => saved.id === id);
      if (row === undefined) throw new UsageError(`there is no thread ${id}`);
      return keep(row.cwd, () => open(row.cwd, { resume: { file: row.file } }));
    },
    close: async () => {
      over.abort();
      const closing = [...talks.values()].map((talk) => talk.close());
      talks.clear();
      await Promise.allSettled([...closing, ...opening]);
    },
  };
};
