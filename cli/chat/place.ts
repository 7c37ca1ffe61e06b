/** Where the chat is, for the status line: the folder, `~` for the home, and the branch of git. */
import { readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

export const tilde = (path: string, home: string | undefined): string => {
  if (home === undefined || home === '' || home === '/') return path;
  if (path === home) return '~';
  return path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
};

const read = (file: string): string => {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return '';
  }
};

/** The branch, or the beginning of a commit that no branch names; null: no repository. Git itself is not asked: that would take longer than a frame. */
export const branchOf = (folder: string): string | null => {
  for (let at = folder; ; at = dirname(at)) {
    const dot = join(at, '.git');
    const found = statSync(dot, { throwIfNoEntry: false });
    if (found !== undefined) {
      const git = found.isDirectory() ? dot : resolve(at, read(dot).replace(/^gitdir: /, ''));
      const head = read(join(git, 'HEAD'));
      return head === '' ? null : (/^ref: refs\/heads\/(.+)$/.exec(head)?.[1] ?? head.slice(0, 8));
    }
    if (dirname(at) === at) return null;
  }
};

export const placeOf = (folder: string, home: string | undefined): string => {
  const branch = branchOf(folder);
  return branch === null ? tilde(folder, home) : `${tilde(folder, home)} ⎇ ${branch}`;
};
