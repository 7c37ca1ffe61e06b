import { describe, expect, it } from 'vitest';
import type { Host, Spawn, Terrain } from '../plan.ts';
import type { SandboxPolicy } from '../policy.ts';
import { BARE_HOST, commandOf, HOST, MAC, TERRAIN } from '../request.fixture.ts';
import { bubblewrap } from './bubblewrap.backend.ts';

const WORKSPACE: SandboxPolicy = { kind: 'workspaceWrite', writableRoots: ['/ws'], network: 'off', tmp: 'private' };
const READ_ONLY: SandboxPolicy = { kind: 'readOnly', network: 'off' };

const confine = (policy: SandboxPolicy, terrain: Partial<Terrain> = {}, host: Host = HOST): Spawn =>
  bubblewrap.confine(
    { ...commandOf('echo', 'a b'), env: { A: '1', TMPDIR: '/x' } },
    policy,
    { ...TERRAIN, ...terrain },
    host,
  );

/** The packed arguments, one option a line. */
const options = ({ inherited }: Spawn): readonly string[] => {
  const packed = inherited.find((part) => 'bytes' in part && part.fd === 5);
  const words = packed && 'bytes' in packed ? packed.bytes.split('\0').slice(0, -1) : [];
  return words.join(' ').replaceAll(' --', '\n--').split('\n');
};

const NAMESPACES = [
  ...['--new-session', '--die-with-parent', '--unshare-user', '--unshare-pid', '--unshare-ipc', '--unshare-uts'],
  ...['--unshare-cgroup-try', '--unshare-net', '--disable-userns', '--cap-drop ALL'],
];
const BASE = [
  ...['--ro-bind / /', '--dev /dev', '--perms 1777', '--size 536870912', '--tmpfs /dev/shm', '--remount-ro /dev'],
  ...['--proc /proc', '--remount-ro /proc'],
];
const RUN = ['--perms 0755', '--size 1048576', '--tmpfs /run'];
const RUN_BACK = ['current-system', 'booted-system', 'opengl-driver'].map(
  (name) => `--ro-bind-try /run/${name} /run/${name}`,
);
const RESOLVE = '--ro-bind-try /run/systemd/resolve /run/systemd/resolve';
const hide = (path: string) => ['--perms 0000', '--size 4096', `--tmpfs ${path}`, `--remount-ro ${path}`];

