/**
 * Wake-ups through PostgreSQL's notifications: gathered for a moment before they are said, so that their number does not grow
 * with the sessions; heard on a connection of its own, which is made again when it is cut. Whatever is lost meanwhile is
 * made good by one wake-up that says that anything may have happened.
 */
import { WAKE_BYTES, WAKE_GATHER_MS, RETRY_FIRST_MS, RETRY_LAST_MS } from './limits.ts';
import type { Wake } from './port.ts';

interface Listener {
  connect(): Promise<unknown>;
  query(text: string): Promise<unknown>;
  end(): Promise<void>;
  on(event: 'notification', hear: (message: { readonly payload?: string | undefined }) => void): unknown;
  on(event: 'error' | 'end', hear: () => void): unknown;
}

export interface WakerDeps {
  readonly connect: () => Listener;
  readonly say: (words: string) => Promise<unknown>;
}

const MARKS = { inbox: 'i', log: 'l' } as const;
const ANYTHING: Wake = { kind: 'inbox', id: '' };

const parts = (words: readonly string[]): readonly string[] => {
  const said: string[] = [];
  for (const word of words) {
    const last = said.at(-1);
    if (last !== undefined && last.length + word.length < WAKE_BYTES) said[said.length - 1] = `${last} ${word}`;
    else said.push(word);
  }
  return said;
};

export const wakesIn = (payload: string): readonly Wake[] =>
  payload.split(' ').flatMap((word): readonly Wake[] => {
    const id = word.slice(1);
    if (word.startsWith(MARKS.inbox)) return [{ kind: 'inbox', id }];
    return word.startsWith(MARKS.log) ? [{ kind: 'log', id }] : [];
  });

export const createWaker = ({ connect, say }: WakerDeps) => {
  const hearers = new Set<(wake: Wake) => void>();
  const gathered = new Set<string>();
  const life = new AbortController();
  const held: { timer: NodeJS.Timeout | null; listener: Listener | null; saying: Promise<unknown> } = {
    ...{ timer: null, listener: null, saying: Promise.resolve() },
  };
  const tell = (wake: Wake): void => {
    for (const hear of hearers) hear(wake);
  };

  const sayAll = (): void => {
    held.timer = null;
    const words = parts([...gathered]);
    gathered.clear();
    // A wake-up that is not heard is a delay, no loss.
    held.saying = Promise.allSettled(words.map((word) => say(word)));
  };
  const wake = ({ kind, id }: Wake): void => {
    if (life.signal.aborted) return;
    gathered.add(`${MARKS[kind]}${id}`);
    held.timer ??= setTimeout(sayAll, WAKE_GATHER_MS);
  };

  const listen = async (pauseMs: number): Promise<void> => {
    if (life.signal.aborted) return;
    const listener = connect();
    held.listener = listener;
    const cut = Promise.withResolvers<void>();
    listener.on('error', () => cut.resolve());
    listener.on('end', () => cut.resolve());
    listener.on('notification', ({ payload = '' }) => wakesIn(payload).forEach(tell));
    const pause = await listener
      .connect()
      .then(() => listener.query('LISTEN turnstile'))
      .then(
        async () => {
          tell(ANYTHING);
          await cut.promise;
          return RETRY_FIRST_MS;
        },
        () => Math.min(pauseMs * 2, RETRY_LAST_MS),
      );
    await listener.end().catch(() => undefined);
    if (life.signal.aborted) return;
    await new Promise((resolve) => setTimeout(resolve, pause).unref());
    return listen(pause);
  };

  return {
    wake,
    subscribe: (hear: (wake: Wake) => void) => {
      hearers.add(hear);
      if (held.listener === null) void listen(RETRY_FIRST_MS);
      return () => void hearers.delete(hear);
    },
    close: async () => {
      if (held.timer !== null) clearTimeout(held.timer);
      if (gathered.size > 0) sayAll();
      life.abort();
      await held.saying;
      await held.listener?.end().catch(() => undefined);
    },
  };
};
