/**
 * A journal of which the lines go to a log: the same words in the same order as in a file, written by one pen.
 *
 * `append` never waits. What it wrote is kept when `settled` says so, and until then nothing that it led to may leave: the
 * runtime holds back processes and requests until then, and whoever listens from outside reads the log. The end of a lease
 * is the end of the pen: every append then says `fenced`.
 */
import type { NewRecord } from '../journal/format.ts';
import { JOURNAL_VERSION } from '../journal/line.ts';
import { createPack } from '../journal/pack.ts';
import type { Redactor } from '../journal/secrets.ts';
import type { Fenced } from '../journal/lock.ts';
import type { Appended, Flushed, Journal, NewHead } from '../journal/writer.ts';
import type { Pen } from './committer.ts';
import type { Lease, SessionLog } from './port.ts';

export interface LoggedOptions {
  readonly lease: Lease;
  readonly pen: Pen;
  readonly blobs: SessionLog['blobs'];
  readonly head: NewHead;
  readonly redactor: Redactor;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** The number of the last record in the log; null: there is nothing yet. */
  readonly lastSeq: number | null;
}

const ENDINGS: ReadonlySet<string> = new Set(['turn.completed', 'turn.failed', 'turn.aborted']);

export const createLoggedJournal = ({ lease, pen, blobs, head, redactor, now, lastSeq }: LoggedOptions): Journal => {
  const pack = createPack(redactor, blobs);
  const state = { last: lastSeq ?? 0, isClosed: false };
  const fenced: Fenced = { kind: 'fenced', epoch: lease.epoch, by: null };

  const write = (record: object, t: number, lasts: boolean): Appended => {
    if (pen.isFenced()) return fenced;
    if (state.isClosed) return { kind: 'closed' };
    const seq = ++state.last;
    pen.write(`{"seq":${seq},"t":${t},${pack(record).slice(1)}`, lasts);
    return { kind: 'kept', seq };
  };
  const append = (record: NewRecord, t: number = now()): Appended =>
    write(record, t, record.kind === 'effect' || (record.kind === 'fact' && ENDINGS.has(record.fact.type)));
  const flush = (): Flushed => {
    if (pen.isFenced()) return fenced;
    return state.isClosed ? { kind: 'closed' } : { kind: 'flushed' };
  };

  if (lastSeq === null)
    pen.write(pack({ v: JOURNAL_VERSION, kind: 'session', id: lease.id, t: now(), ...head }), false);
  else {
    const { machines, input } = head;
    write({ kind: 'opened', epoch: lease.epoch, pid: process.pid, machines, input }, now(), false);
  }

  return {
    file: `log:${lease.id}`,
    notices: [],
    append,
    effect: (id, what, details = {}) => append({ ...details, kind: 'effect', id, what }),
    effectEnd: (id, details = {}) => append({ ...details, kind: 'effect.end', id }),
    lastSeq: () => state.last,
    flush,
    settled: pen.settled,
    close: () => {
      const flushed = flush();
      state.isClosed = true;
      return flushed;
    },
  };
};
