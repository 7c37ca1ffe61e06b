/**
 * The whole of an output that is too long to keep, in a file that only its owner can read. Written at once and in
 * place, because the bytes are lent: the buffer they lie in is read into again. A disk that fails ends the spill,
 * never the command.
 */
import { closeSync, mkdirSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface Spill {
  add(bytes: Uint8Array): void;
  /** Where it is; undefined when there is none. */
  close(): string | undefined;
}

const NO_SPILL: Spill = { add: () => {}, close: () => undefined };

const writeAll = (fd: number, bytes: Uint8Array) => {
  for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done);
};

/** Each missing folder once. `mkdir` with `recursive` never returns where the system says ENOENT for ever, as in /proc. */
const makeFolder = (path: string): void => {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    if (code === 'EEXIST') return;
    if (code !== 'ENOENT' || dirname(path) === path) throw error;
    makeFolder(dirname(path));
    mkdirSync(path, { mode: 0o700 });
  }
};

export const openSpill = (folder: string | null, name: string, limitBytes: number): Spill => {
  if (folder === null) return NO_SPILL;
  const file = join(folder, name);
  let fd: number | null = null;
  let room = limitBytes;
  try {
    makeFolder(folder);
    fd = openSync(file, 'wx', 0o600);
  } catch {
    return NO_SPILL;
  }
  const giveUp = () => {
    if (fd === null) return;
    closeSync(fd);
    fd = null;
    unlinkSync(file);
  };
  return {
    add: (bytes) => {
      if (fd === null || room <= 0) return;
      try {
        writeAll(fd, bytes.subarray(0, room));
        room -= bytes.length;
      } catch {
        giveUp();
      }
    },
    close: () => {
      if (fd === null) return undefined;
      closeSync(fd);
      fd = null;
      return file;
    },
  };
};
