/**
 * Takes each part out of the sandbox, one at a time, and looks whether the suite notices. Not part of the tests:
 * The group that takes too much is left out, and whoever survives a weakened sandbox is ended by its mark.
 * `node test/hostile/mutation.ts [WORD]` prints a table and fails when a part can go unnoticed that is not known to be a second line.
 */
import { filterBytes, tableFor, type Table } from '../../sandbox/backends/seccomp.ts';
import { numberOf, type CallName } from '../../sandbox/backends/seccomp.table.ts';
import { findHost, probe } from '../../sandbox/host.ts';
import type { Inherited, Spawn } from '../../sandbox/plan.ts';
import { GROUPS } from './attempts/index.ts';
import { judge, type Stage } from './judge.ts';
import { SECOND_LINES } from './second-lines.ts';
import { survivors } from './witness.ts';
import { createWorld } from './world.ts';

interface Mutation {
  readonly name: string;
  readonly groups: readonly string[];
  readonly weaken: (spawn: Spawn) => Spawn;
  /** Only attempts with this word in them; for a rule of the filter, its number. */
  readonly word?: RegExp;
}

const NOBODY = { uid: 65534, gid: 65534 };
const EVERYWHERE = ['files', 'git', 'secrets', 'network', 'kernel', 'environment', 'robustness'];

// ---- the arguments -------------------------------------------------------------------------------------------------

const mapArgs = (spawn: Spawn, change: (args: readonly string[]) => readonly string[]): Spawn => ({
  ...spawn,
  inherited: spawn.inherited.map((part): Inherited =>
    'bytes' in part && part.fd === 5
      ? {
          ...part,
          bytes: change(part.bytes.split('\0').slice(0, -1))
            .map((arg) => `${arg}\0`)
            .join(''),
        }
      : part,
  ),
});

/** Options with their values: `['--tmpfs', '/run']`; `--perms` and `--size` belong to what follows them. */
const split = (args: readonly string[]): readonly (readonly string[])[] => {
  const options: string[][] = [];
  for (const arg of args) {
    const last = options.at(-1);
    const isPrefix = last !== undefined && /^--(perms|size)$/.test(last.at(-2) ?? '') && arg.startsWith('--');
    if (!last || (arg.startsWith('--') && !isPrefix)) options.push([arg]);
    else last.push(arg);
  }
  return options;
};

const drop = (name: string, fits: (option: string) => boolean, groups = EVERYWHERE): Mutation => ({
  name,
  groups,
  weaken: (spawn) =>
    mapArgs(spawn, (args) =>
      split(args)
        .filter((option) => !fits(option.join(' ')))
        .flat(),
    ),
});

const replace = (name: string, from: string, to: readonly string[], groups = EVERYWHERE): Mutation => ({
  name,
  groups,
  weaken: (spawn) =>
    mapArgs(spawn, (args) => split(args).flatMap((option) => (option.join(' ') === from ? to : option))),
});

const exactly =
  (text: string) =>
  (option: string): boolean =>
    option === text;

/** Pins are the bindings before the first folder that is mounted on top of them. */
const withoutPins: Mutation = {
  name: 'the pins',
  groups: ['git'],
  weaken: (spawn) =>
    mapArgs(spawn, (args) => {
      const options = split(args);
      const end = options.findIndex((option) => option.includes('/run'));
      return options.filter((option, at) => at > end || option[0] !== '--ro-bind' || option[1] === '/').flat();
    }),
};

