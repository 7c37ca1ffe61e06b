/**
 * Mount points that a sandbox makes on the host because a path does not exist: empty, and not the user's. They are taken
 * away when the last run that needs them is over; what existed before, and what is no longer empty, stays.
 */
import { lstatSync, rmdirSync, unlinkSync } from 'node:fs';

export interface Residue {
  /** Call before the spawn. The function takes away what is left. */
  expect(paths: readonly string[]): () => void;
}

const stats = (path: string) => lstatSync(path, { throwIfNoEntry: false });

const takeAway = (path: string) => {
  try {
    const found = stats(path);
    if (found?.isDirectory()) rmdirSync(path);
    else if (found?.isFile() && found.size === 0) unlinkSync(path);
  } catch {
    // not empty, or not ours to remove: then it stays
  }
};

export const createResidue = (): Residue => {
  const users = new Map<string, number>();
  const exists = (path: string) => {
    try {
      return stats(path) !== undefined;
    } catch {
      return true;
    }
  };
  return {
    expect: (paths) => {
      // A path that another run has made is there already, and still ours.
      const ours = paths.filter((path) => users.has(path) || !exists(path));
      for (const path of ours) users.set(path, (users.get(path) ?? 0) + 1);
      return () => {
        for (const path of ours.splice(0).reverse()) {
          const left = (users.get(path) ?? 1) - 1;
          if (left > 0) users.set(path, left);
          else {
            users.delete(path);
            takeAway(path);
          }
        }
      };
    },
  };
};
