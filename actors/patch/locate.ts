/**
 * Where a path really leads, and whether that is where its words say. The kernel's sandbox is the law; this is the second
 * line, for what runs without one: no patch writes through a symlink that leaves the folders it may work in.
 */
import { lstatSync, readlinkSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, parse, sep } from 'node:path';

/** Symlinks followed on one path before it is taken for a loop; as the kernel does. */
const MAX_LINKS = 40;

const linkAt = (path: string): string | null => {
  try {
    return lstatSync(path).isSymbolicLink() ? readlinkSync(path) : null;
  } catch {
    return null; // absent, or not ours to see: the write will say which
  }
};

/** The path with every symlink resolved, also where its end does not exist yet. Null: a loop. `path` is absolute. */
export const locate = (path: string): string | null => {
  const { root } = parse(path);
  const waiting = path.slice(root.length).split(sep);
  let real = root;
  let links = 0;
  while (waiting.length > 0) {
    const name = waiting.shift()!;
    if (name === '' || name === '.') continue;
    if (name === '..') {
      real = dirname(real);
      continue;
    }
    const next = join(real, name);
    const target = linkAt(next);
    if (target === null) {
      real = next;
      continue;
    }
    if (++links > MAX_LINKS) return null;
    if (isAbsolute(target)) real = parse(target).root;
    waiting.unshift(...target.split(sep));
  }
  return real;
};

/** The entry itself: its folder is resolved, its last name is not. What a delete removes. */
export const locateEntry = (path: string): string | null => {
  const folder = locate(dirname(path));
  return folder === null ? null : join(folder, basename(path));
};

export const isWithin = (path: string, root: string): boolean =>
  path === root || path.startsWith(root.endsWith(sep) ? root : root + sep);

/**
 * Whether writing to `path` reaches something else than the words say. A path in a root must end in a root. A path outside
 * of all roots was named so openly, and whoever planned it has judged it: it only must not be a symlink to a third place.
 */
export const strays = (path: string, real: string, roots: readonly string[]): boolean => {
  const isInside = roots.some((root) => isWithin(path, root));
  if (isInside) return !roots.some((root) => isWithin(real, locate(root) ?? root));
  return real !== locateEntry(path);
};
