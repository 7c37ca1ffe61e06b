/** R22: whatever ends a command, and whatever the command did to escape, nobody is left. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createProcesses } from '../../actors/processes/processes.ts';
import { factsOf } from '../../actors/processes/procfs.ts';
import { alive, bash, becomes, openDescriptors, run, spawnOf, start } from './bench.ts';

const processes = createProcesses();
afterAll(() => processes.close());

/** A quarter each: plain, in a session of its own, a daemon without streams, deaf to SIGTERM and in its own session. */
const zoo = (seconds: string, count: number) => `
for i in $(seq ${count}); do case $((i % 4)) in
  0) sleep ${seconds} & ;;
  1) setsid sleep ${seconds} & ;;
  2) (setsid sh -c 'sleep ${seconds} & sleep ${seconds}' </dev/null >/dev/null 2>&1 &) ;;
  3) (trap '' TERM; exec setsid sleep ${seconds}) & ;;
esac; done`;

/** Of one runtime: others may run on this machine. */
const guardiansOf = (parent: number) =>
  alive('turnstile-guardian')
    .filter((pid) => factsOf(pid)?.parent === parent)
    .sort((a, b) => a - b);

const isFull = (seconds: string, count: number) => becomes(() => alive(seconds).length >= count, 5_000);

describe('R22: nothing survives', () => {
  it.each(['exec.cancel', 'exec.kill'] as const)('%s: 50 descendants are gone when it reports', async (type) => {
    const seconds = type === 'exec.cancel' ? '81.1' : '81.2';
    const test = start(bash(`${zoo(seconds, 50)}; echo ready; wait`), processes);
    await test.printed('ready');
    expect(await isFull(seconds, 50)).toBe(true);
    const asked = performance.now();
    test.send({ type });
    const { result } = await test.report;
    expect(alive(seconds)).toEqual([]);
    expect(result.ending.kind).toBe('cancelled');
    expect(performance.now() - asked).toBeLessThan(900); // 20 to 70 on a quiet machine
  });

  it('a timeout', async () => {
    const test = start(bash(`${zoo('82.1', 12)}; echo ready; wait`, { timeoutMs: 1_000 }), processes);
    expect((await test.report).result.ending.kind).toBe('timedOut');
    expect(alive('82.1')).toEqual([]);
  });

  it('a normal end', async () => {
    const { result } = await run(bash(`${zoo('83.1', 12)}; exit 4`), processes);
    expect(result.ending).toEqual({ kind: 'exited', code: 4 });
    expect(alive('83.1')).toEqual([]);
  });

  it('a normal end, when only a daemon without streams is left, found among many process ids', async () => {
    const script = `(setsid sleep 84.1 </dev/null >/dev/null 2>&1 &); for i in $(seq 300); do (:); done`;
    await run(bash(script), processes);
    expect(alive('84.1')).toEqual([]);
  });

  it('patience: one that handles SIGTERM and goes on gets KILL_AFTER_MS, the deaf get none', async () => {
    const handled = start(bash('trap "echo no" TERM; echo ready; while :; do sleep 0.01; done'), processes);
    await handled.printed('ready');
    handled.send({ type: 'exec.cancel' });
    const patient = (await handled.report).result;
    expect(patient.ending).toEqual({ kind: 'cancelled', signal: 'SIGKILL' });
    expect(patient.durationMs).toBeGreaterThan(380);

    const deaf = start(bash('trap "" TERM; echo ready; sleep 85.1'), processes);
    await deaf.printed('ready');
    const asked = performance.now();
    deaf.send({ type: 'exec.cancel' });
    expect((await deaf.report).result.ending).toEqual({ kind: 'cancelled', signal: 'SIGKILL' });
    expect(performance.now() - asked).toBeLessThan(350);
  });

  it('one that was stopped obeys all the same', async () => {
    const test = start(bash('echo ready; kill -STOP $$'), processes);
    await test.printed('ready');
    test.send({ type: 'exec.cancel' });
    expect((await test.report).result.ending).toEqual({ kind: 'cancelled', signal: 'SIGTERM' });
  });

  it('endAll: SIGKILL to everything that lives, before it returns', async () => {
    const mine = createProcesses();
    const tests = [1, 2, 3].map(() => start(bash(`${zoo('86.1', 8)}; echo ready; wait`), mine));
    for (const test of tests) await test.printed('ready');
    mine.endAll();
    expect(await becomes(() => alive('86.1').length === 0, 300)).toBe(true);
    const endings = (await Promise.all(tests.map(({ report }) => report))).map(({ result }) => result.ending);
    expect(endings).toEqual(tests.map(() => ({ kind: 'signalled', signal: 'SIGKILL' })));
    mine.close();
  });
});

