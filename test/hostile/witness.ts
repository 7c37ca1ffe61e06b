/** Looks at the host from outside before and after, and says what changed. */
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';

const tryOr = <T>(read: () => T, otherwise: T): T => {
  try {
    return read();
  } catch {
    return otherwise;
  }
};

const contentOf = (path: string, stat: fs.Stats): string => {
  if (stat.isSymbolicLink()) return fs.readlinkSync(path);
  return stat.isFile() ? createHash('sha1').update(fs.readFileSync(path)).digest('hex') : '';
};

/** Every path with its mode, owner and content, as lines. */
export const treeOf = (folder: string, skip: readonly string[] = []): ReadonlyMap<string, string> => {
  const seen = new Map<string, string>();
  const walk = (path: string): void => {
    if (skip.includes(path)) return;
    const stat = tryOr(() => fs.lstatSync(path), null);
    if (!stat) return;
    seen.set(path, `${stat.mode.toString(8)} ${stat.uid} ${contentOf(path, stat)}`);
    if (stat.isDirectory()) for (const name of tryOr(() => fs.readdirSync(path), [])) walk(join(path, name));
  };
  walk(folder);
  return seen;
};

export const differences = (
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): readonly string[] => [
  ...[...after.keys()].filter((path) => !before.has(path)).map((path) => `appeared: ${path}`),
  ...[...before.keys()].filter((path) => !after.has(path)).map((path) => `vanished: ${path}`),
  ...[...after]
    .filter(([path, now]) => before.has(path) && before.get(path) !== now)
    .map(([path]) => `changed: ${path}`),
];

const KERNEL_FILES = [
  'kernel/core_pattern',
  'kernel/hostname',
  'kernel/domainname',
  'kernel/randomize_va_space',
  'kernel/modprobe',
  'kernel/yama/ptrace_scope',
  'vm/overcommit_memory',
  'vm/swappiness',
  'net/ipv4/ip_forward',
  'fs/file-max',
];
const SYSTEM_FOLDERS = [
  '/etc',
  '/etc/cron.d',
  '/usr/bin',
  '/usr/local/bin',
  '/var/spool/cron',
  '/boot',
  '/root',
  '/run',
  '/dev/shm',
];

/** Names that only an attempt uses: it writes them into shared folders, where other things may change as well. */
const PLANTED = /hostile-planted/;

export const machineState = (): ReadonlyMap<string, string> =>
  new Map([
    ['hostname', hostname()],
    ...KERNEL_FILES.map((name) => [name, tryOr(() => fs.readFileSync(join('/proc/sys', name), 'utf8'), '')] as const),
    ...SYSTEM_FOLDERS.concat('/tmp', '/var/tmp', '/').map(
      (folder) =>
        [
          folder,
          tryOr(() => fs.readdirSync(folder), [])
            .filter((name) => PLANTED.test(name))
            .join(' '),
        ] as const,
    ),
    ...['/etc/passwd', '/etc/ld.so.preload', '/etc/crontab', '/root/.bashrc'].map(
      (path) => [path, tryOr(() => createHash('sha1').update(fs.readFileSync(path)).digest('hex'), '')] as const,
    ),
  ]);

/** Processes that carry the mark of a world. */
export const survivors = (mark: string): readonly number[] =>
  fs
    .readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && pid !== process.pid)
    .filter((pid) => tryOr(() => fs.readFileSync(`/proc/${pid}/environ`, 'latin1'), '').includes(mark));
