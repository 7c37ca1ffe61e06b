/** The single writes of a commit. Each throws what the system throws; none follows a symlink. */
import {
  accessSync,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  lstatSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { codeOf } from './disk.ts';

/** Where a rename cannot be: a file that is itself a mount point, or one in a folder that may not be written. */
const NO_RENAME: ReadonlySet<string> = new Set(['EBUSY', 'EXDEV', 'EACCES', 'EPERM', 'EROFS']);

/** A name beside the target that nobody else uses. */
export const besides = (path: string, index: number): string =>
  join(dirname(path), `.${basename(path).slice(0, 100)}.${process.pid}-${index}.tmp`);

/** Into the file that is there, keeping everything about it but its bytes. */
export const writeInPlace = (path: string, bytes: string | Uint8Array): void => {
  const fd = openSync(path, constants.O_WRONLY | constants.O_TRUNC | constants.O_NOFOLLOW);
  try {
    writeFileSync(fd, bytes);
  } finally {
    closeSync(fd);
  }
};

export const writeNew = (path: string, bytes: string | Uint8Array, mode: number | null): void => {
  const fd = openSync(path, 'wx', 0o666);
  try {
    writeFileSync(fd, bytes);
    if (mode !== null) fchmodSync(fd, mode);
  } finally {
    closeSync(fd);
  }
};

/** A file that takes the place of another must belong to the same people. */
const takeOwner = (path: string, from: string, mode: number): void => {
  const { uid, gid } = lstatSync(from);
  const fd = openSync(path, constants.O_WRONLY | constants.O_NOFOLLOW);
  try {
    const own = fstatSync(fd);
    if (own.uid === uid && own.gid === gid) return;
    fchownSync(fd, uid, gid);
    fchmodSync(fd, mode); // a change of owner clears some of it
  } finally {
    closeSync(fd);
  }
};

/** The new text beside the file that it will replace; false: that file can only be written in place. */
export const writeBeside = (temporary: string, target: string, text: string, mode: number): boolean => {
  accessSync(target, constants.W_OK); // a rename would go over a file that its owner made read-only
  try {
    writeNew(temporary, text, mode);
    takeOwner(temporary, target, mode);
    return true;
  } catch (error) {
    rmSync(temporary, { force: true });
    if (NO_RENAME.has(codeOf(error))) return false;
    throw error;
  }
};

/** False: this one cannot be renamed over. */
export const renameOver = (temporary: string, target: string): boolean => {
  try {
    renameSync(temporary, target);
    return true;
  } catch (error) {
    if (NO_RENAME.has(codeOf(error))) return false;
    throw error;
  }
};
