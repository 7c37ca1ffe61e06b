import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { alive, bash, becomes, PATH, run, spawnOf, start } from '../test/processes/bench.ts';
import { createProcesses, MARK } from './processes/processes.ts';

const processes = createProcesses();
const folder = mkdtempSync(join(tmpdir(), 'exec-actor-'));
afterAll(() => {
  processes.close();
  rmSync(folder, { recursive: true });
});

const endingOf = async (...args: Parameters<typeof bash>) => (await run(bash(...args), processes)).result.ending;

describe('how a command ends', () => {
  it('E.7.3: by its exit code', async () => {
    expect(await endingOf('exit 7')).toEqual({ kind: 'exited', code: 7 });
    expect(await endingOf('true')).toEqual({ kind: 'exited', code: 0 });
  });

  it('E.7.3: by a signal, which the model reads as 128 + n with the output kept', async () => {
    const { result, output } = await run(bash('echo before; kill -SEGV $$'), processes);
    expect(result.ending).toEqual({ kind: 'signalled', signal: 'SIGSEGV' });
    expect(output).toMatch(/^Exit code: 139\n[^]*before\n$/);
  });

  it('E.7.2: by its timeout, with what it had said', async () => {
    const { result, output } = await run(bash('echo before; sleep 60', { timeoutMs: 150 }), processes);
    expect(result.ending).toEqual({ kind: 'timedOut', afterMs: 150 });
    expect(output).toContain('Exit code: 124\n');
    expect(output).toContain('command timed out after 150 milliseconds\nbefore\n');
    expect(result.durationMs).toBeLessThan(2_000);
  });

  it('E.7.5: not at all, when there is no such program, folder, permission, or room for its arguments', async () => {
    const reasonOf = async (...args: Parameters<typeof spawnOf>) => {
      const test = start(spawnOf(...args), processes);
      const { result, output } = await test.report;
      expect(result.pid).toBeNull();
      expect(output).toMatch(/^execution error: /);
      expect(test.effects).toEqual(['began c', 'ended c unstarted']);
      return result.ending.kind === 'unstarted' ? result.ending.reason : result.ending.kind;
    };
    const script = join(folder, 'script');
    writeFileSync(script, '#!/no/such/interpreter\n', { mode: 0o755 });
    const plain = join(folder, 'plain');
    writeFileSync(plain, 'text', { mode: 0o644 });
    expect(await reasonOf(['no-such-program'])).toBe('no such program: no-such-program');
    expect(await reasonOf(['true'], { cwd: '/no/such/folder' })).toBe('no such folder: /no/such/folder');
    expect(await reasonOf(['true'], { cwd: plain })).toBe(`not a folder: ${plain}`);
    expect(await reasonOf([script])).toBe(`the interpreter of ${script} is missing`);
    expect(await reasonOf([plain])).toBe(`not allowed to run ${plain} in /tmp`);
    expect(await reasonOf(['true', 'x'.repeat(200_000)])).toMatch(/too long .*E2BIG/);
  });
});

describe('what it is given', () => {
  it('E.7.1: an empty environment but for our mark', async () => {
    const { result } = await run(spawnOf(['/usr/bin/env'], { env: {} }), processes);
    expect(result.output).toMatch(new RegExp(`^${MARK}=\\S+\n$`));
  });

  it('R24: nothing on standard input, no terminal, a group of its own', async () => {
    const script = 'cat; (: < /dev/tty) 2>/dev/null || echo no tty; ps -o pgid= -p $$ | tr -d " "; echo $$';
    const { result } = await run(bash(script), processes);
    const [tty, group, pid] = result.output.split('\n');
    expect([tty, group]).toEqual(['no tty', pid]);
    expect(Number(pid)).toBe(result.pid);
  });

  it.each([10, 64 * 1024, 1024 * 1024])('%i bytes of input, and the end behind them', async (size) => {
    const { result } = await run(bash('cat /dev/stdin | wc -c', { input: 'é'.repeat(size / 2) }), processes);
    expect(result.output.trim()).toBe(String(size));
  });

  it('input that it does not read', async () => {
    expect(await endingOf('exit 3', { input: 'x'.repeat(1024 * 1024) })).toEqual({ kind: 'exited', code: 3 });
  });

  it('bytes and folders as descriptors, and no other descriptors of ours', async () => {
    const more = {
      inherited: [
        { fd: 5, bytes: 'text', encoding: 'utf8' },
        { fd: 6, bytes: Buffer.from([0, 255, 10]).toString('base64'), encoding: 'base64' },
        { fd: 7, bytes: 'y'.repeat(300_000), encoding: 'utf8' },
        { fd: 9, folder },
      ],
    } as const;
    const script = `cat <&5; echo; od -An -tx1 <&6; wc -c <&7; readlink /proc/$$/fd/9; [ -e /proc/$$/fd/8 ] || echo no 8`;
    const { result } = await run(bash(script, more), processes);
    expect(result.output).toBe(`text\n 00 ff 0a\n300000\n${folder}\nno 8\n`);
  });

  it('no folder that is gone or is a link: then nothing is started', async () => {
    const test = start(bash('true', { inherited: [{ fd: 3, folder: join(folder, 'gone') }] }), processes);
    expect((await test.report).result.ending).toMatchObject({ kind: 'setupFailed' });
    expect(test.effects).toEqual([]);
  });
});

