/** Where git goes from a folder, and what in there it obeys. */
import { dirname, join, resolve } from 'node:path';
import type { Kind, Look } from './look.ts';

/** The folders that a `.git` leads to: a linked worktree or a submodule names its gitdir, and that its commondir. */
export const leadsTo = (dotGit: string, kind: Kind, look: Look): readonly string[] => {
  const pointer = kind === 'file' ? /^gitdir:\s*(.+?)\s*$/m.exec(look.text(dotGit) ?? '')?.[1] : undefined;
  const gitdir = pointer === undefined ? null : look.realpath(resolve(dirname(dotGit), pointer));
  const base = kind === 'folder' ? dotGit : gitdir;
  if (base === null) return [];
  const shared = look.text(join(base, 'commondir'))?.trim();
  const common = shared ? look.realpath(resolve(base, shared)) : null;
  return [gitdir, common].filter((path) => path !== null);
};

/** A folder that git would take for a repository's own, also without a working tree. */
export const isGitFolder = (kinds: ReadonlyMap<string, Kind>): boolean =>
  kinds.get('HEAD') === 'file' && kinds.get('objects') === 'folder' && kinds.get('refs') === 'folder';

/** What git runs or obeys. The rest of a git folder is history, which a commit must be able to write. */
const OBEYED = ['config', 'config.worktree', 'hooks', 'info', 'modules', 'commondir'];
const OBEYED_OF_WORKTREE = ['config.worktree', 'commondir', 'gitdir'];

/** What stays read-only in a git folder that may otherwise be written. */
export const fencesIn = (folder: string, kinds: ReadonlyMap<string, Kind>, look: Look): readonly string[] => {
  if (!isGitFolder(kinds)) return [];
  const existing = (base: string, names: readonly string[], inside: ReadonlyMap<string, Kind>): readonly string[] =>
    names.filter((name) => inside.has(name)).map((name) => join(base, name));
  const worktrees = kinds.get('worktrees') === 'folder' ? [...look.list(join(folder, 'worktrees')).keys()] : [];
  return [
    ...existing(folder, OBEYED, kinds),
    ...worktrees.flatMap((name) => {
      const path = join(folder, 'worktrees', name);
      return existing(path, OBEYED_OF_WORKTREE, look.list(path));
    }),
  ];
};

/** The folder with a `.git`, where git would find it from here; null: none. */
export const projectOf = (cwd: string, look: Look, limits: readonly string[] = []): string | null => {
  for (let folder = cwd; folder !== '/' && !limits.includes(folder); folder = dirname(folder)) {
    if (look.kind(join(folder, '.git')) !== null) return folder;
  }
  return null;
};

/** What a commit from here writes: the git folder that is shared by all worktrees; null: there is none. */
export const gitFolderOf = (cwd: string, look: Look): string | null => {
  const project = projectOf(cwd, look);
  if (project === null) return null;
  const dotGit = join(project, '.git');
  const kind = look.kind(dotGit);
  if (kind !== 'folder' && kind !== 'file') return null;
  const folder = leadsTo(dotGit, kind, look).at(-1) ?? (kind === 'folder' ? dotGit : null);
  return folder !== null && isGitFolder(look.list(folder)) ? folder : null;
};
