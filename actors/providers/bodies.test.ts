/** What is sent, as a server reads it: every wire, over real HTTP. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Item } from '../../machines/protocol/index.ts';
import { config, hear, type HttpWire, request, user } from '../../test/contract/provider.kit.ts';
import { type ModelServer, startModelServer } from '../../test/model-server/server.ts';
import type { ProviderConfig, SampleRequest } from './provider.ts';
import { createProvider } from './registry.ts';

let server: ModelServer;
beforeAll(async () => {
  server = await startModelServer({ turns: [{ items: [] }], side: { items: [] } });
});
afterAll(() => server.close());

const call = (callId: string, args = '{"command":"ls"}', tool = 'shell'): Item => ({
  type: 'call',
  callId,
  tool,
  args,
});
const result = (callId: string, output = 'done', status: 'completed' | 'failed' = 'completed'): Item => ({
  type: 'result',
  callId,
  output,
  status,
});

const ask = async (
  wire: HttpWire,
  items: readonly Item[],
  more: Partial<SampleRequest> = {},
  settings: Partial<ProviderConfig> = {},
) => {
  const provider = await createProvider(config(wire, server.url, settings));
  const n = server.requests.length;
  await hear(provider, request(items, more));
  return (await server.arrived(n)).body;
};

describe('responses', () => {
  test('C.2.1: every field', async () => {
    const body = await ask('responses', [user('hi'), { type: 'agent', text: 'hello' }], {
      reasoningEffort: 'high',
      reasoningSummary: 'concise',
      outputSchema: { type: 'object' },
    });
    expect(body).toMatchObject({
      model: 'gpt-5',
      instructions: 'You are tested.',
      tool_choice: 'auto',
      parallel_tool_calls: true,
      reasoning: { effort: 'high', summary: 'concise' },
      include: ['reasoning.encrypted_content'],
      store: false,
      stream: true,
      prompt_cache_key: 'thread-1',
      text: { format: { type: 'json_schema', name: 'answer', strict: true, schema: { type: 'object' } } },
      input: [
        { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'hi' }] },
        { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'hello' }] },
      ],
    });
    expect(body['tools']).toMatchObject([{ type: 'function', name: 'shell', strict: false }, { name: 'apply_patch' }]);
  });

  test('nothing of reasoning for a model that is not known to reason', async () => {
    const body = await ask('responses', [user('hi')], { model: 'gpt-4o' });
    expect(body).not.toHaveProperty('reasoning');
    expect((await ask('responses', [user('hi')], { reasoningSummary: 'none' }))['reasoning']).toEqual({});
    expect(body).not.toHaveProperty('include');
  });

  test('sealed thoughts go back to their maker and to nobody else', async () => {
    const thought = (by: string): Item => ({ type: 'reasoning', text: 'hm', sealed: { by, data: 'SEAL' } });
    const body = await ask('responses', [
      user('hi'),
      thought('tested'),
      thought('other'),
      { type: 'reasoning', text: 'x' },
    ]);
    expect(body['input']).toEqual([
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'hi' }] },
      { type: 'reasoning', summary: [{ type: 'summary_text', text: 'hm' }], encrypted_content: 'SEAL' },
    ]);
  });
});

describe('chat', () => {
  test('every call gets its result directly after it, in the order of the calls', async () => {
    const items = [
      user('go'),
      { type: 'agent', text: 'I look.' } as const,
      call('a'),
      call('b'),
      result('b', 'B'),
      result('a', 'A'),
      call('c'),
      result('c', 'C'),
      user('and?'),
    ];
    const body = await ask('chat', items, { reasoningEffort: 'low', outputSchema: { type: 'object' } });
    const fn = { name: 'shell', arguments: '{"command":"ls"}' };
    expect(body['messages']).toEqual([
      { role: 'system', content: 'You are tested.' },
      { role: 'user', content: 'go' },
      {
        role: 'assistant',
        content: 'I look.',
        tool_calls: [
          { id: 'a', type: 'function', function: fn },
          { id: 'b', type: 'function', function: fn },
        ],
      },
      { role: 'tool', tool_call_id: 'a', content: 'A' },
      { role: 'tool', tool_call_id: 'b', content: 'B' },
      { role: 'assistant', content: null, tool_calls: [{ id: 'c', type: 'function', function: fn }] },
      { role: 'tool', tool_call_id: 'c', content: 'C' },
      { role: 'user', content: 'and?' },
    ]);
    expect(body).toMatchObject({
      stream: true,
      stream_options: { include_usage: true },
      parallel_tool_calls: true,
      reasoning_effort: 'low',
      response_format: { type: 'json_schema', json_schema: { strict: true, schema: { type: 'object' } } },
    });
    // Servers that are not OpenAI's refuse what they do not know.
    expect(body).not.toHaveProperty('prompt_cache_key');
  });
});

describe('anthropic', () => {
  const model = 'claude-sonnet-4-5';
  type Sent = { role: string; content: readonly Record<string, unknown>[] };
  const plain = (body: Readonly<Record<string, unknown>>) =>
    (
      JSON.parse(JSON.stringify(body['messages']).replaceAll(',"cache_control":{"type":"ephemeral"}', '')) as Sent[]
    ).map(({ role, content }) => [
      role,
      ...content.map((block) => block['text'] ?? block['tool_use_id'] ?? block['id'] ?? block['type']),
    ]);

  test('one role a message, results first in the next one, and the last word is the user’s', async () => {
    const thought: Item = {
      type: 'reasoning',
      text: 'hm',
      sealed: { by: 'tested', data: '{"type":"thinking","thinking":"hm","signature":"s"}' },
    };
    const items: Item[] = [
      user('one'),
      user('two'),
      thought,
      { type: 'agent', text: 'I look.' },
      call('a'),
      call('b'),
      { type: 'context', about: 'interrupted', text: 'Stopped.' },
      result('a'),
      result('b', '', 'failed'),
      { type: 'agent', text: ' ' },
    ];
    const body = await ask('anthropic', items, { model, reasoningEffort: 'low' });
    expect(plain(body)).toEqual([
      ['user', 'one', 'two'],
      ['assistant', 'thinking', 'I look.', 'a', 'b'],
      ['user', 'a', 'b', '<interrupted>\nStopped.\n</interrupted>'],
      ['assistant', '(empty)'],
      ['user', 'Go on.'],
    ]);
    expect(body).toMatchObject({
      max_tokens: 64_000,
      thinking: { type: 'enabled', budget_tokens: 4096 },
      tool_choice: { type: 'auto', disable_parallel_tool_use: false },
      system: [{ type: 'text', text: 'You are tested.', cache_control: { type: 'ephemeral' } }],
    });
    expect((body['messages'] as Sent[])[2]?.content[1]).toEqual({
      type: 'tool_result',
      tool_use_id: 'b',
      is_error: true,
    });
  });

  test('at most four marks for the cache, the newest at the very end', async () => {
    const items = Array.from({ length: 30 }, (_, i): Item[] => [
      user(`u${i}`),
      { type: 'agent', text: `a${i}` },
    ]).flat();
    const n = server.requests.length;
    await ask('anthropic', [...items, user('last')], { model });
    const { text } = await server.arrived(n);
    expect(text.split('cache_control').length - 1).toBe(3);
    expect(text.endsWith('"text":"last","cache_control":{"type":"ephemeral"}}]}]}')).toBe(true);
  });

  test('without tools, those of the history are named and may not be called', async () => {
    const body = await ask('anthropic', [user('x'), call('a'), result('a'), user('sum up')], { model, tools: [] });
    expect(body).toMatchObject({ tools: [{ name: 'shell' }], tool_choice: { type: 'none' } });
  });

  test('a schema for the answer is asked for in words, beside the cached prefix', async () => {
    const body = await ask('anthropic', [user('x')], { model, outputSchema: { type: 'object', title: 'T' } });
    expect(body['system']).toMatchObject([
      { cache_control: {} },
      { text: expect.stringContaining('"title":"T"') as string },
    ]);
  });

  test('models that decide themselves how long to think are told a word', async () => {
    const body = await ask('anthropic', [user('x')], { model: 'claude-opus-4-6', reasoningEffort: 'high' });
    expect(body).toMatchObject({ thinking: { type: 'adaptive' }, output_config: { effort: 'high' } });
  });
});