describe('R23: exit, not the end of a pipe', () => {
  it.each([
    ['a talker', 'sleep 87.1 & echo done', 'done\n'],
    ['a silent holder in its own session', 'setsid sleep 87.1 & echo done', 'done\n'],
  ])('%s holds it', async (_, script, output) => {
    const { result } = await run(bash(script), processes);
    expect(result.output).toBe(output);
    expect(result.durationMs).toBeLessThan(1_000);
    expect(alive('87.1')).toEqual([]);
  });

  it('`> >(tee f)` may finish its sentence', async () => {
    const file = join(tmpdir(), `tee-${process.pid}`);
    const { result } = await run(bash(`seq 2000 > >(tee ${file})`), processes);
    expect(result.output.trim().split('\n')).toHaveLength(2_000);
    expect(readFileSync(file, 'utf8')).toBe(result.output);
    rmSync(file);
  });
});

describe('R22: kill -9 of ourselves', () => {
  const fixture = join(import.meta.dirname, 'lost-runtime.fixture.ts');
  const lose = async (seconds: string, mode: string) => {
    const script = `${zoo(seconds, 12)}; (env -i sleep ${seconds} &); echo ready; wait`;
    const child = spawn(process.execPath, [fixture, script, mode], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    return child;
  };

  it('leaves nobody within 2 s, and no guardian', async () => {
    const child = await lose('88.1', 'stay');
    expect(await isFull('88.1', 12)).toBe(true);
    const [guardian] = guardiansOf(child.pid!);
    child.kill('SIGKILL');
    expect(await becomes(() => alive('88.1').length === 0, 2_000)).toBe(true);
    expect(await becomes(() => factsOf(guardian!) === null, 2_000)).toBe(true);
  });

  it.each(['exit', 'close'])('an end by %s leaves nobody either', async (mode) => {
    const seconds = mode === 'exit' ? '88.2' : '88.3';
    const child = await lose(seconds, mode);
    const ended = child.exitCode === null ? once(child, 'exit') : null;
    const guardians = guardiansOf(child.pid!);
    await ended;
    expect(await becomes(() => alive(seconds).length === 0, 2_000)).toBe(true);
    for (const pid of guardians) expect(await becomes(() => factsOf(pid) === null, 2_000)).toBe(true);
  });

  it('a guardian that is killed is followed by another', async () => {
    const mine = createProcesses();
    await run(spawnOf(['true']), mine);
    const [first] = guardiansOf(process.pid).slice(-1);
    process.kill(first!, 'SIGKILL');
    expect(await becomes(() => !guardiansOf(process.pid).includes(first!), 2_000)).toBe(true);
    await run(spawnOf(['sleep', '0.2']), mine);
    const [second] = guardiansOf(process.pid).slice(-1);
    expect(second).toBeGreaterThan(first!);
    mine.close();
    expect(await becomes(() => !guardiansOf(process.pid).includes(second!), 2_000)).toBe(true);
  });
});

it('R26: 300 runs leave no descriptor behind', { timeout: 180_000 }, async () => {
  await run(bash('true', { input: 'x' }), processes);
  const before = openDescriptors();
  for (let i = 0; i < 30; i++)
    await Promise.all(
      Array.from({ length: 10 }, (_, n) =>
        run(n % 5 === 0 ? spawnOf(['no-such-program']) : spawnOf(['true'], { input: n % 2 ? 'x' : null }), processes),
      ),
    );
  // The pool of pipes may have grown with the ten at once; it has a ceiling of 32.
  expect(openDescriptors() - before).toBeLessThanOrEqual(32);
});
