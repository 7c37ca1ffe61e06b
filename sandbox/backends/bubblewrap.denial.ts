/**
 * Was it the sandbox that said no? A read-only mount answers EROFS where a file mode answers EACCES, so most of it can
 * be told apart: what the command's own world could have said is not taken for a denial. A folder that is covered answers
 * ENOENT; that it is there all the same, only somebody outside can say.
 */
import { dirname, join } from 'node:path';
import { isWithin } from '../paths.ts';
import type { Denial, ExecEnding, Outside, Spawn } from '../plan.ts';
import { candidatesIn, EACCES, ENOENT, noNetwork, read, readOnlyDisk, refusedCall, type Rule } from './denial.ts';
import { unpack } from './packed.ts';

/** A folder on top of which the sandbox put another one; null: an empty one. */
interface Cover {
  readonly path: string;
  readonly source: string | null;
}

interface Confinement {
  readonly cwd: string;
  readonly hidden: readonly string[];
  readonly covers: readonly Cover[];
  /** Places below a cover that are the real ones. */
  readonly shown: readonly string[];
  readonly hasNetwork: boolean;
}

/** What the sandbox was, read back from the arguments that made it. */
const confinementOf = ({ inherited }: Spawn): Confinement => {
  const packed = inherited.find((part) => 'bytes' in part && part.encoding === 'utf8');
  const args = packed && 'bytes' in packed ? unpack(packed.bytes) : [];
  const folderAt = (fd: string | undefined): string | null => {
    const part = inherited.find((other) => 'folder' in other && String(other.fd) === fd);
    return part && 'folder' in part ? part.folder : null;
  };
  const binds = args.flatMap((arg, at): readonly Cover[] => {
    const [source, path] = args.slice(at + 1);
    if (source === undefined || path === undefined) return [];
    if (/^--(?:ro-)?bind(?:-try)?$/.test(arg)) return [{ path, source }];
    return arg === '--bind-fd' ? [{ path, source: folderAt(source) }] : [];
  });
  const scratch = args.flatMap((arg, at): readonly Cover[] => {
    const path = args[at + 1];
    const isHidden = args[at - 4] === '--perms' && args[at - 3] === '0000';
    return arg === '--tmpfs' && path !== undefined && !isHidden ? [{ path, source: null }] : [];
  });
  return {
    cwd: args[args.lastIndexOf('--chdir') + 1] ?? '/',
    hidden: [
      ...args.flatMap((arg, at) => (arg === '--perms' && args[at + 1] === '0000' ? (args[at + 5] ?? []) : [])),
      ...binds.flatMap(({ path, source }) => (source === '/dev/null' ? path : [])),
    ],
    covers: [...scratch, ...binds.filter(({ path, source }) => source !== null && source !== path)],
    shown: binds.filter(({ path, source }) => source === path && path !== '/').map(({ path }) => path),
    hasNetwork: !args.includes('--unshare-net'),
  };
};

/** The path, or the folder that was to hold it, is there for us and not for the command. */
const isCovered = (path: string, { covers, shown }: Confinement, outside: Outside): boolean => {
  const cover = covers.find((one) => isWithin(path, one.path));
  if (cover === undefined || shown.some((place) => isWithin(path, place))) return false;
  return [path, dirname(path)].some((target) => {
    if (target === cover.path || !isWithin(target, cover.path) || !outside.exists(target)) return false;
    return cover.source === null || !outside.exists(join(cover.source, target.slice(cover.path.length)));
  });
};

const rulesFor = (spawn: Spawn, outside: Outside | undefined): readonly Rule[] => {
  const confinement = confinementOf(spawn);
  const { cwd, hidden, hasNetwork } = confinement;
  const isHidden = (line: string): boolean =>
    hidden.some((folder) => line.includes(folder) || candidatesIn(line, cwd).some((path) => isWithin(path, folder)));
  return [
    readOnlyDisk,
    (line) => (EACCES.test(line) && isHidden(line) ? { what: 'filesystem', certainty: 'likely' } : null),
    (line) =>
      outside && ENOENT.test(line) && candidatesIn(line, cwd).some((path) => isCovered(path, confinement, outside))
        ? { what: 'filesystem', certainty: 'likely' }
        : null,
    (line, around) => (hasNetwork ? null : noNetwork(line, around)),
    refusedCall,
  ];
};

export const denialOf = (ending: ExecEnding, output: string, spawn: Spawn, outside?: Outside): Denial | null =>
  read(ending, output, () => rulesFor(spawn, outside));
