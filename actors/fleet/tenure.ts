/**
 * One session on this worker, from the lease to its end.
 *
 *   opening    its log is read, what its former owner left open is closed
 *   serving    ops of the inbox are heard; each is taken by the very commit that holds what it led to
 *   leaving    asleep (nothing is written, the next op wakes it anywhere), closed (its turn is ended, in words), or lost
 *              (somebody else has it: what we started is ended, and nothing more is said)
 */
import type { Runtime, Session } from '../contract.ts';
import { Op } from '../../machines/protocol/index.ts';
import type { Committer, Pen } from '../log/committer.ts';
import { READ_LINES, TAKE_MESSAGES } from '../log/limits.ts';
import type { Lease, Message, SessionLog } from '../log/port.ts';
import type { Heart } from './heart.ts';

export type Leaving = 'asleep' | 'closed' | 'lost';

export interface TenureOptions {
  readonly log: SessionLog;
  readonly lease: Lease;
  readonly committer: Committer;
  readonly heart: Pick<Heart, 'isFresh' | 'next'>;
  readonly runtime: Runtime;
  /** Its end: the session is closed, nothing more is written, and the lease may be given back. */
  readonly onLeft: (how: Leaving) => void;
}

export interface Tenure {
  readonly lease: Lease;
  /** There may be something in the inbox. */
  readonly wake: () => void;
  /** For how long nothing happened in it; zero while something does. Milliseconds. */
  readonly idleMs: () => number;
  readonly ops: () => number;
  readonly leave: (how: Leaving) => Promise<void>;
}

const readAll = async (log: SessionLog, id: string): Promise<readonly string[]> => {
  const lines: string[] = [];
  for (;;) {
    const part = await log.read(id, lines.length, READ_LINES);
    for (const { text } of part) lines.push(text);
    if (part.length < READ_LINES) return lines;
  }
};

const opIn = ({ body }: Message): Op | null => {
  try {
    return Op.parse(JSON.parse(body));
  } catch {
    return null; // whoever put it there was no server of ours; it is taken, and leads to nothing
  }
};

export const openTenure = async (options: TenureOptions): Promise<Tenure> => {
  const { log, lease, committer, heart, runtime, onLeft } = options;
  const held: { left: Promise<void> | null; session: Session | null } = { left: null, session: null };
  const pen: Pen = committer.pen(lease, () => void leave('lost'));
  /** In the log, and we are still who we were: a worker that slept asks first. */
  const settled = async () => {
    const kept = await pen.settled();
    if (kept === 'fenced' || heart.isFresh()) return kept;
    await heart.next();
    return pen.isFenced() ? 'fenced' : 'settled';
  };

  const end = async (how: Leaving): Promise<void> => {
    const { session } = held;
    if (how === 'asleep') await pen.settled();
    if (how === 'closed') await session?.close();
    if (how === 'closed') await pen.settled();
    pen.fence();
    await session?.close();
    onLeft(how);
  };
  const leave = (how: Leaving): Promise<void> => (held.left ??= end(how));

  const lines = await readAll(log, lease.id);
  const session = await runtime.open({ leased: { lease, pen: { ...pen, settled }, blobs: log.blobs, lines } });
  held.session = session;
  if (pen.isFenced()) await session.close();

  const life = { lastAt: performance.now(), terminals: 0, ops: 0, feeding: 'resting' as 'resting' | 'busy' | 'again' };
  session.events.subscribe((event) => {
    life.lastAt = performance.now();
    if (event.type === 'terminal.started') life.terminals += 1;
    if (event.type === 'terminal.ended') life.terminals -= 1;
  });

  const hear = (message: Message): void => {
    const op = opIn(message);
    pen.took(message.position); // in the step in which it is heard, and so in the commit of what it leads to
    life.ops += 1;
    if (op?.type === 'op.close') void session.submit(op).then(() => leave('closed'));
    else if (op !== null) void session.submit(op);
  };
  const feed = async (): Promise<void> => {
    while (held.left === null) {
      const messages = await log.take(lease, TAKE_MESSAGES);
      if (messages.length === 0 || held.left !== null) return;
      life.lastAt = performance.now();
      for (const message of messages) hear(message);
      if ((await pen.settled()) === 'fenced') return;
    }
  };
  const wake = (): void => {
    if (life.feeding !== 'resting') return void (life.feeding = 'again');
    life.feeding = 'busy';
    const rest = (): void => {
      const isAsked = life.feeding === 'again';
      life.feeding = 'resting';
      if (isAsked) wake();
    };
    feed().then(rest, rest); // what failed is looked at again with the next tick of the worker
  };
  wake();

  return {
    lease,
    wake,
    idleMs: () => {
      // Words that are held are in the log, and come back with the session.
      const isQuiet = session.view().state === 'idle' && life.terminals <= 0 && life.feeding === 'resting';
      return isQuiet ? performance.now() - life.lastAt : 0;
    },
    ops: () => life.ops,
    leave,
  };
};
