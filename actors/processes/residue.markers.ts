/**
 * Who needs which mount points, told between processes by files: one per run, named after the process that runs it. A file
 * counts as long as that process lives. `run`: it needs them. `leave`: it is about to take them away, so nobody may start
 * to need one of them until the file is gone. A file changes hands and meaning by renaming it, so only one wins.
 */
import { lstatSync, mkdirSync, readdirSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Marker {
  readonly path: string;
  readonly mounts: readonly string[];
  readonly isLeaving: boolean;
  readonly isAlive: boolean;
}

export interface Markers {
  /** Those of everybody, also of the dead. */
  all(): readonly Marker[];
  /** A new one that needs these. */
  put(mounts: readonly string[]): string;
  /** Makes it one of ours that leaves; null: somebody else was faster. */
  leave(path: string): string | null;
  remove(path: string): void;
}

const attempt = <T>(look: () => T): T | null => {
  try {
    return look();
  } catch {
    return null; // a file that is gone in the meantime is an answer
  }
};

/** When a process began, in ticks: with its number, a name that is not given twice. Null: it is gone. */
const beginOf = (pid: string): string | null => {
  const line = attempt(() => readFileSync(`/proc/${pid}/stat`, 'latin1'));
  if (line === null) return null;
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? null : (fields[19] ?? null);
};

const isOurs = (folder: string): boolean => {
  const stat = lstatSync(folder);
  return stat.isDirectory() && stat.uid === process.getuid?.() && (stat.mode & 0o077) === 0;
};

const NAME = /^(\d+)\.(\d+)\.\d+\.(run|leave)$/;

/** Null where there is no folder of our own for them. */
export const openMarkers = (folder: string): Markers | null => {
  attempt(() => mkdirSync(folder, { mode: 0o700 })); // or it is there
  const isUsable = attempt(() => isOurs(folder));
  const begin = beginOf(String(process.pid));
  if (isUsable !== true || begin === null) return null;
  const count = { names: 0 };
  const name = (kind: 'run' | 'leave') => {
    const taken = new Set(readdirSync(folder));
    for (;;) {
      const stem = `${process.pid}.${begin}.${++count.names}`;
      if (!taken.has(`${stem}.run`) && !taken.has(`${stem}.leave`)) return join(folder, `${stem}.${kind}`);
    }
  };
  const read = (file: string): Marker | null => {
    const [, pid, since, kind] = NAME.exec(file) ?? [];
    if (pid === undefined) return null;
    const path = join(folder, file);
    const text = attempt(() => readFileSync(path, 'utf8'));
    if (text === null) return null;
    return { path, mounts: text.split('\0'), isLeaving: kind === 'leave', isAlive: beginOf(pid) === since };
  };
  return {
    all: () => (attempt(() => readdirSync(folder)) ?? []).flatMap((file) => read(file) ?? []),
    put: (mounts) => {
      const path = name('run');
      writeFileSync(`${path}.new`, mounts.join('\0'), { mode: 0o600 });
      renameSync(`${path}.new`, path); // nobody sees half of it
      return path;
    },
    leave: (path) => {
      const left = name('leave');
      return attempt(() => (renameSync(path, left), left));
    },
    remove: (path) => void attempt(() => unlinkSync(path)),
  };
};
