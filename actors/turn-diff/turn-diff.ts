/**
 * What a turn has changed, as one git diff: each watched file as it was when it was first seen, against the disk now.
 * So it also shows what a formatter did, and a patch that failed adds nothing.
 *
 * `watch` reads at once: it must be called before the patch runs. A declared move is shown as a rename, where it is one:
 * the source is gone and the target is new. (The reference shows nothing for a rename without an edit; a diff that does
 * not lead to the disk when it is applied is of no use.)
 */
import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import type { FileChange } from '../../machines/protocol/index.ts';
import { type Entry, format } from './format.ts';
import { look, type Sight } from './sight.ts';

/** Files that one turn keeps an eye on; what comes later is counted, not shown. */
export const MAX_WATCHED = 1_000;
/** What the first sights of a turn may take together. Bytes (of text, as it is kept). */
export const MAX_KEPT_BYTES = 64 * 1024 * 1024;

export interface TurnDiff {
  /** Absolute paths that are about to change. */
  watch(paths: readonly string[]): void;
  /** The same, for the changes of a patch; its paths are relative to `cwd`. */
  watchChanges(changes: readonly FileChange[], cwd: string): void;
  /** A file is about to get another name. */
  moves(from: string, to: string): void;
  /** Empty: nothing is different. */
  diff(): Promise<string>;
}

/** The nearest folder with a `.git` in it, or the folder itself. */
export const gitRootOf = (folder: string): string => {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, '.git'))) return at;
    if (at === dirname(at)) return folder;
  }
};

export const createTurnDiff = ({ root }: { readonly root: string }): TurnDiff => {
  const baselines = new Map<string, Sight>();
  /** Today's name → the name at first sight. */
  const origins = new Map<string, string>();
  const overflow = new Set<string>();
  const kept = { bytes: 0 };

  const shown = (path: string) => relative(root, path).split(sep).join('/');

  const watch = (path: string) => {
    if (baselines.has(path)) return;
    const isFull = baselines.size >= MAX_WATCHED || kept.bytes > MAX_KEPT_BYTES;
    if (isFull) return void overflow.add(path);
    const sight = look(path);
    kept.bytes += sight.kind === 'blob' ? (sight.text?.length ?? 0) : 0;
    baselines.set(path, sight);
  };

  const moves = (from: string, to: string) => {
    watch(from);
    watch(to);
    const origin = origins.get(from) ?? from;
    origins.delete(from);
    if (origin !== to) origins.set(to, origin);
  };

  /** Today's name → original name, for what is a rename on the disk and not only in words. */
  const renames = (now: ReadonlyMap<string, Sight>): ReadonlyMap<string, string> => {
    const isGone = (path: string) => baselines.get(path)?.kind === 'blob' && now.get(path)?.kind === 'absent';
    const isNew = (path: string) => baselines.get(path)?.kind === 'absent' && now.get(path)?.kind === 'blob';
    const found = new Map<string, string>();
    for (const [to, from] of origins)
      if (isGone(from) && isNew(to) && ![...found.values()].includes(from)) found.set(to, from);
    return found;
  };

  const diff = async () => {
    const now = new Map([...baselines.keys()].map((path) => [path, look(path)]));
    const renamed = renames(now);
    const sources = new Set(renamed.values());
    const entries: Entry[] = [];
    for (const [path, after] of now) {
      const from = renamed.get(path) ?? path;
      if (sources.has(path)) continue;
      entries.push({ oldPath: shown(from), newPath: shown(path), before: baselines.get(from)!, after });
    }
    const note = overflow.size === 0 ? '' : `# ${overflow.size} more changed files are not shown\n`;
    return note + format(entries);
  };

  return {
    watch: (paths) => paths.forEach(watch),
    watchChanges: (changes, cwd) => {
      for (const { path, movedTo } of changes) {
        watch(resolve(cwd, path));
        if (movedTo !== undefined) moves(resolve(cwd, path), resolve(cwd, movedTo));
      }
    },
    moves,
    diff,
  };
};
