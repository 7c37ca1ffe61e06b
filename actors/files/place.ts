/**
 * The folder in which a path stands, opened step by step from a root, never through a link: whoever swaps one in, before
 * or meanwhile, leads nobody out. Where the system has no /proc, each step is looked at instead, which a fast swap beats.
 */
import { closeSync, constants, existsSync, lstatSync, openSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { isWithin } from '../../sandbox/paths.ts';

export interface Place {
  /** The path itself, as it can be used while the place is open. */
  readonly path: string;
  /** Another name in the same folder. */
  beside(name: string): string;
  close(): void;
}
export type Found = { readonly kind: 'place'; readonly place: Place } | { readonly kind: 'none'; readonly why: string };

const DESCRIPTORS = '/proc/self/fd';
/** How a folder is opened, and nothing else. */
export const FOLDER = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

const isFolder = (path: string): boolean => {
  try {
    return lstatSync(path).isDirectory();
  } catch {
    return false;
  }
};

const plain = (path: string, steps: readonly string[]): Found => {
  const bad = steps.find((step) => !isFolder(step));
  return bad === undefined
    ? { kind: 'place', place: { path, beside: (name) => join(dirname(path), name), close: () => undefined } }
    : { kind: 'none', why: `${bad} is not the folder that it was` };
};

/** `path` is at or below `root`; a root that is a file stands in its own folder. */
export const placeOf = (root: string, path: string): Found => {
  const top = root === path ? dirname(root) : root;
  if (!isWithin(path, root)) return { kind: 'none', why: 'it is outside of the folders that are covered' };
  const parts = relative(top, dirname(path)).split(sep).filter(Boolean);
  const steps = parts.reduce((all, part) => [...all, join(all.at(-1) ?? top, part)], [top]);
  if (!existsSync(DESCRIPTORS)) return plain(path, steps);
  let fd = -1;
  try {
    for (const step of steps) {
      const next = openSync(fd < 0 ? step : `${DESCRIPTORS}/${fd}/${basename(step)}`, FOLDER);
      if (fd >= 0) closeSync(fd);
      fd = next;
    }
  } catch {
    if (fd >= 0) closeSync(fd);
    return { kind: 'none', why: 'a folder on the way to it is not the one that it was' };
  }
  const opened = `${DESCRIPTORS}/${fd}`;
  const place: Place = {
    path: `${opened}/${basename(path)}`,
    beside: (name) => `${opened}/${name}`,
    close: () => closeSync(fd),
  };
  return { kind: 'place', place };
};
