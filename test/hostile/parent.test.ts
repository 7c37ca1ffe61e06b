/** R31, R33: when we are killed, nothing of a command stays behind; and a residue is named, so that it can be removed. */
import { spawn as start } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bubblewrap } from '../../sandbox/backends/bubblewrap.backend.ts';
import { findHost, probe, survey } from '../../sandbox/host.ts';
import type { Spawn } from '../../sandbox/plan.ts';
import { runSpawn } from './run-spawn.ts';
import { survivors, treeOf } from './witness.ts';
import { createWorld, type World } from './world.ts';

const host = await probe(findHost());
const isUsable = bubblewrap.unavailable(host, { kind: 'readOnly', network: 'off' }) === null;
if (!isUsable) console.warn('the end of the parent is not tried: bubblewrap cannot be used here');

const confine = (world: World, script: string, root = world.ws): Spawn => {
  const policy = { kind: 'workspaceWrite', writableRoots: [root], network: 'off', tmp: 'private' } as const;
  const command = {
    argv: ['/bin/bash', '-c', script] as const,
    cwd: root,
    env: { PATH: '/usr/bin:/bin', MARK: world.mark },
    timeoutMs: 30_000,
    input: null,
  };
  return bubblewrap.confine(command, policy, survey(policy, root, host, { privateTmp: world.tmp }), host);
};

const until = async (holds: () => boolean): Promise<void> => {
  const deadline = performance.now() + 15_000;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error('it did not come true in time');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};

describe.skipIf(!isUsable)('a command', () => {
  it('ends with the process that started it, also when that one is killed', async () => {
    await using world = await createWorld(process.getuid?.() ?? 0);
    const spawn = confine(world, 'setsid sleep 1000 & touch started; sleep 1000');
    const program = `import { runSpawn } from ${JSON.stringify(join(import.meta.dirname, 'run-spawn.ts'))}; await runSpawn(${JSON.stringify(spawn)}, { timeoutMs: 60_000 });`;
    const parent = start(process.execPath, ['--input-type=module-typescript', '-e', program], { stdio: 'ignore' });
    await until(() => existsSync(join(world.ws, 'started')));
    expect(survivors(world.mark).length).toBeGreaterThan(0);
    parent.kill('SIGKILL');
    await until(() => survivors(world.mark).length === 0);
  });

  it('leaves the tree as it was, once the residue is removed', async () => {
    await using world = await createWorld(process.getuid?.() ?? 0);
    const root = join(world.base, 'plain');
    const before = treeOf(world.base, [world.tmp]);
    const spawn = confine(world, 'ls -a', root);
    expect(spawn.residue).toContain(join(root, '.git'));
    await runSpawn(spawn);
    expect(treeOf(world.base, [world.tmp])).toEqual(before);
  });
});
