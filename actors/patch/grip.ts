/**
 * Folders held open while we write in them, so that nobody can put a symlink in their place between the check and the
 * write. On Linux `/proc/self/fd/N/name` means: in that very folder. Elsewhere the path itself is used, and the sandbox is
 * what protects.
 */
import { closeSync, constants, mkdirSync, openSync, readlinkSync, rmdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { codeOf } from './disk.ts';

export interface Grip {
  /** The same entry, by way of its held folder. `real` is absolute, without symlinks. Throws as `open` does. */
  at(real: string): string;
  /** Holds the folder of this entry; makes it first where it is missing. */
  make(real: string, undo: (() => void)[]): void;
  release(): void;
}

const CHANGED = 'its folder was replaced by somebody else at this moment';

const linkOf = (path: string): string | null => {
  try {
    return readlinkSync(path);
  } catch {
    return null; // no /proc here
  }
};

export const createGrip = (): Grip => {
  const held = new Map<string, { readonly fd: number; readonly path: string }>();

  const hold = (folder: string): string => {
    const known = held.get(folder);
    if (known) return known.path;
    const fd = openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
    const handle = `/proc/self/fd/${fd}`;
    const link = linkOf(handle);
    const path = link === null ? folder : handle;
    held.set(folder, { fd, path });
    if (link !== null && link !== folder) throw new Error(CHANGED);
    return path;
  };

  const make = (folder: string, undo: (() => void)[]): string => {
    try {
      return hold(folder);
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
    }
    const fresh = join(make(dirname(folder), undo), basename(folder));
    mkdirSync(fresh);
    undo.push(() => rmdirSync(fresh));
    return hold(folder);
  };

  return {
    at: (real) => join(hold(dirname(real)), basename(real)),
    make: (real, undo) => void make(dirname(real), undo),
    release: () => held.forEach(({ fd }) => closeSync(fd)),
  };
};
