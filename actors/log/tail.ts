/**
 * Following a session from a position, as slowly as one likes: whoever falls behind reads the log again, so a slow reader
 * costs nothing but its own delay. A wake-up makes it quick; without one it looks now and then.
 */
import { RuntimeEvent, type Stamped } from '../../machines/protocol/index.ts';
import { isPacked, unpack } from '../journal/pack.ts';
import { POLL_MS, READ_LINES } from './limits.ts';
import type { Line, SessionLog } from './port.ts';

export interface Tail {
  /** Lines from a position on, as they come, until the signal. */
  readonly follow: (id: string, from: number, signal: AbortSignal) => AsyncGenerator<readonly Line[], void, undefined>;
  readonly close: () => void;
}

export const createTail = (log: Pick<SessionLog, 'read' | 'subscribe'>): Tail => {
  const waiting = new Map<string, Set<() => void>>();
  const unsubscribe = log.subscribe(({ kind, id }) => {
    if (id === '') for (const wakers of waiting.values()) for (const wake of wakers) wake();
    else if (kind === 'log') for (const wake of waiting.get(id) ?? []) wake();
  });

  /** Armed before the log is read, so that what comes between the reading and the waiting is not slept through. */
  const arm = (id: string, signal: AbortSignal) => {
    const news = Promise.withResolvers<void>();
    const wakers = waiting.get(id) ?? new Set();
    waiting.set(id, wakers.add(news.resolve));
    const end = () => news.resolve();
    signal.addEventListener('abort', end);
    return {
      wait: async () => {
        const timer = setTimeout(news.resolve, POLL_MS);
        await news.promise;
        clearTimeout(timer);
      },
      disarm: () => {
        signal.removeEventListener('abort', end);
        wakers.delete(news.resolve);
        if (wakers.size === 0) waiting.delete(id);
      },
    };
  };

  return {
    async *follow(id, from, signal) {
      let next = from;
      while (!signal.aborted) {
        const { wait, disarm } = arm(id, signal);
        try {
          const lines = await log.read(id, next, READ_LINES);
          const last = lines.at(-1);
          if (last === undefined) await wait();
          else {
            next = last.position + 1;
            yield lines;
          }
        } finally {
          disarm();
        }
      }
    },
    close: unsubscribe,
  };
};

/** What a client is told of a line: the fact, numbered by its position. Null: it is for the machines only. */
export const factIn = ({ position, text }: Line, blobs: SessionLog['blobs']): Stamped<RuntimeEvent> | null => {
  if (!text.includes('"kind":"fact"')) return null;
  const parsed: unknown = JSON.parse(text);
  const whole = isPacked(text) ? unpack(parsed, blobs, () => undefined) : parsed;
  if (typeof whole !== 'object' || whole === null || !('fact' in whole) || !('t' in whole)) return null;
  const fact = RuntimeEvent.safeParse(whole.fact);
  return fact.success ? { ...fact.data, seq: position, at: Number(whole.t) } : null;
};
