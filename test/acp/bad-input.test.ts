/** A client that does not keep to the protocol gets a typed error for it, loses nothing else, and leaves nobody behind. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { newPlace, linesOf } from '../cli/program.ts';

vi.setConfig({ testTimeout: 120_000 }); // many starts of the program in one test

const FREE = ['-s', 'danger-full-access', '-a', 'never'];
const hello = { id: 1, method: 'initialize', params: { protocolVersion: 1, clientCapabilities: {} } };
const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

const talk = (...script: readonly (readonly object[])[]) => {
  const place = newPlace();
  const running = place.start(['acp', '--rehearse', place.script(...script), ...FREE], { stdin: 'pipe' });
  const write = (text: string) => running.child.stdin?.write(text);
  const send = (message: object) => write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  const open = async (): Promise<string> => {
    send(hello);
    await running.said('"id":1,'); // the protocol wants its answer first
    const told = new Promise<string>((resolve) => {
      let out = '';
      running.child.stdout?.on('data', (chunk: string) => {
        const id = /"sessionId":"([^"]+)"/.exec((out += chunk))?.[1];
        if (id !== undefined) resolve(id);
      });
    });
    send({ id: 2, method: 'session/new', params: { cwd: place.folder, mcpServers: [] } });
    return told;
  };
  const end = () => {
    running.child.stdin?.end();
    return running.ended;
  };
  return { ...place, ...running, write, send, open, end };
};

describe('acp: bad input', () => {
  it('answers each wrong message with its own code, and goes on', async () => {
    const client = talk([{ type: 'text', text: 'still here' }]);
    client.write('this is no json\n');
    client.send({ id: 7, method: 'session/new', params: { cwd: client.folder, mcpServers: [] } }); // before initialize
    await client.said('"id":7');
    client.send({ ...hello, id: 8, params: { protocolVersion: 'x' } });
    client.send({ ...hello, id: 9, params: { protocolVersion: 99, clientCapabilities: {} } }); // of the future
    const id = await client.open();
    client.send({ id: 10, method: 'no/such' });
    client.send({ id: 11, method: 'session/prompt', params: { x: 1 } });
    client.send({ id: 12, method: 'session/new', params: { cwd: 'relative', mcpServers: [] } });
    const picture = { type: 'image', data: '', mimeType: 'image/png' };
    client.send({ id: 13, method: 'session/prompt', params: { sessionId: id, prompt: [picture] } });
    client.send({ method: 'no/such/notification' });
    for (const last of ['"id":10', '"id":11', '"id":12', '"id":13']) await client.said(last);
    client.send({
      id: 14,
      method: 'session/prompt',
      params: { sessionId: id, prompt: [{ type: 'text', text: 'go' }] },
    });
    await client.said('"end_turn"');
    const { code, out } = await client.end();
    expect(code).toBe(0);
    expect(out).toContain('still here');
    const answers = new Map(linesOf(out).flatMap(({ id: to, ...rest }) => (to === undefined ? [] : [[to, rest]])));
    expect(answers.get(null)).toMatchObject({ error: { code: -32700 } });
    expect(answers.get(7)).toMatchObject({ error: { code: -32600 } });
    expect(answers.get(8)).toMatchObject({ error: { code: -32602 } });
    expect(answers.get(9)).toMatchObject({ result: { protocolVersion: 1 } });
    expect(answers.get(10)).toMatchObject({ error: { code: -32601 } });
    for (const wrong of [11, 12, 13]) expect(answers.get(wrong)).toMatchObject({ error: { code: -32602 } });
  });

  it.each(['a line without end', 'a client that vanishes'])('%s: nobody is left, and stderr tells why', async (how) => {
    const client = talk([{ type: 'shell', command: 'echo $$ > pid; exec sleep 600' }]);
    const id = await client.open();
    client.send({ id: 3, method: 'session/prompt', params: { sessionId: id, prompt: [{ type: 'text', text: 'go' }] } });
    const pidFile = join(client.folder, 'pid');
    await expect.poll(() => existsSync(pidFile) && readFileSync(pidFile, 'utf8'), { timeout: 20_000 }).toMatch(/\d\n/);
    const pid = Number(readFileSync(pidFile, 'utf8'));
    expect(isAlive(pid)).toBe(true);
    if (how === 'a client that vanishes') {
      client.child.stdout?.destroy();
      client.child.stdin?.destroy();
    } else {
      client.child.stdin?.on('error', () => undefined); // it stops to read
      client.write('x'.repeat(17 * 1024 * 1024));
    }
    const { code, err } = await client.ended;
    expect(isAlive(pid)).toBe(false);
    if (how === 'a client that vanishes') expect(code).toBe(0);
    else expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining('longer than 16777216 bytes') });
  });
});

describe('exec: bad input', () => {
  it('R24: a prompt on stdin that is too long, or empty, is a usage error; bytes that are no UTF-8 are read as such', async () => {
    const place = newPlace();
    const exec = async (prompt: Buffer | string) => {
      const script = place.script([{ type: 'text', text: 'fine' }]);
      const running = place.start(['exec', '--json', '--rehearse', script], { stdin: 'pipe' });
      running.child.stdin?.on('error', () => undefined);
      running.child.stdin?.end(prompt);
      return running.ended;
    };
    expect(await exec('x'.repeat(17 * 1024 * 1024))).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringContaining('longer than 16777216'),
    });
    expect(await exec(' \n')).toMatchObject({ code: 2, out: '', err: expect.stringContaining('stdin was empty') });
    const { code, out } = await exec(Buffer.from([0x68, 0xff, 0xfe, 0x69]));
    expect(code).toBe(0);
    expect(linesOf(out).at(-1)).toMatchObject({ type: 'turn.completed' });
  });
});
