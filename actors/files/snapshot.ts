/**
 * The state of everything below the roots, contents included. What did not change since the last look is not read again,
 * so that a turn costs what was changed, and a look at the rest.
 */
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { MAX_FILE_BYTES, RACY_MS } from './limits.ts';
import type { Pace } from './pace.ts';
import { hashOf, type Store } from './store.ts';
import type { State } from './state.ts';
import { lookAt, walk, type Found } from './walk.ts';

export interface Snapshot {
  readonly states: ReadonlyMap<string, State>;
  readonly notCovered: readonly string[];
}
/** What is known of a file from an earlier look. */
export interface Memory {
  readonly stamp: string;
  readonly hash: string;
  readonly isSaved: boolean;
  /** It may have changed after it was read, and look as it did. */
  readonly isRacy: boolean;
}
export type Memories = Map<string, Memory>;

export interface SnapshotOptions {
  readonly roots: readonly string[];
  readonly without: readonly string[];
  readonly store: Store;
  readonly memories: Memories;
  readonly pace: Pace;
  /** Wall clock, in milliseconds: the clock of the file system. */
  readonly now: () => number;
  /** After this no file is read any more. */
  readonly until: number;
}

/** Null: it is no file any more, or cannot be read. A pipe that took its place is not waited for. */
export const contentsOf = (path: string): Buffer | null => {
  try {
    const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const stats = fstatSync(fd);
      return stats.isFile() && stats.size <= MAX_FILE_BYTES ? readFileSync(fd) : null;
    } finally {
      closeSync(fd);
    }
  } catch {
    return null;
  }
};

export const stateOf = (found: Found | null, hash: string | null, isSaved: boolean): State => {
  switch (found?.kind) {
    case undefined:
      return { kind: 'absent' };
    case 'file':
      return { kind: 'file', mode: found.mode, hash, isSaved, stamp: found.stamp };
    case 'link':
      return { kind: 'link', target: found.target };
    case 'folder':
      return { kind: 'folder', mode: found.mode };
    case 'other':
      return { kind: 'other' };
  }
};

/** One path, as it is now. */
export const stateAt = (path: string): State => {
  const found = lookAt(path);
  const bytes = found?.kind === 'file' && found.size <= MAX_FILE_BYTES ? contentsOf(path) : null;
  return stateOf(found, bytes === null ? null : hashOf(bytes), false);
};

export const takeSnapshot = async (options: SnapshotOptions): Promise<Snapshot> => {
  const { store, memories, pace, now, until } = options;
  const { found, notCovered } = await walk(options);
  const unread: string[] = [];

  const remembered = (path: string, { stamp }: Found): Memory | null => {
    const known = memories.get(path);
    return known === undefined || known.stamp !== stamp || known.isRacy ? null : known;
  };
  const read = (path: string, file: Found): Memory | null => {
    if (file.size > MAX_FILE_BYTES) return null;
    if (now() > until) return (unread.push(path), null);
    const isRacy = file.changedAt > now() - RACY_MS;
    const bytes = contentsOf(path);
    if (bytes === null) return null;
    return { stamp: file.stamp, ...store.put(bytes), isRacy };
  };

  const states = new Map<string, State>();
  for (const [path, file] of found) {
    await pace();
    const memory = file.kind === 'file' ? (remembered(path, file) ?? read(path, file)) : null;
    if (memory !== null) memories.set(path, memory);
    states.set(path, stateOf(file, memory?.hash ?? null, memory?.isSaved ?? false));
  }
  store.flush();
  const late = unread.length === 0 ? [] : [`${unread.length} files that could not be saved in time`];
  return { states, notCovered: [...notCovered, ...late] };
};
