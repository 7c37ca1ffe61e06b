/**
 * Bytes that a command reads from a descriptor, all of them there before it starts.
 *
 * In a pipe if it holds them: quick, and no disk. In a file without a name otherwise, and always for standard input: a
 * command may open /dev/stdin again, which waits for ever on a FIFO whose writer is gone, and fails on a socket. (And bash
 * takes a socket on its standard input for a remote login, and reads ~/.bashrc.)
 */
import { randomUUID } from 'node:crypto';
import { closeSync, constants, openSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Channel } from './channels.ts';

/** What a pipe holds on Linux. */
export const PIPE_BYTES = 64 * 1024;

/** Writes without waiting; false if the pipe takes less. Nobody can write afterwards. */
export const fillPipe = ({ read, write }: Channel, bytes: Uint8Array): boolean => {
  closeSync(write); // that one would wait
  try {
    const ready = openSync(`/proc/self/fd/${read}`, constants.O_WRONLY | constants.O_NONBLOCK);
    try {
      return bytes.length === 0 || writeSync(ready, bytes) === bytes.length;
    } finally {
      closeSync(ready);
    }
  } catch {
    return false;
  }
};

/** A descriptor to read from, at the beginning; null where no file can be made. */
export const namelessFile = (bytes: Uint8Array): number | null => {
  const path = join(tmpdir(), `turnstile-${randomUUID()}`);
  let write: number | null = null;
  let read: number | null = null;
  try {
    write = openSync(path, 'wx', 0o600);
    read = openSync(path, 'r');
    for (let done = 0; done < bytes.length;) done += writeSync(write, bytes, done);
    return read;
  } catch {
    if (read !== null) closeSync(read);
    return null;
  } finally {
    if (write !== null) {
      closeSync(write);
      unlinkSync(path);
    }
  }
};
