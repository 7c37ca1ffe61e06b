/** Every provider is a good citizen: one suite over all of them, with a real server where there is one. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Provider, ProviderConfig } from '../../actors/providers/provider.ts';
import { createProvider } from '../../actors/providers/registry.ts';
import type { ScriptItem } from '../../actors/providers/rehearsal/script.ts';
import { type ModelServer, startModelServer } from '../model-server/server.ts';
import {
  config,
  expectGood,
  failureOf,
  hear,
  HTTP_WIRES,
  listen,
  request,
  saidOf,
  told,
  user,
} from './provider.kit.ts';

const WIRES = [...HTTP_WIRES, 'rehearsal'] as const;

const SCRIPT: readonly ScriptItem[] = [
  { type: 'reasoning', text: 'First I look.' },
  { type: 'text', text: 'Grüße – 🙂 I run\n\ntwo things.' },
  { type: 'shell', command: 'echo "hä\\n"' },
  { type: 'call', name: 'apply_patch', args: { input: '*** Begin Patch\n*** End Patch' } },
];

describe.each(WIRES)('%s keeps the contract', (wire) => {
  let folder: string;
  let server: ModelServer;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'provider-'));
    server = await startModelServer({ turns: [{ items: SCRIPT }] });
  });
  afterEach(async () => {
    await server.close();
    await rm(folder, { recursive: true });
  });

  /** The same script for the server and for the embedded model. */
  const made = async (items: readonly ScriptItem[], more: Partial<ProviderConfig> = {}): Promise<Provider> => {
    server.load({ turns: [{ items }] });
    const script = join(folder, 'script.json');
    await writeFile(script, JSON.stringify({ turns: [{ items }] }));
    return createProvider(config(wire, server.url, { ...(wire === 'rehearsal' ? { script } : {}), ...more }));
  };

  test('the same script gives the same milestones, and deltas that add up to the items', async () => {
    const heard = await hear(await made(SCRIPT), request([user('go')]));
    expectGood(heard);
    const milestones = told(heard);
    const callIds = heard.flatMap((e) => (e.type === 'sample.item' && e.item.type === 'call' ? [e.item.callId] : []));
    expect(new Set(callIds).size).toBe(2);
    expect(milestones.slice(0, -1)).toEqual([
      { type: 'sample.opened' },
      { type: 'sample.item', item: { type: 'reasoning', text: 'First I look.' } },
      { type: 'sample.item', item: { type: 'agent', text: 'Grüße – 🙂 I run\n\ntwo things.' } },
      {
        type: 'sample.item',
        item: { type: 'call', callId: 'call 1', tool: 'shell', args: '{"command":"echo \\"hä\\\\n\\""}' },
      },
      {
        type: 'sample.item',
        item: {
          type: 'call',
          callId: 'call 2',
          tool: 'apply_patch',
          args: '{"input":"*** Begin Patch\\n*** End Patch"}',
        },
      },
    ]);
    expect(milestones.at(-1)).toMatchObject({ type: 'sample.completed', mustContinue: false });
    expect(saidOf(heard, 'agent.delta')).toBe('Grüße – 🙂 I run\n\ntwo things.');
    expect(saidOf(heard, 'reasoning.delta')).toBe('First I look.');
    expect(saidOf(heard, 'call.delta')).toBe(
      '{"command":"echo \\"hä\\\\n\\""}{"input":"*** Begin Patch\\n*** End Patch"}',
    );
    for (const event of heard) if ('turnId' in event) expect(event.turnId).toBe('turn-1');
  });

  test('the first event is asynchronous, and nothing is asked before somebody listens', async () => {
    const provider = await made(SCRIPT);
    const sample = provider.sample(request([user('go')]));
    expect(server.requests).toHaveLength(0);
    let isBorn = false;
    await new Promise<void>((resolve) => {
      sample.subscribe({ next: () => expect(isBorn).toBe(true), complete: resolve });
      isBorn = true;
    });
  });

  test('unsubscribing in the middle of the answer is silent at once, and the server sees the client go', async () => {
    const { heard, heardOf, subscription } = listen(
      await made([{ type: 'text', deltas: 10_000, gap_ms: 5 }]),
      request([user('go')]),
    );
    await heardOf('agent.delta');
    subscription.unsubscribe();
    const count = heard.length;
    if (wire !== 'rehearsal') {
      const asked = await server.arrived(0);
      await asked.over;
      expect(asked.isAbandoned).toBe(true);
    }
    expect(heard).toHaveLength(count);
    // Whatever was still on its way has arrived when a whole other answer has.
    server.load({ turns: [{ items: SCRIPT }] });
    await hear(await made(SCRIPT), request([user('another')]));
    expect(heard).toHaveLength(count);
  });

  test('unsubscribing at once asks nothing', async () => {
    const provider = await made(SCRIPT);
    const { heard, subscription } = listen(provider, request([user('never')]));
    subscription.unsubscribe();
    await hear(provider, request([user('another')]));
    expect(heard).toEqual([]);
    expect(server.requests.map(({ text }) => text.includes('never'))).toEqual(wire === 'rehearsal' ? [] : [false]);
  });

  test('two requests at a time do not mix', async () => {
    const provider = await made([{ type: 'text', deltas: 200, delta: 'a ' }]);
    const both = await Promise.all(['t1', 't2'].map((turnId) => hear(provider, request([user('go')], { turnId }))));
    for (const [i, heard] of both.entries()) {
      expectGood(heard);
      expect(saidOf(heard, 'agent.delta')).toBe('a '.repeat(200));
      for (const event of heard) if ('turnId' in event) expect(event.turnId).toBe(`t${i + 1}`);
    }
  });

  test.each([
    ['context_length_exceeded', 'contextWindowExceeded'],
    ['insufficient_quota', 'quotaExceeded'],
    ['invalid_prompt', 'badRequest'],
    ['rate_limit_exceeded', 'rateLimited'],
    ['server_is_overloaded', 'serverOverloaded'],
    ['max_output_tokens', 'responseIncomplete'],
    ['content_filter', 'contentFiltered'],
    ['anything_else', 'serverError'],
  ] as const)('D.4: %s is %s, whether it comes first or in the middle', async (code, kind) => {
    for (const before of [[], [{ type: 'text', text: 'Half of' }]] as const) {
      const fail: ScriptItem = { type: 'fail', code, message: 'It failed.\nTwice.' };
      const heard = await hear(await made([...before, fail]), request([user('go')]));
      expectGood(heard);
      expect(failureOf(heard).kind).toBe(kind);
      expect(failureOf(heard).message).toMatch(/^tested: /);
    }
  });

  test('D.2: a silent server is given up after the idle timeout, and the text says which setting is meant', async () => {
    const provider = await made([{ type: 'text', text: 'Half' }, { type: 'stall' }], { idleTimeoutMs: 120 });
    const heard = await hear(provider, request([user('go')]));
    expectGood(heard);
    expect(failureOf(heard)).toMatchObject({ kind: 'streamIdle' });
    expect(failureOf(heard).message).toContain('stream_idle_timeout_ms');
  });

  test('D.2: a lost connection is streamDisconnected', async () => {
    const heard = await hear(
      await made([{ type: 'text', text: 'Half' }, { type: 'disconnect' }]),
      request([user('go')]),
    );
    expectGood(heard);
    expect(failureOf(heard).kind).toBe('streamDisconnected');
  });

  test.each([
    [400, 'badRequest'],
    [401, 'unauthorized'],
    [403, 'forbidden'],
    [404, 'notFound'],
    [409, 'badRequest'],
    [422, 'badRequest'],
    [429, 'rateLimited'],
    [500, 'serverError'],
    [503, 'serverOverloaded'],
  ] as const)('D.4: HTTP %i is %s, with its Retry-After', async (status, kind) => {
    const heard = await hear(
      await made([{ type: 'http', status, headers: { 'retry-after': '7' } }]),
      request([user('go')]),
    );
    expectGood(heard);
    expect(heard).toHaveLength(1);
    expect(failureOf(heard)).toMatchObject({ kind, status, retryAfterMs: 7000 });
  });
});