const ARGUMENTS: readonly Mutation[] = [
  ...['--new-session', '--die-with-parent', '--unshare-user', '--unshare-pid', '--unshare-ipc', '--unshare-uts'].map(
    (flag) => drop(flag, exactly(flag), ['kernel', 'secrets', 'files']),
  ),
  drop('--unshare-cgroup-try', exactly('--unshare-cgroup-try'), ['kernel']),
  drop('--unshare-net', exactly('--unshare-net'), ['network', 'kernel']),
  drop('--disable-userns', exactly('--disable-userns'), ['kernel', 'files']),
  drop('--cap-drop ALL', exactly('--cap-drop ALL'), ['kernel', 'files']),
  replace('the read-only root', '--ro-bind / /', ['--bind', '/', '/'], ['files']),
  drop('--remount-ro /dev', exactly('--remount-ro /dev'), ['files']),
  drop('the limit of /dev/shm', (option) => option.endsWith('--tmpfs /dev/shm'), ['files']),
  drop('--proc /proc', exactly('--proc /proc'), ['kernel', 'secrets']),
  drop('--remount-ro /proc', exactly('--remount-ro /proc'), ['kernel']),
  drop('the cover of /run', (option) => option.endsWith('--tmpfs /run'), ['files', 'network', 'secrets']),
  drop('the cover of /tmp', (option) => /^--bind-fd \d+ \/tmp$/.test(option), ['files', 'network', 'secrets']),
  drop('the cover of /var/tmp', (option) => /^--bind-fd \d+ \/var\/tmp$/.test(option), ['files', 'secrets']),
  withoutPins,
  drop('.git read-only', (option) => /^--ro-bind \S+\/ws\/\.git /.test(option), ['git']),
  drop('a nested .git read-only', (option) => /^--ro-bind \S+\/inner\/\.git /.test(option), ['git']),
  drop('the file .git of a worktree', (option) => /^--ro-bind \S+\/linked\/\.git /.test(option), ['git']),
  drop('a bare repository', (option) => /^--ro-bind \S+bare\.git\/(config|hooks) /.test(option), ['git']),
  drop('.vscode read-only', (option) => /^--ro-bind \S+\.vscode /.test(option), ['git']),
  drop('.git that must not be made', (option) => /\.git$/.test(option) && /--perms 0555|--remount-ro/.test(option), [
    'git',
  ]),
  drop('others that must not be made', (option) => /\.(codex|agents|claude|turnstile)$/.test(option), ['git']),
  drop('--remount-ro of what must not be made', (option) => /^--remount-ro \S+\.(git|codex|agents)$/.test(option), [
    'git',
  ]),
  drop('hidden folders', (option) => option.startsWith('--perms 0000'), ['secrets']),
  drop('--remount-ro of hidden folders', (option) => /^--remount-ro \S+\/home\//.test(option), ['secrets']),
  drop('hidden files', (option) => option.startsWith('--ro-bind /dev/null'), ['secrets']),
  drop('--clearenv', exactly('--clearenv'), ['environment', 'secrets', 'robustness']),
  {
    name: 'an environment of its own for bubblewrap',
    groups: ['secrets', 'environment'],
    weaken: (spawn) => ({ ...spawn, env: { ...spawn.env, ...process.env, LD_DEBUG: 'help' } as Spawn['env'] }),
  },
];

// ---- the filter ----------------------------------------------------------------------------------------------------

const OPTIONS = { arch: process.arch === 'arm64' ? 'arm64' : 'x64', unixSockets: false } as const;
const FULL = tableFor(OPTIONS);

const withFilter = (spawn: Spawn, bytes: Uint8Array): Spawn => ({
  ...spawn,
  inherited: spawn.inherited.map((part): Inherited =>
    'bytes' in part && part.fd === 3 ? { ...part, bytes: Buffer.from(bytes).toString('base64') } : part,
  ),
});

const refilter = (name: string, call: CallName, table: Partial<Table>): Mutation => ({
  word: new RegExp(`\\b${numberOf(call, OPTIONS.arch)}\\b|PF_UNIX|chmod`),
  name: `filter: ${name}`,
  groups: ['kernel', 'network', 'files'],
  weaken: (spawn) => withFilter(spawn, filterBytes(OPTIONS, { ...FULL, ...table })),
});

/** Instructions that always jump to the next one instead. */
const patched = (name: string, from: number, to: number): Mutation => ({
  name: `filter: ${name}`,
  groups: ['kernel'],
  weaken: (spawn) => {
    const bytes = filterBytes(OPTIONS, FULL);
    const allow = bytes.slice(-8);
    for (let at = from; at < to; at += 1) bytes.set(allow, at * 8);
    return withFilter(spawn, bytes);
  },
});

const FILTER: readonly Mutation[] = [
  {
    name: 'the whole filter',
    groups: ['kernel'],
    weaken: (spawn) => ({ ...spawn, argv: [spawn.argv[0], ...spawn.argv.slice(3)] }),
  },
  patched('the test of the architecture', 2, 3),
  patched('the numbers of x32', 5, 6),
  ...FULL.absent.map((call) => refilter(call, call, { absent: FULL.absent.filter((other) => other !== call) })),
  ...FULL.forbidden.map((call) =>
    refilter(call, call, { forbidden: FULL.forbidden.filter((other) => other !== call) }),
  ),
  ...FULL.judged.map((rule, index) =>
    refilter(`${rule.call} by argument ${rule.arg} (${index})`, rule.call, {
      judged: FULL.judged.filter((other) => other !== rule),
    }),
  ),
];

// ---- the run -------------------------------------------------------------------------------------------------------

const host = await probe(findHost());
process.env['HOSTILE_CANARY'] = 'HOSTILE_CANARY_VALUE';

const end = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended in the meantime.
  }
};

const noticed = async ({ groups, weaken, word }: Mutation): Promise<string | null> => {
  for (const as of process.getuid?.() === 0 ? [undefined, NOBODY] : [undefined]) {
    for (const group of GROUPS.filter(({ name }) => groups.includes(name))) {
      await using world = await createWorld(as?.uid ?? process.getuid?.() ?? 0);
      const stage: Stage = { world, host, mode: 'workspace-write', weaken, ...(as ? { as } : {}) };
      for (const attempt of group.attempts) {
        if (attempt.modes?.includes('workspace-write') === false || attempt.needs?.()) continue;
        if (word && !word.test(attempt.script)) continue;
        if (!as && process.getuid?.() === 0 && attempt.users?.includes('root') === false) continue;
        const found = await judge(attempt, stage);
        for (const pid of survivors(world.mark)) end(pid);
        if (found !== null)
          return `${group.name}, ${as ? 'ordinary' : 'as we are'}: ${attempt.name}: ${found.slice(0, 80)}`;
      }
    }
  }
  return null;
};

const wanted = process.argv[2];
const outcome = { unexplained: 0 };
for (const mutation of [...ARGUMENTS, ...FILTER].filter(({ name }) => wanted === undefined || name.includes(wanted))) {
  const found = await noticed(mutation);
  const why = SECOND_LINES[mutation.name];
  if (found === null && why === undefined) outcome.unexplained += 1;
  const verdict = found ?? (why === undefined ? 'UNNOTICED' : `second line: ${why}`);
  console.log(`${mutation.name.padEnd(46)} ${verdict.replaceAll('\n', ' ')}`);
}
console.log(
  outcome.unexplained === 0
    ? 'every part is noticed, or is a known second line'
    : `${outcome.unexplained} parts can go unnoticed`,
);
process.exitCode = outcome.unexplained === 0 ? 0 : 1;
