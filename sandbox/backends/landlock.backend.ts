/**
 * Linux without user namespaces, through Landlock and a seccomp filter: only for `read-only`, and only where the user chose
 * it, because it holds less. It cannot protect a folder inside of a writable one, so it keeps no other policy.
 *
 * Promises: nothing on the disk may be changed but the scratch folder; what is hidden cannot be read (its names can be
 * listed); no signal to processes outside, no look into them; without `network: on` no socket but pairs.
 */
import type { Command, Host, SandboxBackend, Terrain, Unavailable } from '../plan.ts';
import { hostsOf, networkOf, NO_LIST, type SandboxPolicy } from '../policy.ts';
import { landlockDenialOf } from './landlock.denial.ts';
import { FILTER_FD, launcher, STATUS_FD, WORDS_FD } from './landlock.launcher.ts';
import { tableForLandlock } from './landlock.table.ts';
import { base64, pack, setenv } from './packed.ts';
import { filterBytes } from './seccomp.ts';
import { isArch } from './seccomp.table.ts';

/** Where others leave what is theirs, and sockets of daemons. A workspace that lies there is bound back by `kept`. */
const NOT_READ = ['/tmp', '/var/tmp', '/run', '/dev'];
const READ_BACK = ['/run/systemd/resolve', '/run/current-system', '/run/booted-system', '/run/opengl-driver'];
const DEVICES = ['null', 'zero', 'full', 'random', 'urandom', 'tty', 'ptmx', 'pts'].map((name) => `/dev/${name}`);

const no = (layer: string, reason: string, remedy: string): Unavailable => ({ layer, reason, remedy });

const unfit = (policy: SandboxPolicy): Unavailable | null => {
  if (policy.kind !== 'readOnly') return no('policy', 'Landlock is for read-only', 'choose read-only');
  if (policy.fallback !== 'landlock')
    return no('policy', 'Landlock was not chosen', 'sandbox_fallback = "landlock" allows it for read-only');
  return networkOf(policy) === 'loopback'
    ? no('policy', 'Landlock cannot tell one network from another', 'choose network off or on')
    : null;
};

const unavailable = ({ platform, helpers, probes, arch = 'x64' }: Host, policy: SandboxPolicy): Unavailable | null => {
  if (platform !== 'linux')
    return no('platform', `Landlock is for Linux, this is ${platform}`, 'use Linux, or WSL 2 with a kernel of its own');
  const problem = unfit(policy);
  if (problem !== null) return problem;
  if (!isArch(arch)) return no('seccomp', `there is no system call table for ${arch}`, 'choose external-sandbox');
  const said = probes['landlock'];
  if (said) return said;
  return helpers['perl'] ? null : no('not-installed', 'Landlock needs perl to start a command', 'install perl-base');
};

/** Which words tell the launcher of the disk. As many as there are rules, however many files there are. */
const disk = ({ hidden, kept = [], privateTmp }: Terrain): readonly string[] => [
  ...[...NOT_READ, ...hidden.map(({ path }) => path)].flatMap((path) => ['--hide', path]),
  ...[...READ_BACK, ...kept].flatMap((path) => ['--keep', path]),
  ...DEVICES.flatMap((path) => ['--device', path]),
  ...(privateTmp === null ? [] : ['--scratch', privateTmp]),
];

const environment = ({ env }: Command, { privateTmp }: Terrain): Command['env'] =>
  privateTmp === null ? env : { ...env, TMPDIR: privateTmp };

export const landlock: SandboxBackend = {
  name: 'landlock',

  unavailable,

  confine: (command, policy, terrain, { helpers, arch = 'x64' }) => {
    const perl = helpers['perl'];
    if (!perl || !isArch(arch)) throw new Error('Landlock was asked to confine where it is unavailable');
    const network = networkOf(policy) === 'on' ? 'on' : 'off';
    const filter = filterBytes({ arch, unixSockets: false }, tableForLandlock({ arch, network }));
    const words = pack([
      ...disk(terrain),
      ...['--network', network],
      ...setenv(environment(command, terrain)),
      ...['--chdir', command.cwd],
    ]);
    return {
      ...command,
      backend: 'landlock',
      argv: [perl.path, '-f', '-e', launcher(arch), '--', ...command.argv],
      cwd: '/',
      env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
      inherited: [
        { fd: FILTER_FD, bytes: base64(filter), encoding: 'base64' },
        { fd: WORDS_FD, bytes: words, encoding: 'utf8' },
      ],
      statusFd: STATUS_FD,
      ownsDescendants: false,
      residue: [],
      inWords: {
        backend: 'landlock',
        sandbox: `read-only · network ${hostsOf(policy) === null ? network : NO_LIST} · no namespaces`,
      },
    };
  },

  denial: landlockDenialOf,
};
