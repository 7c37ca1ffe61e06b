import { describe, expect, it } from 'vitest';
import type { SandboxPolicy } from './policy.ts';
import { TERRAIN } from './request.fixture.ts';
import { sight } from './sight.ts';

const WRITE: SandboxPolicy = { kind: 'workspaceWrite', writableRoots: ['/ws'], network: 'off', tmp: 'private' };
const READ: SandboxPolicy = { kind: 'readOnly', network: 'off' };
const own = TERRAIN.privateTmp ?? '';

describe('what we read for the model is what a command would see (R30)', () => {
  it.each([
    ['/ws/a.png', WRITE, '/ws/a.png'],
    ['/usr/share/a.png', READ, '/usr/share/a.png'],
    ['/home/user/.ssh/id_rsa', WRITE, null],
    ['/home/user/.netrc', READ, null],
    ['/home/user/.netrc2', READ, '/home/user/.netrc2'],
    ['/tmp/a.png', WRITE, `${own}/a.png`],
    ['/var/tmp/b/a.png', WRITE, `${own}/b/a.png`],
    ['/tmp/a.png', { ...WRITE, tmp: 'host' }, '/tmp/a.png'],
    ['/run/user/a', READ, null],
    ['/home/user/.ssh/id_rsa', { kind: 'fullAccess' }, '/home/user/.ssh/id_rsa'],
    ['/tmp/a.png', { kind: 'external' }, '/tmp/a.png'],
  ] as const)('%s', (path, policy, seen) => expect(sight(path, policy, TERRAIN)).toBe(seen));

  it('a workspace below /tmp is there, and the rest of /tmp is not', () => {
    const terrain = { ...TERRAIN, roots: [], kept: ['/tmp/project'], privateTmp: null };
    expect(sight('/tmp/project/a', READ, terrain)).toBe('/tmp/project/a');
    expect(sight('/tmp/other/a', READ, terrain)).toBe(null);
  });
});
