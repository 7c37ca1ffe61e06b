import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startAcp } from './program.ts';

const text = (words: string) => [{ type: 'text', text: words }];
const shell = (command: string) => [{ type: 'shell', command }];
const FREE = ['-s', 'danger-full-access', '-a', 'never'];
const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe('acp', () => {
  it('streams words and a call with its output, answers end_turn, and ends with stdin', async () => {
    const acp = startAcp([shell('echo one'), text('all is done')], FREE);
    const id = await acp.open();
    expect(await acp.say(id)).toMatchObject({ stopReason: 'end_turn' });
    expect(acp.words(id)).toBe('all is done');
    const calls = acp.heard.map(({ update }) => update).filter(({ sessionUpdate }) => /tool_call/.test(sessionUpdate));
    expect(calls[0]).toMatchObject({ sessionUpdate: 'tool_call' });
    expect(calls.at(-1)).toMatchObject({ kind: 'execute', status: 'completed', rawInput: { command: 'echo one' } });
    expect(JSON.stringify(calls.at(-1))).toContain('one');
    acp.child.stdin?.end();
    expect((await acp.ended).code).toBe(0);
  });

  it.each([
    ['approve', true],
    ['deny', false],
  ])('asks for permission; %s', async (answer, runs) => {
    const args = ['-s', 'danger-full-access', '-a', 'untrusted'];
    const acp = startAcp([shell('touch proof'), text('so be it')], args, () => answer);
    const id = await acp.open();
    expect(await acp.say(id)).toMatchObject({ stopReason: 'end_turn' });
    expect(acp.asked).toMatchObject([{ sessionId: id, toolCall: { kind: 'execute', status: 'pending' } }]);
    expect(existsSync(join(acp.folder, 'proof'))).toBe(runs);
    acp.child.stdin?.end();
    await acp.ended;
  });

  it.each(['cancel', 'stdin', 'SIGTERM'])('%s ends a command that runs; nothing of it is left alive', async (how) => {
    const acp = startAcp([shell('echo $$ > pid; echo ready; sleep 600'), text('late')], FREE);
    const id = await acp.open();
    const answer = acp.say(id).catch(() => null);
    await acp.saw((update) => update.sessionUpdate === 'tool_call_update' && JSON.stringify(update).includes('ready'));
    const pid = Number(readFileSync(join(acp.folder, 'pid'), 'utf8'));
    expect(isAlive(pid)).toBe(true);
    const began = performance.now();
    if (how === 'cancel') {
      await acp.agent.notify('session/cancel', { sessionId: id });
      expect(await answer).toMatchObject({ stopReason: 'cancelled' });
      expect(isAlive(pid)).toBe(false);
    }
    if (how === 'SIGTERM') acp.child.kill('SIGTERM');
    else acp.child.stdin?.end();
    await acp.ended;
    expect(performance.now() - began).toBeLessThan(3_000);
    expect(isAlive(pid)).toBe(false);
  });

  it('answers what it cannot do with a typed error, and a failed turn with its message', async () => {
    const acp = startAcp([[{ type: 'fail', code: 'invalid_prompt', message: 'not like this' }]], FREE);
    const id = await acp.open();
    await expect(acp.agent.request('nope', {})).rejects.toMatchObject({ code: -32601 });
    await expect(acp.say('nobody')).rejects.toMatchObject({ code: -32602 });
    await expect(acp.say(id)).rejects.toThrow('not like this');
    acp.child.stdin?.end();
    await acp.ended;
  });

  it('holds two sessions at once, and loads one again', async () => {
    const acp = startAcp([text('hello there')], FREE);
    const ids = [await acp.open(), await acp.open()];
    await Promise.all(ids.map((id) => acp.say(id)));
    expect(ids.map(acp.words)).toEqual(['hello there', 'hello there']);
    const [id = ''] = ids;
    await acp.agent.request('session/close', { sessionId: id });
    await acp.agent.request('session/load', { sessionId: id, cwd: acp.folder, mcpServers: [] });
    expect(acp.words(id)).toBe('hello therehello there');
    acp.child.stdin?.end();
    expect((await acp.ended).code).toBe(0);
  });
});
