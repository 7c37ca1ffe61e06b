/**
 * Linux, through bubblewrap: own namespaces, the whole disk read-only with the writable roots on top, no capabilities,
 * no network unless allowed, and a seccomp program over it all.
 *
 * Promises: the environment of the command never reaches bubblewrap itself; its arguments travel through a pipe, so no
 * limit and no process list sees them; killing the leader ends every descendant, because the pid namespace ends.
 * `off` and `loopback` are the same here: a network namespace without routes has a loopback that leads nowhere. With a
 * list of hosts it leads to a gate; where there can be none, the network is off.
 */
import type { Command, Host, SandboxBackend, Terrain } from '../plan.ts';
import { exceptOf, hostsOf, networkInWords, networkOf, NO_LIST, type SandboxPolicy } from '../policy.ts';
import { denialOf } from './bubblewrap.denial.ts';
import { gated, gateProblem, type Gated } from './bubblewrap.gate.ts';
import { BOUND_PROC, disk, type Disk } from './bubblewrap.mounts.ts';
import { filterBytes } from './seccomp.ts';
import { base64, pack, setenv } from './packed.ts';
import { isArch, type Arch } from './seccomp.table.ts';

const SECCOMP_FD = 3;
const STATUS_FD = 4;
const ARGS_FD = 5;

const hasUnixSockets = (policy: SandboxPolicy): boolean =>
  policy.kind === 'workspaceWrite' && policy.unixSockets === true;

const inWords = (policy: SandboxPolicy, features: readonly string[], gate: Gated | null): string =>
  [
    policy.kind === 'readOnly' ? 'read-only' : 'workspace-write',
    `network ${hostsOf(policy) !== null && gate === null ? NO_LIST : networkInWords(networkOf(policy))}`,
    ...(features.includes(BOUND_PROC) ? ['/proc of the container'] : []),
  ].join(' · ');

const namespaces = (policy: SandboxPolicy): readonly string[] => [
  '--new-session', //       no ioctl into our terminal
  '--die-with-parent', //   no orphan when we are killed
  '--unshare-user', //      without it, root keeps its rights over the host
  '--unshare-pid',
  '--unshare-ipc',
  '--unshare-uts',
  '--unshare-cgroup-try',
  ...(networkOf(policy) === 'on' ? [] : ['--unshare-net']),
  '--disable-userns', //    no second namespace in which mounts could be undone
  ...['--cap-drop', 'ALL'],
];

/** A temporary folder of the host's is not there; whoever asks for it gets the one that is. */
const environment = (command: Command, policy: SandboxPolicy): Readonly<Record<string, string>> =>
  'TMPDIR' in command.env && !(policy.kind === 'workspaceWrite' && policy.tmp === 'host')
    ? { ...command.env, TMPDIR: '/tmp' }
    : command.env;

const gateFor = (command: Command, policy: SandboxPolicy, host: Host, { next }: Disk, arch: Arch): Gated | null => {
  const [hosts, perl] = [hostsOf(policy), host.helpers['perl']];
  if (hosts === null || !perl || gateProblem(host) !== null) return null;
  const inside = { ...command, env: environment(command, policy) };
  return gated(inside, hosts, exceptOf(policy), next, { perl: perl.path, arch });
};

const residueOf = ({ absentPaths }: Terrain): readonly string[] => absentPaths;

export const bubblewrap: SandboxBackend = {
  name: 'bubblewrap',

  unavailable: ({ platform, helpers, probes, arch = 'x64' }) => {
    if (platform !== 'linux') {
      return {
        layer: 'platform',
        reason: `bubblewrap is for Linux, this is ${platform}`,
        remedy: 'use Linux, or WSL 2',
      };
    }
    if (!isArch(arch)) {
      return {
        layer: 'seccomp',
        reason: `there is no system call table for ${arch}`,
        remedy: 'run in a container and choose external-sandbox',
      };
    }
    const said = probes['bubblewrap'];
    if (said) return said;
    return helpers['bwrap']
      ? null
      : {
          layer: 'not-installed',
          reason: 'bubblewrap is not installed',
          remedy: 'install it: apt install bubblewrap, dnf install bubblewrap, pacman -S bubblewrap',
        };
  },

  confine: (command, policy, terrain, host) => {
    const { helpers, arch = 'x64' } = host;
    const helper = helpers['bwrap'];
    if (!helper || !isArch(arch)) throw new Error('bubblewrap was asked to confine where it is unavailable');
    const mounted = disk(policy, terrain, helper.features);
    const gate = gateFor(command, policy, host, mounted, arch);
    const packed = pack([
      ...namespaces(policy),
      ...mounted.args,
      ...['--clearenv', ...(gate === null ? setenv(environment(command, policy)) : [])],
      ...['--chdir', command.cwd],
    ]);
    const filter = base64(filterBytes({ arch, unixSockets: hasUnixSockets(policy) }));
    return {
      ...command,
      backend: 'bubblewrap',
      argv: [
        helper.path,
        ...['--seccomp', String(SECCOMP_FD), '--json-status-fd', String(STATUS_FD), '--args', String(ARGS_FD)],
        ...['--', ...(gate ?? command).argv],
      ],
      cwd: '/', // a missing folder is then told by --chdir, and not as a missing bubblewrap
      env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
      inherited: [
        { fd: SECCOMP_FD, bytes: filter, encoding: 'base64' },
        { fd: ARGS_FD, bytes: packed, encoding: 'utf8' },
        ...mounted.folders,
        ...(gate === null ? [] : [gate.inherited]),
      ],
      ...(gate === null ? {} : { gate: gate.gate }),
      statusFd: STATUS_FD,
      ownsDescendants: true,
      residue: residueOf(terrain),
      inWords: { backend: 'bubblewrap', sandbox: inWords(policy, helper.features, gate) },
    };
  },

  denial: denialOf,
};