describe('what it says', () => {
  it('E.8: both streams, shown as they come and kept together', async () => {
    const test = start(bash('echo out; sleep 0.05; echo err >&2; sleep 0.05; echo out again'), processes);
    const { result, output } = await test.report;
    expect(result.output).toBe('out\nerr\nout again\n');
    expect(output).toMatch(/^Exit code: 0\nWall time: \d+\.\d seconds\nOutput:\nout\nerr\nout again\n$/);
    expect(test.deltas).toEqual(
      (['stdout', 'stderr', 'stdout'] as const).map((stream, i) => ({
        type: 'exec.printed',
        turnId: 't',
        callId: 'c',
        stream,
        chunk: ['out\n', 'err\n', 'out again\n'][i],
      })),
    );
  });

  it('through /dev/stdout and /dev/stderr as well', async () => {
    const { result } = await run(
      bash('echo a > /dev/stdout; echo b > /dev/stderr; echo c | tee /dev/stderr'),
      processes,
    );
    expect(result.output.split('\n').sort().join('')).toBe('abcc');
  });

  it('characters whole, even when their bytes come one by one', async () => {
    const script = String.raw`for b in '\xf0' '\x9f' '\x8c' '\x8d' '\xc3' '\xa9'; do printf $b; sleep 0.02; done; printf '\xe2\x82'`;
    const test = start(bash(script), processes);
    expect((await test.report).result.output).toBe('🌍é�');
    expect(test.deltas.map((delta) => delta.type === 'exec.printed' && delta.chunk)).toEqual(['🌍', 'é', '�']);
  });
});

describe('the conversation', () => {
  it.each(['exec.cancel', 'exec.kill'] as const)('%s before there is a process: none is started', async (type) => {
    const test = start(bash('touch started'), processes);
    test.send({ type });
    const { result, output } = await test.report;
    expect(result).toMatchObject({ ending: { kind: 'cancelled', signal: null }, pid: null });
    expect(output).toBe('command was stopped before it began');
    expect(test.effects).toEqual([]);
  });

  it('exec.cancel: SIGTERM, and the command may tidy up', async () => {
    const test = start(bash('trap "echo tidy; exit 5" TERM; echo ready; while :; do sleep 0.01; done'), processes);
    await test.printed('ready');
    test.send({ type: 'exec.cancel' });
    test.send({ type: 'exec.cancel' });
    const { result } = await test.report;
    expect(result.ending).toEqual({ kind: 'cancelled', signal: null });
    expect(result.output).toMatch(/^ready\n(Terminated\n)?tidy\n/);
    expect(test.effects).toEqual(['began c', 'ended c cancelled']);
    expect(test.reports).toHaveLength(1);
  });

  it('exec.kill cuts the patience of exec.cancel short', async () => {
    const test = start(bash('trap "echo no" TERM; echo ready; while :; do sleep 0.01; done'), processes);
    await test.printed('ready');
    test.send({ type: 'exec.cancel' });
    await test.printed('no');
    const asked = performance.now();
    test.send({ type: 'exec.kill' });
    expect((await test.report).result.ending).toEqual({ kind: 'cancelled', signal: 'SIGKILL' });
    expect(performance.now() - asked).toBeLessThan(300);
  });

  it('the stop of the actor: SIGKILL at once, and never a word', async () => {
    const test = start(bash('trap "" TERM; setsid sleep 71.1 & echo ready; wait'), processes);
    await test.printed('ready');
    expect(await becomes(() => alive('71.1').length > 0, 2_000)).toBe(true);
    test.stop();
    expect(test.effects).toEqual(['began c', 'ended c cancelled']);
    expect(await becomes(() => alive('71.1').length === 0, 500)).toBe(true);
    await run(bash('true'), processes); // more than enough turns of the loop for a late word
    expect(test.reports).toEqual([]);
  });

  it('the stop before there is a process: none is started', async () => {
    const file = join(folder, 'started');
    const test = start(bash(`touch ${file}`), processes);
    test.stop();
    await run(bash('true'), processes);
    expect(statSync(file, { throwIfNoEntry: false })).toBeUndefined();
    expect(test.effects).toEqual([]);
  });

  it('a denial is asked for with the whole ending, and told in words', async () => {
    const { result, output } = await run(bash('echo "Read-only file system"; exit 1'), processes, {
      denialOf: (spawn, ending, text) => ({
        what: 'filesystem',
        certainty: 'likely',
        evidence: `${spawn.backend} ${ending.kind} ${text.trim()}`,
        paths: ['/etc'],
      }),
    });
    const evidence = 'direct exited Read-only file system';
    expect(result.denial?.evidence).toBe(evidence);
    expect(output).toContain(`Sandbox: probably denied by the filesystem policy (/etc): ${evidence}\n`);
  });

  it(`the mark of those around us is kept`, async () => {
    process.env[MARK] = 'around';
    const inner = createProcesses();
    delete process.env[MARK];
    const { result } = await run(spawnOf(['/usr/bin/env'], { env: { PATH } }), inner);
    inner.close();
    expect(result.output).toContain(`${MARK}=around/`);
  });
});