describe('the arguments', () => {
  it('of workspace-write, in the order that is the policy', () => {
    expect(options(confine(WORKSPACE))).toEqual([
      ...NAMESPACES,
      ...BASE,
      ...['--ro-bind /ws/sub /ws/sub', '--ro-bind /ws/sub/inner /ws/sub/inner'],
      ...RUN,
      '--bind-fd 6 /tmp',
      '--bind-fd 7 /ws',
      ...RUN_BACK,
      '--bind-fd 8 /var/tmp',
      '--ro-bind /ws/.git /ws/.git',
      ...['--perms 0555', '--size 4096', '--tmpfs /ws/.codex', '--remount-ro /ws/.codex'],
      RESOLVE,
      ...hide('/home/user/.ssh'),
      '--ro-bind /dev/null /home/user/.netrc',
      '--ro-bind /ws/sub/inner/.git /ws/sub/inner/.git',
      ...['--clearenv', '--setenv A 1', '--setenv TMPDIR /tmp', '--chdir /ws'],
    ]);
  });

  it('of read-only: scratch space that ends with the command', () => {
    const given = options(confine(READ_ONLY, { roots: [], protectedPaths: [], absentPaths: [], privateTmp: null }));
    const scratch = (path: string) => ['--perms 1777', '--size 536870912', `--tmpfs ${path}`];
    expect(given).toEqual([
      ...NAMESPACES,
      ...BASE,
      ...RUN,
      ...scratch('/tmp'),
      ...RUN_BACK,
      ...scratch('/var/tmp'),
      RESOLVE,
      ...hide('/home/user/.ssh'),
      '--ro-bind /dev/null /home/user/.netrc',
      ...['--clearenv', '--setenv A 1', '--setenv TMPDIR /tmp', '--chdir /ws'],
    ]);
  });

  it('with the network on: no namespace of its own', () => {
    expect(options(confine({ ...WORKSPACE, network: 'on' }))).not.toContain('--unshare-net');
    expect(options(confine({ ...WORKSPACE, network: 'loopback' }))).toContain('--unshare-net');
  });

  it('R32: with a list of hosts, a launcher that has the environment as words, and a line out', () => {
    const perl = { path: '/usr/bin/perl', version: 'unknown', features: [] };
    const network = { hosts: ['a.test'] };
    const spawn = confine({ ...WORKSPACE, network }, {}, { ...HOST, helpers: { ...HOST.helpers, perl } });
    expect(options(spawn)).toEqual(expect.arrayContaining(['--unshare-net', '--clearenv']));
    expect(options(spawn).filter((line) => line.startsWith('--setenv'))).toEqual([]);
    expect(spawn.gate).toEqual({ fd: 9, hosts: ['a.test'] });
    expect(spawn.argv.slice(-3)).toEqual(['--', 'echo', 'a b']);
    const words = spawn.inherited.find(({ fd }) => fd === 10);
    const pairs = words && 'bytes' in words ? words.bytes.split('\0') : [];
    expect(pairs.slice(0, 6)).toEqual(['A', '1', 'TMPDIR', '/tmp', 'HTTP_PROXY', 'http://127.0.0.1:3128']);
    expect(confine({ ...WORKSPACE, network }).gate).toBeUndefined();
  });

  it('with the /tmp of the host', () => {
    const spawn = confine({ ...WORKSPACE, tmp: 'host' });
    expect(spawn.inherited).toContainEqual({ fd: 6, folder: '/tmp' });
    expect(options(spawn)).toContain('--setenv TMPDIR /x');
  });

  it('without descriptors where bubblewrap cannot take them', () => {
    const old = { ...HOST, helpers: { bwrap: { path: '/usr/bin/bwrap', version: '0.9.0', features: [] } } };
    const spawn = confine(WORKSPACE, {}, old);
    expect(options(spawn)).toContain('--bind /ws /ws');
    expect(spawn.inherited.map(({ fd }) => fd)).toEqual([3, 5]);
  });

  it('keep a workspace below /tmp in sight, and hide nothing that is covered anyway', () => {
    const given = options(
      confine(READ_ONLY, {
        roots: [],
        protectedPaths: [],
        absentPaths: [],
        privateTmp: null,
        kept: ['/tmp/project'],
        hidden: [{ path: '/tmp/home/.ssh', isFolder: true }],
      }),
    );
    expect(given.indexOf('--ro-bind /tmp/project /tmp/project')).toBeGreaterThan(given.indexOf('--tmpfs /tmp'));
    expect(given.join('\n')).not.toContain('.ssh');
  });

  it('mount an outer root before an inner one, and pin what lies between', () => {
    const given = options(confine(WORKSPACE, { roots: ['/a/b/c', '/a'], protectedPaths: [], absentPaths: [] }));
    const at = (text: string) => given.findIndex((line) => line.endsWith(text));
    expect(given).toContain('--ro-bind /a/b /a/b');
    expect(at(' /a/b')).toBeLessThan(at(' /a'));
    expect(at(' /a')).toBeLessThan(at(' /a/b/c'));
  });

  it('write everything where / is a root', () => {
    expect(options(confine(WORKSPACE, { roots: ['/'], protectedPaths: [], absentPaths: [] }))).toContain('--bind / /');
  });
});

describe('the process', () => {
  it('is bubblewrap by absolute path, with an environment of its own, in /', () => {
    expect(confine(WORKSPACE)).toMatchObject({
      argv: ['/usr/bin/bwrap', '--seccomp', '3', '--json-status-fd', '4', '--args', '5', '--', 'echo', 'a b'],
      cwd: '/',
      env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
      statusFd: 4,
      ownsDescendants: true,
      residue: ['/ws/.codex'],
      inWords: { backend: 'bubblewrap', sandbox: 'workspace-write · network off' },
    });
  });

  it('is JSON and survives the journal', () => {
    const spawn = confine(WORKSPACE);
    expect(JSON.parse(JSON.stringify(spawn))).toEqual(spawn);
  });

  it('is never made from an argument with NUL', () => {
    const command = { ...commandOf('true'), env: { A: 'x\0--bind\0/\0/' } };
    expect(() => bubblewrap.confine(command, WORKSPACE, TERRAIN, HOST)).toThrow('NUL');
  });
});

describe('where it cannot be used', () => {
  it.each([
    ['here', HOST, undefined],
    ['on macOS', MAC, 'platform'],
    ['where it is not installed', BARE_HOST, 'not-installed'],
    ['on an unknown architecture', { ...HOST, arch: 'riscv64' }, 'seccomp'],
    [
      'where the probe failed',
      { ...HOST, probes: { bubblewrap: { layer: 'userns-forbidden', reason: 'r', remedy: 'm' } } },
      'userns-forbidden',
    ],
  ])('%s', (_where, host, layer) => expect(bubblewrap.unavailable(host, WORKSPACE)?.layer).toBe(layer));
});
