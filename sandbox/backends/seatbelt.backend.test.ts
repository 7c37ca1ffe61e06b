import { describe, expect, it } from 'vitest';
import type { Spawn, Terrain } from '../plan.ts';
import type { SandboxPolicy } from '../policy.ts';
import { commandOf, HOST, MAC, TERRAIN } from '../request.fixture.ts';
import { seatbelt } from './seatbelt.backend.ts';

const WORKSPACE: SandboxPolicy = { kind: 'workspaceWrite', writableRoots: ['/ws'], network: 'off', tmp: 'private' };
const confine = (policy: SandboxPolicy, terrain: Partial<Terrain> = {}): Spawn =>
  seatbelt.confine(commandOf('echo', 'a b'), policy, { ...TERRAIN, ...terrain }, MAC);
const profileOf = ({ argv }: Spawn): string => argv[argv.indexOf('-p') + 1] ?? '';

describe('the profile', () => {
  it('denies everything that it does not name', () => {
    expect(profileOf(confine(WORKSPACE)).split('\n').slice(0, 2)).toEqual(['(version 1)', '(deny default)']);
  });

  it('lets the roots be written, and keeps each fence both as itself and as a tree', () => {
    const profile = profileOf(confine(WORKSPACE, { protectedPaths: ['/ws/.git'], absentPaths: [] }));
    const fence = '(require-not (literal (param "FENCE_0"))) (require-not (subpath (param "FENCE_0")))';
    expect(profile).toContain(`(allow file-write* (require-all (subpath (param "ROOT_0")) ${fence}))`);
  });

  it('lets nothing be written under read-only', () => {
    const given = confine({ kind: 'readOnly', network: 'off' }, { roots: [], privateTmp: null });
    expect(profileOf(given)).not.toContain('ROOT_');
  });

  it.each([
    ['off', []],
    ['loopback', ['(allow network* (local ip "localhost:*") (remote ip "localhost:*"))']],
    ['on', ['(allow network*)']],
    [{ hosts: ['a.test'] }, []],
  ] as const)('R32: with the network %j', (network, rules) => {
    const lines = profileOf(confine({ ...WORKSPACE, network })).split('\n');
    expect(lines.filter((line) => line.startsWith('(allow network'))).toEqual(rules);
  });

  it('has no path in its text: they travel as parameters', () => {
    const spawn = confine(WORKSPACE, { roots: ['/we"ird) (allow default'], hidden: [] });
    expect(profileOf(spawn)).not.toContain('ird');
    expect(spawn.argv).toContain('-DROOT_0=/we"ird) (allow default');
  });

  it('is balanced', () => {
    const profile = profileOf(confine(WORKSPACE)).replaceAll(/#"[^"]*"/g, '');
    expect(profile.split('(').length).toBe(profile.split(')').length);
  });
});

describe('the process', () => {
  it('is sandbox-exec by its fixed path, with the command behind --', () => {
    const { argv, ownsDescendants } = confine(WORKSPACE);
    expect(argv[0]).toBe('/usr/bin/sandbox-exec');
    expect(argv.slice(-3)).toEqual(['--', 'echo', 'a b']);
    expect(ownsDescendants).toBe(false);
  });

  it('gets the temporary folder that it may write', () => {
    expect(confine(WORKSPACE).env).toEqual({ PATH: '/usr/bin:/bin', TMPDIR: '/home/user/.turnstile/tmp/1' });
  });

  it('cannot be had elsewhere', () => expect(seatbelt.unavailable(HOST, WORKSPACE)?.layer).toBe('platform'));
});

describe('a denial', () => {
  const of = (code: number, output: string) => seatbelt.denial({ kind: 'exited', code }, output, confine(WORKSPACE));
  it('is a guess at EPERM', () => {
    expect(of(1, 'touch: /etc/x: Operation not permitted')).toMatchObject({ what: 'filesystem', certainty: 'likely' });
    expect(of(0, 'touch: /etc/x: Operation not permitted')).toBe(null);
    expect(of(1, 'touch: /etc/x: Permission denied')).toBe(null);
  });
});
