/** Background terminals (E.13): as many as there may be, and a program that talks back. `TURNSTILE_DEEP=1` begins them all. */
import { spawnSync } from 'node:child_process';
import { afterEach, describe, expect, it } from 'vitest';
import { MANY_TERMINALS, MAX_TERMINALS } from '../../machines/limits.ts';
import { becomes } from '../processes/bench.ts';
import { inputOf, say } from './stage.ts';
import { alive, begin, closeAll, exec, leave } from './terminals.stage.ts';

const isDeep = process.env['TURNSTILE_DEEP'] === '1';
const hasPython = spawnSync('python3', ['-c', '']).status === 0;
if (!hasPython) console.warn('not tried, since it is not installed: python3');
if (!isDeep) console.warn(`not tried, since it is not deep: ${MAX_TERMINALS + 1} commands in the background`);

/** Generous against a busy machine. Milliseconds. */
const SOON_MS = 10_000;
/** So often is an interpreter asked until it has answered. */
const MAX_TALKS = 40;

afterEach(closeAll);

it.skipIf(!hasPython)('a Python interpreter keeps what it was told', { timeout: 60_000 }, async () => {
  const { talks } = await leave('exec python3 -q -i -u');
  let heard = await talks(1, 'x = 6\n');
  heard += await talks(2, 'print("it is", x * 7)\n');
  for (let nth = 3; nth < MAX_TALKS && !heard.includes('it is 42'); nth++) heard += await talks(nth, '\n');
  expect(heard).toContain('it is 42');
});

describe.skipIf(!isDeep)('one more than there may be', () => {
  it('ends the one that was not used for longest, and the model is told', { timeout: 240_000 }, async () => {
    const count = MAX_TERMINALS + 1;
    const commands = Array.from({ length: count }, () => 'exec sleep 600');
    const half = Math.floor(count / 2);
    const on = await begin({ turns: [exec(...commands.slice(half)), exec(...commands.slice(0, half)), say('left')] });
    await on.say('go');
    await on.ended(0);
    const begun = on.of('terminal.started');
    expect(new Set(begun.map(({ terminalId }) => terminalId)).size).toBe(count);
    const [first, ...others] = begun;
    expect(await on.nth('terminal.ended')).toMatchObject({ terminalId: first?.terminalId, status: 'aborted' });
    expect(on.of('terminal.ended')).toHaveLength(1);
    expect(alive(first?.pid ?? 0)).toBe(false);
    expect(others.filter(({ pid }) => alive(pid ?? 0))).toHaveLength(MAX_TERMINALS);
    const warnings = on.of('call.finished').filter(({ output }) => output.includes('sessions are open'));
    expect(warnings).toHaveLength(count - MANY_TERMINALS + 1);

    on.server.load({ turns: [say('heard')] });
    await on.say('on');
    await on.ended(1);
    expect(JSON.stringify(inputOf(on.server, on.server.requests.length - 1))).toContain(
      `Session ${first?.terminalId} was ended and is gone`,
    );
    await on.session.close();
    expect(await becomes(() => others.every(({ pid }) => !alive(pid ?? 0)), SOON_MS)).toBe(true);
    expect(on.of('terminal.ended')).toHaveLength(count);
  });
});
