/** What goes through `turnstile acp` beside plain words: pictures, files, servers of tools, commands in the background, and much. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { PNG } from '../ecosystem/codex.ts';
import { startModelServer, type ModelServer } from '../model-server/server.ts';
import { startAcp } from './program.ts';

vi.setConfig({ testTimeout: 120_000 }); // starts of the program, on a machine that does other things too

const FREE = ['-s', 'danger-full-access', '-a', 'never'];
const text = (words: string) => [{ type: 'text', text: words }];
const call = (name: string, args: object) => [{ type: 'call', name, args }];
const picture = (data: string) => ({ type: 'image', mimeType: 'image/png', data }) as const;
const ECHO = fileURLToPath(new URL('./echo-server.ts', import.meta.url));

let server: ModelServer;
beforeAll(async () => {
  server = await startModelServer({ turns: [{ items: [{ type: 'text', text: 'a pixel' }] }] });
});
afterAll(() => server.close());

type Acp = ReturnType<typeof startAcp>;
const end = async (acp: Acp) => {
  acp.child.stdin?.end();
  return acp.ended;
};

describe('acp: pictures and files', () => {
  const base64 = PNG.toString('base64');

  it('reach the model, and are still there when the session is loaded again', async () => {
    const provider = `model_providers.mine={base_url="${server.url}", wire_api="responses"}`;
    const acp = startAcp(null, [...FREE, '-c', provider, '-c', 'model_provider=mine', '-m', 'some-model']);
    const { agentCapabilities } = await acp.initialized;
    expect(agentCapabilities?.promptCapabilities).toMatchObject({ image: true, embeddedContext: true });
    const id = await acp.open();
    const file = { uri: 'file:///notes.md', mimeType: 'text/markdown', text: 'remember the milk' };
    const link = { type: 'resource_link', name: 'readme', uri: 'file:///readme.md' } as const;
    await acp.say(id, 'what is on it?', picture(base64), { type: 'resource', resource: file }, link);
    const asked = server.requests.at(-1)?.text ?? '';
    expect(asked).toContain(JSON.stringify({ type: 'input_image', image_url: `data:image/png;base64,${base64}` }));
    for (const words of ['what is on it?', 'remember the milk', 'file:///readme.md']) expect(asked).toContain(words);

    await acp.agent.request('session/close', { sessionId: id });
    const before = acp.heard.length;
    await acp.agent.request('session/load', { sessionId: id, cwd: acp.folder, mcpServers: [] });
    const again = acp.heard.slice(before).map(({ update }) => update);
    const shown = again.flatMap((update) => (update.sessionUpdate === 'user_message_chunk' ? [update.content] : []));
    expect(shown).toMatchObject([{ type: 'text' }, { type: 'resource_link', uri: expect.stringMatching(/\.png$/) }]);
    const at = shown[1]?.type === 'resource_link' ? fileURLToPath(shown[1].uri) : '';
    expect(readFileSync(at).equals(PNG)).toBe(true);
    expect(statSync(at).mode & 0o777).toBe(0o600);
    await acp.say(id, 'and now?');
    expect(server.requests.at(-1)?.text).toContain(base64);
    expect((await end(acp)).code).toBe(0);
  });

  it('what cannot be sent is refused before anything is; without a journal, pictures go with their session', async () => {
    const acp = startAcp([text('seen')], [...FREE, '--ephemeral']);
    const id = await acp.open();
    for (const [wrong, why] of [
      [[picture(Buffer.from('not a picture').toString('base64'))], 'PNG, JPEG, GIF or WebP'],
      [Array.from({ length: 17 }, () => picture(base64)), '16 pictures'],
      [[{ type: 'audio', mimeType: 'audio/wav', data: '' }], 'audio'],
      [[{ type: 'resource', resource: { uri: 'file:///x', blob: '' } }], 'must be text'],
    ] as const)
      await expect(acp.say(id, 'look', ...wrong)).rejects.toMatchObject({
        code: -32602,
        message: expect.stringContaining(why),
      });
    expect(acp.heard).toEqual([]);
    expect(await acp.say(id, 'look', picture(base64))).toMatchObject({ stopReason: 'end_turn' });
    expect((await end(acp)).code).toBe(0);
    expect(existsSync(`${acp.home}/sessions`)).toBe(false);
  });
});

describe('acp: commands and tools', () => {
  it('E.13: shows a command that goes on in the background, and its end after the turn', async () => {
    const script = [call('exec_command', { cmd: 'read line; exit 3', yield_time_ms: 250 }), text('it goes on')];
    const acp = startAcp(script, FREE);
    const id = await acp.open();
    await acp.say(id);
    const [begun] = acp.heard.flatMap(({ update }) =>
      update.sessionUpdate === 'tool_call' && update.toolCallId.startsWith('terminal-') ? [update] : [],
    );
    expect(begun).toMatchObject({
      kind: 'execute',
      status: 'in_progress',
      title: expect.stringContaining('read line'),
    });
    const { pid } = begun?.rawInput as { pid: number };
    const ended = acp.saw(
      (update) => update.sessionUpdate === 'tool_call_update' && update.toolCallId === begun?.toolCallId,
    );
    process.kill(pid, 'SIGTERM');
    await ended;
    expect(acp.heard.at(-1)?.update).toMatchObject({ toolCallId: begun?.toolCallId, status: 'failed' });
    expect((await end(acp)).code).toBe(0);
  });

  it('uses the servers of tools that the client names, and none that it cannot speak to', async () => {
    const args = ['--dangerously-bypass-approvals-and-sandbox'];
    const acp = startAcp([call('mcp__for_people__echo', { message: 'hello' }), text('done')], args);
    const { agentCapabilities } = await acp.initialized;
    expect(agentCapabilities?.mcpCapabilities).toEqual({ http: true, sse: false });
    const id = await acp.open([
      { name: 'for_people', command: process.execPath, args: [ECHO], env: [] },
      { type: 'sse', name: 'old', url: 'http://127.0.0.1:1', headers: [] },
    ]);
    await acp.say(id);
    const calls = acp.heard.filter(({ update }) => /^tool_call/.test(update.sessionUpdate));
    expect(calls.at(-1)?.update).toMatchObject({
      status: 'completed',
      rawOutput: { output: expect.stringContaining('hello') },
    });
    const { code, err } = await end(acp);
    expect(code).toBe(0);
    expect(err).toContain('the MCP server old of the client is left out');
  });

  it('loads what was done: calls with what came of them', async () => {
    const acp = startAcp([[{ type: 'shell', command: 'echo from before' }], text('all is done')], FREE);
    const id = await acp.open();
    await acp.say(id, 'do it');
    await acp.agent.request('session/close', { sessionId: id });
    const before = acp.heard.length;
    await acp.agent.request('session/load', { sessionId: id, cwd: acp.folder, mcpServers: [] });
    const again = acp.heard.slice(before).map(({ update }) => update);
    expect(again.map(({ sessionUpdate }) => sessionUpdate)).toEqual([
      ...['user_message_chunk', 'tool_call', 'tool_call_update', 'agent_message_chunk'],
    ]);
    expect(again[2]).toMatchObject({ status: 'completed' });
    expect(JSON.stringify(again[2])).toContain('from before');
    expect((await end(acp)).code).toBe(0);
  });
});

describe('acp: much', () => {
  it('200,000 deltas arrive whole and in order, in few messages', async () => {
    const many = 200_000;
    const script = [[{ type: 'text', deltas: many, delta: 'word ', gap_ms: 0 }]];
    const acp = startAcp(script, [...FREE, '-c', 'model_context_window=10000000']);
    const id = await acp.open();
    const began = performance.now();
    await acp.say(id);
    console.info(`${many} deltas: ${acp.heard.length} messages in ${Math.round(performance.now() - began)} ms`);
    expect(acp.words(id)).toBe('word '.repeat(many));
    expect(acp.heard.length).toBeLessThan(many / 100);
    expect((await end(acp)).code).toBe(0);
  });
});
