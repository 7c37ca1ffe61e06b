/**
 * The writing end of a journal: one append, one line, in the kernel's hands before `append` returns.
 *
 *   dormant   nothing was said yet: records wait, no file exists; the first that matters makes it
 *   open      each record is written at once; the end of a turn also reaches the disk itself (`durability`)
 *   failing   the disk refuses: records wait in memory, every further append tries them first; told once
 *   fenced    somebody took the session over: nothing more is written, every append says so
 *   closed    likewise, by our own wish
 *
 * Appending never throws and never waits. Numbers are dense, whatever happens to the disk; what was lost for want of
 * memory is named by a `gap`.
 */
import { closeSync, copyFileSync, fsyncSync, mkdirSync, openSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { blobFolder, createBlobs } from './blobs.ts';
import type { JournalHead, NewRecord } from './format.ts';
import { FENCE_CHECK_MS, MAX_WAITING, TAKE_OVER_PAUSE_MS } from './limits.ts';
import { JOURNAL_VERSION } from './line.ts';
import { acquireLock, type Fenced, type Lock } from './lock.ts';
import type { Notice } from './notice.ts';
import { createPack } from './pack.ts';
import type { Redactor } from './secrets.ts';
import { createSink, type Trouble } from './sink.ts';
import { repairTail } from './tail.ts';

/** When a record must survive a loss of power, not only of the process: never, at the end of a turn, or also before each effect. */
export type Durability = 'process' | 'turn' | 'effect';
export type NewHead = Omit<JournalHead, 'v' | 'kind' | 'id' | 't'>;

export interface JournalOptions {
  readonly home: string;
  readonly id: string;
  readonly head: NewHead;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly redactor: Redactor;
  readonly durability?: Durability | undefined;
  readonly onTrouble?: ((trouble: Trouble) => void) | undefined;
  /** A saved session: its file, and the lock that allows us to write. Otherwise a new file is made. */
  readonly resume?: { readonly file: string; readonly lock: Lock } | undefined;
  /** Bytes that may wait for the disk. */
  readonly maxPendingBytes?: number | undefined;
}

export type Appended =
  | { readonly kind: 'written'; readonly seq: number }
  /** It waits in memory: for the first words of the session, or for the disk. */
  | { readonly kind: 'kept'; readonly seq: number }
  | { readonly kind: 'dropped'; readonly seq: number }
  | Fenced
  | { readonly kind: 'closed' };
export type Flushed =
  | { readonly kind: 'flushed' }
  | { readonly kind: 'failing'; readonly error: string }
  | Fenced
  | { readonly kind: 'closed' };

export interface Journal {
  readonly file: string;
  /** What was found, and mended, at the end of a saved journal. */
  readonly notices: readonly Notice[];
  readonly append: (record: NewRecord, t?: number) => Appended;
  /** Says that an effect is about to happen. `id` ties it to its end. */
  readonly effect: (id: string, what: string, details?: Readonly<Record<string, unknown>>) => Appended;
  readonly effectEnd: (id: string, details?: Readonly<Record<string, unknown>>) => Appended;
  readonly lastSeq: () => number;
  /** Writes what waits and makes all of it durable. A session in which nothing was said stays without a file. */
  readonly flush: () => Flushed;
  /** Where an append is not safe at once: resolves when all that was appended is, or never will be. */
  readonly settled?: () => Promise<'settled' | 'fenced'>;
  readonly close: () => Flushed;
}

/** Ops that give a session something worth finding again. */
const WORTH_A_FILE: ReadonlySet<string> = new Set([
  ...['op.say', 'op.queue', 'op.steer', 'op.review', 'op.shell', 'op.compact', 'op.rewind'],
]);
const ENDINGS: ReadonlySet<string> = new Set(['turn.completed', 'turn.failed', 'turn.aborted']);

const isWorthAFile = (record: NewRecord): boolean => record.kind === 'input' && WORTH_A_FILE.has(record.event.type);
const mustLast = (record: NewRecord, durability: Durability): boolean => {
  if (durability === 'process') return false;
  if (record.kind === 'fact') return ENDINGS.has(record.fact.type);
  return durability === 'effect' && record.kind === 'effect';
};

const two = (n: number): string => String(n).padStart(2, '0');
/** Where a session of this time and id is kept; in local time, as a person looks for it. */
export const journalFile = (home: string, id: string, at: number): string => {
  const d = new Date(at);
  const day = [String(d.getFullYear()), two(d.getMonth() + 1), two(d.getDate())];
  const time = [two(d.getHours()), two(d.getMinutes()), two(d.getSeconds())].join('-');
  return join(home, 'sessions', ...day, `${day.join('-')}T${time}-${id}.jsonl`);
};

/** Makes the name of a new file durable. Where folders cannot be synced, the file system has its own way. */
const syncFolder = (folder: string): void => {
  try {
    const fd = openSync(folder, 'r');
    fsyncSync(fd);
    closeSync(fd);
  } catch {
    return;
  }
};

/** Puts a copy in the place of the file: whoever still has it open writes where nobody reads. */
const sever = (file: string): void => {
  // The former holder looks at its lock every FENCE_CHECK_MS; after this pause it has seen that it is gone.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, TAKE_OVER_PAUSE_MS);
  copyFileSync(file, `${file}.copy`);
  renameSync(`${file}.copy`, file);
};

export const createJournal = (options: JournalOptions): Journal => {
  const { id, now, redactor, resume, durability = 'turn' } = options;
  const made = now();
  const file = resume?.file ?? journalFile(options.home, id, made);
  const blobs = createBlobs(blobFolder(options.home));
  const pack = createPack(redactor, blobs);
  const head = (): string => `${pack({ v: JOURNAL_VERSION, kind: 'session', id, t: made, ...options.head })}\n`;

  let lock = resume?.lock ?? null;
  let end: { readonly kind: 'closed' } | Fenced | null = null;
  let isDormant = resume === undefined;
  let last = 0;
  let lost: { from: number; to: number } | null = null;
  let lookedAt = -Infinity;

  const open = (): number => {
    if (resume !== undefined) return openSync(file, 'a', 0o600);
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    if (lock === null) {
      const acquired = acquireLock(file);
      if (acquired.kind === 'heldBy') throw new Error(`${file} is being written by another process`);
      lock = acquired.lock;
    }
    const fd = openSync(file, 'ax', 0o600);
    if (durability !== 'process') syncFolder(dirname(file));
    return fd;
  };
  const sink = createSink({
    open,
    onTrouble: options.onTrouble ?? (() => {}),
    maxPendingBytes: options.maxPendingBytes,
  });
  let waiting: string[] = [];

  /** Whether the end has come. Looks for a fence if the last look is longer ago than this. Milliseconds. */
  const over = (patience: number): { readonly kind: 'closed' } | Fenced | null => {
    const at = performance.now();
    if (end === null && lock !== null && at - lookedAt >= patience) {
      lookedAt = at;
      end = lock.lostTo();
    }
    return end;
  };

  /** Names what was lost, once the disk has taken everything else. The gap takes the number of its last loss. */
  const admitLoss = (): void => {
    if (lost === null || !sink.drain()) return;
    sink.write(`${JSON.stringify({ seq: lost.to, t: now(), kind: 'gap', from: lost.from, to: lost.to })}\n`);
    lost = null;
  };
  const put = (line: string, seq: number): 'written' | 'kept' | 'dropped' => {
    admitLoss();
    const result = lost === null ? sink.write(line) : 'dropped';
    if (result === 'dropped') lost = { from: lost?.from ?? seq, to: seq };
    return result;
  };
  const sync = (): boolean => {
    try {
      blobs.sync();
    } catch {
      // A blob that cannot be made durable is found missing by the reader, who says so; the records still count.
    }
    admitLoss();
    return sink.sync();
  };

  const wake = (): void => {
    if (!isDormant) return;
    isDormant = false;
    for (const line of [head(), ...waiting]) sink.write(line);
    waiting = [];
  };

  const append = (record: object, t: number, wakes: boolean, lasts: boolean): Appended => {
    const ended = over(FENCE_CHECK_MS);
    if (ended !== null) return ended;
    const seq = ++last;
    const line = `{"seq":${seq},"t":${t},${pack(record).slice(1)}\n`;
    if (isDormant && !wakes && waiting.length < MAX_WAITING) {
      waiting.push(line);
      return { kind: 'kept', seq };
    }
    wake();
    const kind = put(line, seq);
    if (lasts) sync();
    return { kind, seq };
  };
  const add = (record: NewRecord, t: number = now()): Appended =>
    append(record, t, isWorthAFile(record), mustLast(record, durability));

  const flush = (): Flushed => {
    const ended = over(0);
    if (ended !== null) return ended;
    if (isDormant || sync()) return { kind: 'flushed' };
    return { kind: 'failing', error: sink.error() ?? 'the disk did not take it' };
  };

  const notices: Notice[] = [];
  if (resume !== undefined) {
    if (resume.lock.wasTakenOver) sever(file);
    const tail = repairTail(file);
    if (tail.notice !== null) notices.push(tail.notice);
    if (tail.lastSeq === null) sink.write(head());
    if (tail.owed !== '') sink.write(tail.owed);
    last = tail.lastSeq ?? 0;
    const { machines, input } = options.head;
    append({ kind: 'opened', epoch: resume.lock.epoch, pid: process.pid, machines, input }, made, true, false);
  }

  return {
    file,
    notices,
    append: add,
    effect: (effectId, what, details = {}) => {
      over(0); // what follows cannot be undone, so there is no patience
      return add({ ...details, kind: 'effect', id: effectId, what });
    },
    effectEnd: (effectId, details = {}) => add({ ...details, kind: 'effect.end', id: effectId }),
    lastSeq: () => last,
    flush,
    close: () => {
      const flushed = flush();
      end ??= { kind: 'closed' };
      sink.close();
      lock?.release();
      return flushed;
    },
  };
};
