/** Commands that go on beside the turns (E.13, B.5.5, B.9, R22, R26): real processes, a real server, a real journal. */
import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { becomes } from '../processes/bench.ts';
import { newPlace } from '../cli/program.ts';
import { chatter } from './stage.ts';
import { alive, begin, closeAll, exec, leave } from './terminals.stage.ts';

/** Generous against a busy machine. Milliseconds. */
const SOON_MS = 10_000;

afterEach(closeAll);

describe.each([['danger-full-access'], ['workspace-write']] as const)('a background terminal in %s', (sandbox) => {
  it('outlives its turn, answers what is typed, and /stop ends it', async () => {
    const { on, pid, talks } = await leave('echo ready; cat', { flags: { sandbox } });
    expect(on.of('call.finished')[0]).toMatchObject({ status: 'completed' });
    expect(on.of('call.finished')[0]?.output).toContain('Process running with session ID');
    expect(alive(pid)).toBe(true);
    expect(await talks(1, 'hello\n')).toContain('hello');
    expect(await on.submit({ type: 'op.stop' })).toMatchObject({ kind: 'accepted' });
    expect(await on.nth('terminal.ended')).toMatchObject({ status: 'aborted' });
    expect(alive(pid)).toBe(false);
    expect(await on.submit({ type: 'op.stop' })).toMatchObject({ kind: 'refused', reason: 'unknownTerminal' });
    expect(await talks(2, 'x')).toContain('There is no session');
  });

  it('ends by itself: its last words can be read once', async () => {
    const { on, talks } = await leave('cat; echo bye; exit 3', { flags: { sandbox } });
    expect(await talks(1, 'last\n\u0004')).toMatch(/exited with code 3[\s\S]*last\nbye/);
    expect(await on.nth('terminal.ended')).toMatchObject({ status: 'failed', exitCode: 3 });
    expect(await talks(2, '')).toContain('There is no session');
  });

  it('obeys Ctrl-C', async () => {
    const { on, talks } = await leave('exec sleep 600', { flags: { sandbox } });
    expect(await talks(1, '\u0003')).toContain('exited');
    expect(await on.nth('terminal.ended')).toMatchObject({ exitCode: 130 });
  });

  it('survives an interrupt, and not the session (B.5.5, B.9)', async () => {
    const on = await begin({ turns: [exec('sleep 600'), chatter], flags: { sandbox } });
    await on.say('go');
    const { pid } = await on.nth('terminal.started');
    await on.nth('agent.delta');
    await on.interrupt();
    expect(await on.ended()).toMatchObject({ type: 'turn.aborted' });
    expect(alive(pid ?? 0)).toBe(true);
    await on.session.close();
    expect(alive(pid ?? 0)).toBe(false);
    expect(on.told.at(-1)).toMatchObject({ type: 'session.closed' });
    expect(on.of('terminal.ended')).toHaveLength(1);
  });
});

it('keeps the two ends of a flood, and the model reads no more than it asked for (E.13)', async () => {
  const { talks } = await leave('read x; head -c 3000000 /dev/zero | tr "\\0" a; echo END; cat');
  const read = await talks(1, 'go\n');
  expect(read.length).toBeLessThan(41_000);
  expect(read).toContain('omitted');
});

const PLACE = ['exec', '--json', '--skip-git-repo-check', '-s', 'danger-full-access', '--rehearse'];

it.each(['SIGTERM', 'SIGKILL'] as const)('%s of the program leaves nothing alive (R22)', async (signal) => {
  const place = newPlace();
  const file = join(place.home, '..', 'pid');
  const script = place.script(
    [{ type: 'call', name: 'exec_command', args: { cmd: `echo $$ > ${file}; sleep 600`, yield_time_ms: 250 } }],
    [{ type: 'shell', command: 'sleep 600' }],
  );
  const running = place.start([...PLACE, script, 'go']);
  await running.said('Process running with session ID');
  const pid = Number(readFileSync(file, 'utf8'));
  expect(alive(pid)).toBe(true);
  running.child.kill(signal);
  await running.ended;
  expect(await becomes(() => !alive(pid), SOON_MS)).toBe(true);
});

it.each(['danger-full-access', 'read-only'])('in %s a command does not see what the caller left open', async (mode) => {
  const place = newPlace();
  const secret = join(place.home, '..', 'secret');
  writeFileSync(secret, 'key');
  const left = openSync(secret, 'r');
  const script = place.script(
    [{ type: 'shell', command: 'ls -l /proc/self/fd; cat <&40' }],
    [{ type: 'text', text: 'x' }],
  );
  const child = spawn(
    process.execPath,
    ['cli/turnstile.mjs', 'exec', '--json', '--skip-git-repo-check', '-s', mode, '--rehearse', script, 'go'],
    {
      env: { ...process.env, TURNSTILE_HOME: place.home },
      stdio: ['ignore', 'pipe', 'ignore', ...Array.from({ length: 37 }, () => 'ignore' as const), left],
    },
  );
  closeSync(left);
  const chunks: string[] = [];
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => void chunks.push(chunk));
  await new Promise((resolve) => child.once('close', resolve));
  const item =
    chunks
      .join('')
      .split('\n')
      .find((line) => line.includes('item.completed')) ?? '';
  expect(item).toContain('/proc/');
  expect(item).not.toContain('secret');
  expect(item).not.toContain('key');
  expect(existsSync(secret)).toBe(true);
});
