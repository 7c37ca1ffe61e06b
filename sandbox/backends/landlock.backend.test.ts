/** R27: what Landlock is given, for which policies, and that its filter says what its table says. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Host, Outside } from '../plan.ts';
import { choose, reasonsAgainst } from '../registry.ts';
import { BARE_HOST, commandOf, HOST, MAC, TERRAIN } from '../request.fixture.ts';
import { landlock } from './landlock.backend.ts';
import { tableForLandlock } from './landlock.table.ts';
import { unpack } from './packed.ts';
import { filterBytes, run, type Outcome } from './seccomp.ts';
import { AUDIT_ARCH, ENOSYS, EPERM, NUMBERS, numberOf, type Arch, type CallName } from './seccomp.table.ts';

const POLICY = { kind: 'readOnly', network: 'off', fallback: 'landlock' } as const;
const PERL = { path: '/usr/bin/perl', version: 'unknown', features: [] };
const here: Host = { ...BARE_HOST, helpers: { perl: PERL }, probes: { landlock: null } };
const confine = (network: 'off' | 'on' = 'off') =>
  landlock.confine(commandOf('echo', 'a b'), { ...POLICY, network }, { ...TERRAIN, roots: [] }, here);
const wordsOf = ({ inherited }: ReturnType<typeof confine>) => {
  const part = inherited.find((one) => 'bytes' in one && one.fd === 5);
  return part && 'bytes' in part ? unpack(part.bytes) : [];
};

describe('where it is used', () => {
  it.each([
    ['here', here, POLICY, undefined],
    ['where it was not chosen', here, { kind: 'readOnly', network: 'off' }, 'policy'],
    [
      'for a workspace',
      here,
      { kind: 'workspaceWrite', writableRoots: ['/ws'], network: 'off', tmp: 'private' },
      'policy',
    ],
    ['for loopback only', here, { ...POLICY, network: 'loopback' }, 'policy'],
    ['on macOS', MAC, POLICY, 'platform'],
    ['without perl', BARE_HOST, POLICY, 'not-installed'],
    ['on an unknown architecture', { ...here, arch: 'riscv64' }, POLICY, 'seccomp'],
    [
      'where the probe failed',
      { ...here, probes: { landlock: { layer: 'landlock-abi', reason: 'r', remedy: 'm' } } },
      POLICY,
      'landlock-abi',
    ],
  ] as const)('%s', (_where, host, policy, layer) => expect(landlock.unavailable(host, policy)?.layer).toBe(layer));

  it('after bubblewrap, and never unless chosen', () => {
    const both = { ...HOST, helpers: { ...HOST.helpers, perl: PERL } };
    expect(choose(both, POLICY)?.name).toBe('bubblewrap');
    expect(choose(here, POLICY)?.name).toBe('landlock');
    expect(choose(here, { kind: 'readOnly', network: 'off' })).toBe(null);
    expect(reasonsAgainst(here, { kind: 'readOnly', network: 'off' }).map(({ layer }) => layer)).toEqual([
      'not-installed',
    ]);
  });
});

describe('the launcher', () => {
  it('is perl by absolute path, with an environment of its own, and waits for words from a pipe', () => {
    const spawn = confine();
    expect(spawn).toMatchObject({ cwd: '/', env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' }, statusFd: 4, residue: [] });
    expect([spawn.argv[0], spawn.argv.slice(-3)]).toEqual(['/usr/bin/perl', ['--', 'echo', 'a b']]);
    expect(JSON.parse(JSON.stringify(spawn))).toEqual(spawn);
    expect(wordsOf(spawn)).toEqual(
      expect.arrayContaining([
        '--hide',
        '/home/user/.ssh',
        '/home/user/.netrc',
        '--chdir',
        '/ws',
        '--scratch',
        TERRAIN.privateTmp,
      ]),
    );
  });

  it('takes no word from a value', () => {
    const command = { ...commandOf('true'), env: { A: 'x\0--scratch\0/' } };
    expect(() => landlock.confine(command, POLICY, TERRAIN, here)).toThrow('NUL');
  });
});

describe('the filter', () => {
  const named = fc.constantFrom(...(Object.keys(NUMBERS) as CallName[]));
  const argument = fc.oneof(fc.nat(0xffffffff), fc.constantFrom(0, 1, 2, 3, 10, 16, 0x40086602, 0x5412, 0x10000000));

  it('says what the table says, for every call and argument', () =>
    fc.assert(
      fc.property(
        fc.constantFrom<Arch>('x64', 'arm64'),
        fc.constantFrom('off' as const, 'on' as const),
        fc.oneof(named, fc.nat(600)),
        fc.array(argument, { minLength: 6, maxLength: 6 }),
        (arch, network, which, args) => {
          const number = typeof which === 'number' ? which : numberOf(which, arch);
          fc.pre(number !== null);
          const table = tableForLandlock({ arch, network });
          const is = (name: CallName) => numberOf(name, arch) === number;
          const expected = (): Outcome => {
            if (table.absent.some(is)) return { errno: ENOSYS };
            if (table.forbidden.some(is)) return { errno: EPERM };
            for (const { arg, test, errno } of table.judged.filter((rule) => is(rule.call))) {
              const value = args[arg] ?? 0;
              if ('noneOf' in test && (value & test.noneOf) !== 0) return { errno };
              if ('notIn' in test && test.notIn.includes(value)) return { errno };
              if ('onlyIn' in test && !test.onlyIn.includes(value)) return { errno };
            }
            return 'allow';
          };
          const bytes = filterBytes({ arch, unixSockets: false }, table);
          expect(run(bytes, { audit: AUDIT_ARCH[arch], number, args })).toEqual(expected());
        },
      ),
      { numRuns: 3_000 },
    ));
});

describe('a denial (E.9)', () => {
  const outside: Outside = { exists: () => true, mayWrite: (path) => path.startsWith('/ws') };
  const said = (output: string, code = 1) =>
    landlock.denial({ kind: 'exited', code }, output, confine(), outside)?.what ?? null;

  it.each([
    ["touch: cannot touch 'new': Permission denied", 1, 'filesystem'],
    ['bash: line 1: new: Permission denied', 1, 'filesystem'],
    ["touch: cannot touch '/etc/new': Permission denied", 1, null],
    ['bash: line 1: ./script: Permission denied', 126, null],
    ['cat: /home/user/.ssh/id_rsa: Permission denied', 1, 'filesystem'],
    ["chmod: changing permissions of 'x': Read-only file system", 1, 'filesystem'],
    ['curl: (6) Could not resolve host: example.com', 6, 'network'],
    ['bash: line 1: kill: (1) - Operation not permitted', 1, 'kernel'],
    ['Permission denied (publickey).', 255, null],
    ["touch: cannot touch 'new': Permission denied", 0, null],
  ])('%s', (output, code, what) => expect(said(output, code)).toBe(what));
});
