/**
 * What stands below some folders, without reading a file. Links are not followed, so it stays below them; a file that is
 * named as a root is looked at alone. It never fails: what cannot be looked at is told in words.
 */
import { lstatSync, readdirSync, readlinkSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { CACHE_TAG, MAX_ENTRIES, SKIPPED_FOLDERS } from './limits.ts';
import type { Pace } from './pace.ts';

export interface Found {
  readonly kind: 'file' | 'link' | 'folder' | 'other';
  readonly mode: number;
  readonly size: number;
  readonly changedAt: number;
  readonly stamp: string;
  /** Where a link leads. */
  readonly target: string;
}
export interface Walked {
  readonly found: ReadonlyMap<string, Found>;
  readonly notCovered: readonly string[];
}
export interface WalkOptions {
  readonly roots: readonly string[];
  /** Absolute; nothing of ours is looked at. */
  readonly without: readonly string[];
  readonly pace: Pace;
  readonly maxEntries?: number;
}

const PERMISSIONS = 0o7777;

const kindOf = (stats: Stats): Found['kind'] =>
  stats.isFile() ? 'file' : stats.isSymbolicLink() ? 'link' : stats.isDirectory() ? 'folder' : 'other';

/** Null: nothing is there. */
export const lookAt = (path: string): Found | null => {
  try {
    const stats = lstatSync(path);
    const kind = kindOf(stats);
    return {
      kind,
      mode: stats.mode & PERMISSIONS,
      size: stats.size,
      changedAt: stats.ctimeMs,
      stamp: `${stats.ino}:${stats.size}:${stats.ctimeMs}:${stats.mtimeMs}`,
      target: kind === 'link' ? readlinkSync(path) : '',
    };
  } catch {
    return null;
  }
};

const namesIn = (folder: string): readonly string[] | null => {
  try {
    return readdirSync(folder);
  } catch {
    return null;
  }
};

export const walk = async ({ roots, without, pace, maxEntries = MAX_ENTRIES }: WalkOptions): Promise<Walked> => {
  const found = new Map<string, Found>();
  const notCovered: string[] = [];
  const todo = [...roots];
  for (let path = todo.pop(); path !== undefined; path = todo.pop()) {
    await pace();
    if (without.includes(path) || found.has(path)) continue;
    if (found.size >= maxEntries) {
      notCovered.push(`whatever is beyond ${maxEntries} files and folders`);
      break;
    }
    const here = lookAt(path);
    if (here === null) continue;
    found.set(path, here);
    if (here.kind !== 'folder') continue;
    const names = namesIn(path);
    if (names === null) notCovered.push(`${path} (it cannot be read)`);
    else if (names.includes(CACHE_TAG) && !roots.includes(path)) notCovered.push(`${path} (a cache)`);
    else
      for (const name of names)
        if (SKIPPED_FOLDERS.has(name)) notCovered.push(`${join(path, name)} (never looked into)`);
        else todo.push(join(path, name));
  }
  return { found, notCovered };
};
