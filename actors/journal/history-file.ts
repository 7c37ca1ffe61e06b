/**
 * What the user has typed, over all sessions: `history.jsonl`, a line `{session_id, ts, text}` an entry, `ts` in
 * seconds. One write an entry, under a lock, so that a trim by another process loses nothing. Without secrets.
 */
import {
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { acquireLock, type Lock } from './lock.ts';
import type { Redactor } from './secrets.ts';

/** How often, and after which pause in milliseconds, a busy file is tried again (G.6). */
const LOCK_TRIES = 10;
const LOCK_PAUSE_MS = 100;
/** A trim leaves this part of what is allowed, so that the next entry does not trim again. */
const KEPT_PART = 0.8;
/** Read at once on the way back from the end. Bytes. */
const CHUNK_BYTES = 64 * 1024;
const NEWLINE = 0x0a;

export interface PromptEntry {
  readonly session_id: string;
  readonly ts: number;
  readonly text: string;
}
export interface PromptHistoryOptions {
  readonly home: string;
  readonly redactor: Redactor;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Null: it may grow. */
  readonly maxBytes: number | null;
}
export type Noted =
  | { readonly kind: 'noted' }
  /** Somebody else held the file all the time. */
  | { readonly kind: 'busy' }
  | { readonly kind: 'failed'; readonly error: string };

export interface PromptHistory {
  readonly file: string;
  readonly add: (sessionId: string, text: string) => Promise<Noted>;
  /** Newest first; reads only as far back as it is asked. */
  readonly entries: () => Generator<PromptEntry, void, undefined>;
  /** Newest first, each text once. Case does not matter. */
  readonly search: (words: string, limit: number) => readonly PromptEntry[];
}

const parseEntry = (line: string): PromptEntry | null => {
  try {
    const { session_id, ts, text } = JSON.parse(line) as Readonly<Record<string, unknown>>;
    if (typeof session_id !== 'string' || typeof ts !== 'number' || typeof text !== 'string') return null;
    return { session_id, ts, text };
  } catch {
    return null; // torn or foreign: nothing to offer to the user
  }
};

const readAt = (fd: number, from: number, length: number): Buffer => {
  const bytes = Buffer.alloc(length);
  return bytes.subarray(0, readSync(fd, bytes, 0, length, from));
};

function* linesBackwards(file: string): Generator<string, void, undefined> {
  let fd: number;
  try {
    fd = openSync(file, 'r');
  } catch {
    return;
  }
  try {
    let rest: Buffer = Buffer.alloc(0);
    for (let end = fstatSync(fd).size; end > 0;) {
      const from = Math.max(0, end - CHUNK_BYTES);
      rest = Buffer.concat([readAt(fd, from, end - from), rest]);
      end = from;
      for (let at = rest.lastIndexOf(NEWLINE); at >= 0; at = rest.lastIndexOf(NEWLINE)) {
        yield rest.toString('utf8', at + 1);
        rest = rest.subarray(0, at);
      }
    }
    yield rest.toString('utf8');
  } finally {
    closeSync(fd);
  }
}

/** The newest whole lines that fit; the last one in any case. */
const trimmed = (bytes: Buffer, room: number): Buffer => {
  const lastLine = bytes.lastIndexOf(NEWLINE, bytes.length - 2) + 1;
  const cut = bytes.indexOf(NEWLINE, bytes.length - room - 1) + 1;
  return bytes.subarray(cut === 0 ? lastLine : Math.min(cut, lastLine));
};

const trim = (file: string, fd: number, maxBytes: number): void => {
  const { size } = fstatSync(fd);
  if (size <= maxBytes) return;
  const part = `${file}.part`;
  try {
    writeFileSync(part, trimmed(readAt(fd, 0, size), Math.floor(maxBytes * KEPT_PART)), { mode: 0o600 });
    renameSync(part, file);
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  }
};

const waitForLock = async (file: string): Promise<Lock | null> => {
  for (let tries = 0; tries < LOCK_TRIES; tries++) {
    if (tries > 0) await pause(LOCK_PAUSE_MS);
    const acquired = acquireLock(file);
    if (acquired.kind === 'held') return acquired.lock;
  }
  return null;
};

export const createPromptHistory = ({ home, redactor, now, maxBytes }: PromptHistoryOptions): PromptHistory => {
  const file = join(home, 'history.jsonl');

  const append = (entry: PromptEntry): void => {
    const fd = openSync(file, 'a+', 0o600);
    try {
      const { size } = fstatSync(fd);
      const isTorn = size > 0 && readAt(fd, size - 1, 1)[0] !== NEWLINE;
      const line = Buffer.from(`${isTorn ? '\n' : ''}${JSON.stringify(entry)}\n`);
      if (writeSync(fd, line) < line.length) throw new Error('the disk took only a part of the entry');
      if (maxBytes !== null) trim(file, fd, maxBytes);
    } finally {
      closeSync(fd);
    }
  };

  function* entries(): Generator<PromptEntry, void, undefined> {
    for (const line of linesBackwards(file)) {
      const entry = line === '' ? null : parseEntry(line);
      if (entry !== null) yield entry;
    }
  }

  return {
    file,
    add: async (sessionId, text) => {
      try {
        mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
        const lock = await waitForLock(file);
        if (lock === null) return { kind: 'busy' };
        try {
          append({ session_id: sessionId, ts: Math.floor(now() / 1000), text: redactor.clean(text) });
        } finally {
          lock.release();
        }
        return { kind: 'noted' };
      } catch (error) {
        return { kind: 'failed', error: error instanceof Error ? error.message : String(error) };
      }
    },
    entries,
    search: (words, limit) => {
      const found = new Map<string, PromptEntry>();
      for (const entry of entries()) {
        if (found.size >= limit) break;
        if (!found.has(entry.text) && entry.text.toLowerCase().includes(words.toLowerCase())) {
          found.set(entry.text, entry);
        }
      }
      return [...found.values()];
    },
  };
};
