/** A client that does not keep to the protocol gets a typed error for it, loses nothing else, and leaves nobody behind. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { linesOf, newPlace } from '../cli/program.ts';

vi.setConfig({ testTimeout: 120_000 }); // starts of the program, on a machine that does other things too

const FREE = ['-s', 'danger-full-access', '-a', 'never'];
const clientInfo = { name: 'a test', version: '1' };
const hello = { method: 'initialize', params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo } };
const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

const talk = (...script: readonly (readonly object[])[]) => {
  const place = newPlace();
  const running = place.start(['mcp-server', '--rehearse', place.script(...script), ...FREE], { stdin: 'pipe' });
  const { stdin } = running.child;
  stdin?.on('error', () => undefined); // the other side stops to read
  const write = (text: string) => stdin?.write(text);
  const send = (message: object) => write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  const call = (id: number, name: string, given: unknown) =>
    send({ id, method: 'tools/call', params: { name, arguments: given } });
  return { ...place, ...running, write, send, call };
};

const answersIn = (out: string): ReadonlyMap<unknown, object> =>
  new Map(linesOf(out).flatMap(({ id, ...rest }) => ('method' in rest ? [] : [[id, rest]])));

describe('mcp-server: bad input', () => {
  it('answers each wrong message with its own code, and goes on', async () => {
    const client = talk([{ type: 'text', text: 'still here' }]);
    client.write('this is no json\n');
    client.write('[1]\n');
    client.send({ id: 2, method: 3 });
    client.call(3, 'turnstile', { prompt: 'too early' });
    client.send({ ...hello, id: 4, params: { protocolVersion: 7 } });
    client.send({ ...hello, id: 5, params: { ...hello.params, protocolVersion: '2999-01-01' } });
    await client.said('"id":5');
    client.send({ method: 'notifications/initialized' });
    client.send({ id: 6, method: 'no/such' });
    client.call(7, 'no-such', {});
    client.send({ id: 8, method: 'tools/call', params: { arguments: {} } });
    client.call(9, 'turnstile', [1, 2]);
    client.send({ method: 'no/such/notification' });
    client.send({ method: 'notifications/cancelled', params: { requestId: 4711 } });
    client.send({ id: 4711, result: {} });
    client.call(10, 'turnstile', { prompt: 'go' });
    await client.said('still here');
    client.child.stdin?.end();
    const { code, out } = await client.ended;
    expect(code).toBe(0);
    const answers = answersIn(out);
    expect(linesOf(out).slice(0, 2)).toMatchObject([
      { id: null, error: { code: -32700 } },
      { id: null, error: { code: -32600 } },
    ]);
    for (const early of [2, 3]) expect(answers.get(early)).toMatchObject({ error: { code: -32600 } });
    expect(answers.get(4)).toHaveProperty('error.code');
    expect(answers.get(5)).toMatchObject({ result: { protocolVersion: expect.stringMatching(/^20\d\d-/) } });
    expect(answers.get(6)).toMatchObject({ error: { code: -32601 } });
    expect(answers.get(7)).toMatchObject({ error: { code: -32602 } });
    for (const wrong of [8, 9]) expect(answers.get(wrong)).toHaveProperty('error.code');
    expect(answers.get(10)).toMatchObject({ result: { isError: false } });
  });

  it.each(['a line without end', 'a client that vanishes', 'SIGTERM'])(
    '%s: nobody is left, and stderr tells why',
    async (how) => {
      const client = talk([{ type: 'shell', command: 'echo $$ > pid; exec sleep 600' }]);
      client.send({ ...hello, id: 1 });
      client.call(2, 'turnstile', { prompt: 'go' });
      const pidFile = join(client.folder, 'pid');
      await expect
        .poll(() => existsSync(pidFile) && readFileSync(pidFile, 'utf8'), { timeout: 60_000 })
        .toMatch(/\d\n/);
      const pid = Number(readFileSync(pidFile, 'utf8'));
      expect(isAlive(pid)).toBe(true);
      if (how === 'SIGTERM') client.child.kill('SIGTERM');
      else if (how === 'a line without end') client.write('x'.repeat(17 * 1024 * 1024));
      else {
        client.child.stdout?.destroy();
        client.child.stdin?.destroy();
      }
      const { code, err, out } = await client.ended;
      expect(isAlive(pid)).toBe(false);
      expect(code).toBe({ SIGTERM: 143, 'a client that vanishes': 0 }[how] ?? 1);
      if (how !== 'a line without end') return;
      expect(err).toContain('longer than 16777216 bytes');
      expect(answersIn(out).get(null)).toMatchObject({ error: { code: -32600 } });
    },
  );

  it('a bad configuration is told before anybody speaks', async () => {
    const { run } = newPlace();
    expect(await run(['mcp-server', '-c', 'model=3'])).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringContaining('model'),
    });
  });
});
