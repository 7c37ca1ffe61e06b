/** A command in a pid namespace: what the helper says on its status descriptor decides, and its end is everybody's. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createProcesses } from '../../actors/processes/processes.ts';
import type { Spawn } from '../../sandbox/plan.ts';
import { alive, becomes, PATH, run, spawnOf, start } from './bench.ts';

const BWRAP = '/usr/bin/bwrap';
const NAMESPACES = ['--unshare-user', '--unshare-pid', '--new-session', '--die-with-parent'];
const works = (): boolean => {
  try {
    execFileSync(BWRAP, [...NAMESPACES, '--ro-bind', '/', '/', '--dev', '/dev', '--proc', '/proc', 'true']);
    return true;
  } catch (error) {
    console.warn(`skipped: no working ${BWRAP} here: ${String(error)}`);
    return false;
  }
};

const args = (more: readonly string[] = []) =>
  [
    ...NAMESPACES,
    '--ro-bind',
    '/',
    '/',
    '--dev',
    '/dev',
    '--proc',
    '/proc',
    '--clearenv',
    '--setenv',
    'PATH',
    PATH,
    ...more,
  ]
    .map((word) => `${word}\0`)
    .join('');

const confined = (argv: readonly string[], more: Partial<Spawn> = {}, bwrapArgs: readonly string[] = []): Spawn =>
  spawnOf([BWRAP, '--json-status-fd', '4', '--args', '5', '--', ...argv], {
    cwd: '/',
    backend: 'bubblewrap',
    inherited: [{ fd: 5, bytes: args(bwrapArgs), encoding: 'utf8' }],
    statusFd: 4,
    ownsDescendants: true,
    ...more,
  });
const bash = (script: string, more: Partial<Spawn> = {}) => confined(['/bin/bash', '-c', script], more);

describe.skipIf(!works())('a command in bubblewrap', () => {
  const processes = createProcesses();
  const folder = mkdtempSync(join(tmpdir(), 'bubblewrap-'));
  afterAll(() => {
    processes.close();
    rmSync(folder, { recursive: true });
  });
  const endingOf = async (spawn: Spawn) => (await run(spawn, processes)).result.ending;

  it('ends by its code, and by its signal', async () => {
    expect(await endingOf(bash('exit 3'))).toEqual({ kind: 'exited', code: 3 });
    expect(await endingOf(bash('kill -SEGV $$'))).toEqual({ kind: 'signalled', signal: 'SIGSEGV' });
    expect(await endingOf(bash('exit 200'))).toEqual({ kind: 'exited', code: 200 });
  });

  it('sees a clean environment, its input, and real pipes', async () => {
    const { result } = await run(bash('env | sort; cat; echo e > /dev/stderr', { input: 'in\n' }), processes);
    expect(result.output).toMatch(/^PATH=\S+\nPWD=\/\n(SHLVL=\d\n)?_=\S+\nin\ne\n$/);
  });

  it('the sandbox that cannot be built: no denial, but setupFailed, in the words of the helper', async () => {
    const test = start(confined(['true'], {}, ['--bind', '/no/such/root', '/mnt']), processes, {
      denialOf: () => ({ what: 'filesystem', certainty: 'certain', evidence: 'never asked', paths: [] }),
    });
    const { result, output } = await test.report;
    expect(result).toMatchObject({
      ending: { kind: 'setupFailed', reason: expect.stringMatching(/^bwrap: Can't find/) },
    });
    expect(result.denial).toBeNull();
    expect(output).toMatch(/^The sandbox could not be set up, so the command did not run: bwrap: /);
  });

  it('a missing program or folder is no failure of the sandbox', async () => {
    expect(await endingOf(confined(['no-such-program']))).toEqual({
      kind: 'unstarted',
      reason: 'no such program: no-such-program',
    });
    expect(await endingOf(confined(['true'], {}, ['--chdir', '/no/such']))).toEqual({
      kind: 'unstarted',
      reason: 'no such folder: /no/such',
    });
  });

  it('exec.cancel reaches the command, which may tidy up', async () => {
    const test = start(bash('trap "echo tidy; exit 9" TERM; echo ready; while :; do sleep 0.01; done'), processes);
    await test.printed('ready');
    test.send({ type: 'exec.cancel' });
    const { result } = await test.report;
    expect(result.ending).toEqual({ kind: 'cancelled', signal: null });
    expect(result.output).toContain('tidy');
  });

  it.each(['exec.cancel', 'exec.kill', 'stop'] as const)('R22: %s ends the deaf and the escaped', async (how) => {
    const script =
      'trap "" TERM; for i in 1 2 3 4; do setsid sleep 91.1 & (setsid sleep 91.1 &); done; echo ready; wait';
    const test = start(bash(script), processes);
    await test.printed('ready');
    expect(await becomes(() => alive('sleep\x0091.1').length >= 8, 2_000)).toBe(true);
    if (how === 'stop') test.stop();
    else {
      test.send({ type: how });
      expect((await test.report).result.ending).toMatchObject({ kind: 'cancelled' });
      expect(alive('sleep\x0091.1')).toEqual([]);
    }
    expect(await becomes(() => alive('sleep\x0091.1').length === 0, 500)).toBe(true);
  });

  it('R22, R23: a normal end ends those left behind', async () => {
    const { result } = await run(bash('setsid sleep 92.1 & echo done'), processes);
    expect(result).toMatchObject({ ending: { kind: 'exited', code: 0 }, output: 'done\n' });
    expect(alive('sleep\x0092.1')).toEqual([]);
  });

  it('a timeout', async () => {
    expect(await endingOf(bash('sleep 93.1', { timeoutMs: 200 }))).toEqual({ kind: 'timedOut', afterMs: 200 });
  });

  it('takes its mount points away, and nothing that was there or is in use', async () => {
    const [made, kept] = [join(folder, 'made'), join(folder, 'kept')];
    mkdirSync(kept);
    const make = ['--bind', folder, folder, '--tmpfs', made];
    const spawn = confined(['bash', '-c', 'echo ready; sleep 0.5'], { residue: [made, kept] }, make);
    const long = start(spawn, processes);
    await long.printed('ready');
    expect(existsSync(made)).toBe(true);
    await run(confined(['true'], { residue: [made, kept] }, make), processes);
    expect(existsSync(made)).toBe(true);
    await long.report;
    expect([existsSync(made), existsSync(kept)]).toEqual([false, true]);
  });
});
