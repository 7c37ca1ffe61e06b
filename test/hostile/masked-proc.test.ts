/** R27: where the kernel gives no second /proc, because the container masks parts of its own, the sandbox stands all the same. */
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findHost, probe } from '../../sandbox/host.ts';

/** A container as far as it matters here: own namespaces, and a part of /proc with something on top. */
const MASK = 'mount --make-rprivate / && mount -t tmpfs none /proc/tty && exec "$@"';
const UNSHARE = ['--user', '--map-root-user', '--mount', '--pid', '--fork', '--mount-proc', '--kill-child'];
const inside = (...argv: readonly string[]) => ['unshare', [...UNSHARE, 'sh', '-c', MASK, 'sh', ...argv]] as const;

const works = (await probe(findHost())).probes['bubblewrap'] === null;
const canMask = process.platform === 'linux' && spawnSync(...inside('true')).status === 0;
const isUsable = works && canMask;
if (!isUsable)
  console.warn(`a masked /proc is not tried: ${works ? 'it cannot be made here' : 'there is no bubblewrap'}`);

describe.skipIf(!isUsable)('a masked /proc', () => {
  it('is bound read-only, and leads nowhere', { timeout: 60_000 }, () => {
    const said = execFileSync(...inside(process.execPath, join(import.meta.dirname, 'masked-proc.fixture.ts')), {
      encoding: 'utf8',
      timeout: 55_000,
    });
    const found = JSON.parse(said.trim().split('\n').at(-1) ?? '');
    expect(found).toMatchObject({ probe: null, broken: [] });
    expect(found.features).toContain('bound-proc');
    expect(found.held).toBeGreaterThan(10);
  });
});
