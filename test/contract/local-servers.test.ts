/** Ollama, LM Studio, llama.cpp, vLLM and their like: reached by one URL, understood in their own words. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createProvider } from '../../actors/providers/registry.ts';
import type { Item } from '../../machines/protocol/index.ts';
import { type ModelServer, startModelServer } from '../model-server/server.ts';
import { DIALECTS } from './local-servers.ts';
import { config, expectGood, failureOf, hear, request, saidOf, user } from './provider.kit.ts';

let server: ModelServer;
beforeAll(async () => {
  server = await startModelServer({ turns: [{ items: [] }] });
});
afterAll(() => server.close());

const ask = async (raw: string, items: readonly Item[], pieceBytes?: number) => {
  server.load({ turns: [{ items: [], raw, ...(pieceBytes !== undefined && { pieceBytes }) }] });
  const provider = await createProvider(config('chat', server.url, { id: 'local', apiKey: null, envKey: null }));
  const heard = await hear(provider, request(items, { model: 'm' }));
  expectGood(heard);
  return heard;
};
const itemsOf = (heard: Awaited<ReturnType<typeof ask>>) =>
  heard.flatMap((event) => (event.type === 'sample.item' ? [event.item] : []));

describe.each(DIALECTS)('$name', ({ stream, text, reasoning, calls = [], usage, fails }) => {
  test.each([undefined, 7])('says what was meant, in pieces of %s bytes', async (pieceBytes) => {
    const heard = await ask(stream, [user('go')], pieceBytes);
    if (fails !== undefined) return expect(failureOf(heard)).toMatchObject({ kind: fails });
    expect(itemsOf(heard)).toEqual([
      ...(reasoning === undefined ? [] : [{ type: 'reasoning', text: reasoning }]),
      ...(text === undefined ? [] : [{ type: 'agent', text }]),
      ...calls.map((args) => ({ type: 'call', callId: expect.any(String) as string, tool: 'shell', args })),
    ]);
    expect(saidOf(heard, 'agent.delta')).toBe(text ?? '');
    const ids = itemsOf(heard).flatMap((item) => (item.type === 'call' ? [item.callId] : []));
    expect(ids).not.toContain('');
    expect(new Set(ids).size).toBe(calls.length);
    const last = heard.at(-1);
    if (usage === null) expect(last).toMatchObject({ type: 'sample.completed', usage: null });
    else if (usage !== undefined) expect(last).toMatchObject({ type: 'sample.completed', usage });
    else expect(last?.type).toBe('sample.completed');
  });
});

test('an id that an earlier answer had is changed, so that each result stays with its call', async () => {
  const { stream = '' } = DIALECTS.find(({ name }) => name.startsWith('the same id')) ?? {};
  const before: Item[] = [
    user('go'),
    { type: 'call', callId: 'call_0', tool: 'shell', args: '{}' },
    { type: 'result', callId: 'call_0', status: 'completed', output: 'first' } as Item,
  ];
  const ids = itemsOf(await ask(stream, before)).flatMap((item) => (item.type === 'call' ? [item.callId] : []));
  expect(new Set(['call_0', ...ids]).size).toBe(3);
});
