/**
 * Lines into a file, synchronously: a line that is `written` has left this process, and a kill cannot take it back.
 *
 * A disk that refuses is no reason to stop. The line is kept and tried again before the next one; of a line that was
 * written in part only the rest is tried again, so nothing is doubled. Never throws.
 */
import { closeSync, fdatasyncSync, writeSync } from 'node:fs';
import { MAX_PENDING_BYTES } from './limits.ts';

export type Trouble =
  | { readonly kind: 'failing'; readonly error: string }
  /** The disk takes lines again, and has all that were kept. */
  | { readonly kind: 'recovered' };

export interface SinkOptions {
  /** Opens the file for appending. Tried again whenever it failed. */
  readonly open: () => number;
  /** Told once when the trouble begins and once when it is over. */
  readonly onTrouble: (trouble: Trouble) => void;
  /** Bytes that may wait; MAX_PENDING_BYTES unless told. */
  readonly maxPendingBytes?: number | undefined;
}

export interface Sink {
  /** `kept`: it waits in memory. `dropped`: there is no room even to wait. */
  readonly write: (line: string) => 'written' | 'kept' | 'dropped';
  /** Tries what waits; true when nothing waits any more. */
  readonly drain: () => boolean;
  /** Makes what is written safe against a loss of power; false if the disk says no. */
  readonly sync: () => boolean;
  readonly error: () => string | null;
  readonly close: () => void;
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

export const createSink = ({ open, onTrouble, maxPendingBytes = MAX_PENDING_BYTES }: SinkOptions): Sink => {
  let fd: number | null = null;
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  /** What stops writing, and what stops syncing: each is told once, and over only when that very thing works again. */
  const failures: { write: string | null; sync: string | null } = { write: null, sync: null };

  const fail = (what: 'write' | 'sync', error: unknown): void => {
    const isNews = failures.write === null && failures.sync === null;
    failures[what] = wordsOf(error);
    if (isNews) onTrouble({ kind: 'failing', error: wordsOf(error) });
  };
  const succeed = (what: 'write' | 'sync'): void => {
    if (failures[what] === null) return;
    failures[what] = null;
    if (failures.write === null && failures.sync === null) onTrouble({ kind: 'recovered' });
  };
  const keep = (rest: Buffer): void => {
    pending.push(rest);
    pendingBytes += rest.length;
  };

  const drain = (): boolean => {
    try {
      fd ??= open();
      for (let first = pending[0]; first !== undefined; first = pending[0]) {
        const count = writeSync(fd, first);
        pendingBytes -= count;
        if (count === first.length) pending.shift();
        else pending[0] = first.subarray(count);
        if (count === 0) throw new Error('the disk took nothing');
      }
    } catch (error) {
      fail('write', error);
      return false;
    }
    succeed('write');
    return true;
  };

  const write = (line: string): 'written' | 'kept' | 'dropped' => {
    if (fd !== null && pending.length === 0) {
      try {
        const count = writeSync(fd, line);
        if (count === Buffer.byteLength(line)) return 'written';
        keep(Buffer.from(line).subarray(count));
      } catch (error) {
        fail('write', error);
        keep(Buffer.from(line));
        return 'kept';
      }
    } else {
      const bytes = Buffer.from(line);
      if (pendingBytes + bytes.length > maxPendingBytes) return drain() ? write(line) : 'dropped';
      keep(bytes);
    }
    return drain() ? 'written' : 'kept';
  };

  return {
    write,
    drain,
    sync: () => {
      if (!drain() || fd === null) return false;
      try {
        fdatasyncSync(fd);
        succeed('sync');
        return true;
      } catch (error) {
        fail('sync', error);
        return false;
      }
    },
    error: () => failures.write ?? failures.sync,
    close: () => {
      try {
        if (fd !== null) closeSync(fd);
      } catch (error) {
        fail('write', error);
      }
      fd = null;
      pending = [];
      pendingBytes = 0;
    },
  };
};
