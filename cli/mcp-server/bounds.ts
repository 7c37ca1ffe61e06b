/**
 * What a caller may choose. The one who calls is a model: it may narrow what the person gave who started the server, and
 * never widen it. It works in the folder in which the server was started, or in one of `--add-dir`, and below; its sandbox
 * is at most that of the command line and the configuration. Whatever goes beyond is a UsageError that says what to change.
 */
import { realpathSync } from 'node:fs';
import { isAbsolute, relative, resolve } from 'node:path';
import type { RuntimeConfig } from '../../actors/contract.ts';
import type { Flags } from '../flags.ts';
import { UsageError } from '../mode.ts';

type Mode = NonNullable<Flags['sandbox']>;

const WIDTH = { 'read-only': 0, 'workspace-write': 1, 'danger-full-access': 2 } as const satisfies Record<Mode, number>;
const WIDTH_OF = {
  readOnly: WIDTH['read-only'],
  workspaceWrite: WIDTH['workspace-write'],
  external: WIDTH['danger-full-access'],
  fullAccess: WIDTH['danger-full-access'],
} as const satisfies Record<RuntimeConfig['sandbox']['kind'], number>;

/** Where a path leads, whatever links are on the way. */
const real = (path: string): string => {
  try {
    return realpathSync(path);
  } catch {
    throw new UsageError(`cwd: there is no folder ${path}`);
  }
};
const isWithin = (folder: string, path: string): boolean => {
  const way = relative(folder, path);
  return way === '' || (!way.startsWith('..') && !isAbsolute(way));
};

export const folderFor = (wanted: string | undefined, base: string, addDirs: readonly string[]): string => {
  if (wanted === undefined) return base;
  const cwd = real(resolve(base, wanted));
  if ([base, ...addDirs].some((folder) => isWithin(real(folder), cwd))) return cwd;
  throw new UsageError(`cwd: ${cwd} is outside of ${base}; start turnstile mcp-server in a folder that contains it`);
};

export const sandboxFor = (wanted: Mode, given: RuntimeConfig['sandbox']): Mode => {
  if (WIDTH[wanted] <= WIDTH_OF[given.kind]) return wanted;
  throw new UsageError(
    `sandbox: ${wanted} is more than was given; start turnstile mcp-server with --sandbox ${wanted}`,
  );
};
