/** What becomes of a history, whatever the wire: images, names, pairs, and the bytes that never change. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Item } from '../../machines/protocol/index.ts';
import { config, hear, HTTP_WIRES, type HttpWire, request, user } from '../../test/contract/provider.kit.ts';
import { type ModelServer, startModelServer } from '../../test/model-server/server.ts';
import type { ProviderConfig, SampleRequest } from './provider.ts';
import { createProvider } from './registry.ts';

/** The smallest PNG: one pixel. */
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

let server: ModelServer;
let folder: string;
beforeAll(async () => {
  server = await startModelServer({ turns: [{ items: [] }], side: { items: [] } });
  folder = await mkdtemp(join(tmpdir(), 'bodies-'));
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

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

describe.each(HTTP_WIRES)('%s', (wire) => {
  let images: { readonly good: string; readonly gone: string; readonly text: string };
  beforeEach(async () => {
    images = { good: join(folder, 'a.png'), gone: join(folder, 'gone.png'), text: join(folder, 'text.png') };
    await writeFile(images.good, Buffer.from(PIXEL, 'base64'));
    await writeFile(images.text, 'no image');
  });

  test('images are sent; what cannot be read is a sentence', async () => {
    const provider = await createProvider(config(wire, server.url));
    const item: Item = { type: 'user', text: 'look', images: Object.values(images) };
    const n = server.requests.length;
    await hear(provider, request([item]));
    await rm(images.good);
    await hear(provider, request([item, user('more')]));
    const [first, second] = [await server.arrived(n), await server.arrived(n + 1)];
    expect(first.text).toContain(PIXEL);
    expect(first.text).toContain(`[image ${images.gone} could not be sent: ENOENT]`);
    expect(first.text).toContain(`[image ${images.text} could not be sent: neither PNG, JPEG, GIF nor WebP]`);
    expect(second.text, 'the same item is the same bytes, though the file is gone').toContain(PIXEL);
  });

  test('names that a server would refuse are changed on the way out and back', async () => {
    const name = `mcp__some.server__${'long '.repeat(20)}`;
    const tool = {
      name,
      description: '',
      parameters: { $schema: 'x', type: 'object', properties: { examples: { type: 'string' } } },
    };
    server.load({ turns: [{ items: [] }] });
    const body = await ask(wire, [user('x'), call('a', '{}', name), result('a')], { tools: [tool] });
    const sent = /"name":"(mcp__some_server__[^"]*)"/.exec(JSON.stringify(body['tools']))?.[1] ?? '';
    expect(sent).toMatch(/^[\w-]{1,64}$/);
    expect(JSON.stringify(body)).not.toContain(name);
    expect(JSON.stringify(body['tools'])).not.toContain('$schema');
    expect(JSON.stringify(body['tools'])).toContain('"examples":{"type":"string"}');
    server.load({ turns: [{ items: [{ type: 'call', name: sent, args: {} }] }] });
    const heard = await hear(await createProvider(config(wire, server.url)), request([user('x')], { tools: [tool] }));
    expect(heard).toContainEqual(expect.objectContaining({ item: expect.objectContaining({ tool: name }) as unknown }));
  });

  test('a damaged history is mended: each call answered once, no answer without a call', async () => {
    const items = [result('stray'), user('x'), call('a'), user('y'), call('b'), result('b'), result('b', 'again')];
    const text = JSON.stringify(await ask(wire, items));
    expect(text).not.toContain('stray');
    expect(text).not.toContain('again');
    expect(text.split('The result of this call was lost.').length - 1).toBe(1);
  });

  test('R16, C.2.3: what was sent before is the beginning of what is sent next, byte by byte', async () => {
    const provider = await createProvider(config(wire, server.url));
    const turn = fc.oneof(
      fc.string({ minLength: 1 }).map((text) => [user(text)]),
      fc.string({ minLength: 1 }).map((text): Item[] => [user('q'), { type: 'agent', text }]),
      fc.uuid().map((id) => [user('q'), call(id), result(id)]),
      fc.tuple(fc.uuid(), fc.uuid()).map(([a, b]) => [user('q'), call(a), call(b), result(a), result(b)]),
      fc
        .string()
        .map((text): Item[] => [user('q'), { type: 'agent', text: 'a' }, { type: 'context', about: 'shell', text }]),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(turn, { minLength: 1, maxLength: 6 }), turn, async (before, after) => {
        const n = server.requests.length;
        await hear(provider, request(before.flat()));
        await hear(provider, request([...before.flat(), ...after]));
        const [first, second] = [await server.arrived(n), await server.arrived(n + 1)].map(({ text }) =>
          text.replaceAll(',"cache_control":{"type":"ephemeral"}', '').replace(/(\]\})?\]\}$/, ''),
        );
        // Anthropic's wire makes the conversation end with the user, and joins what one role says.
        const known = (first ?? '').replace(/\]\},\{"role":"user","content":\[\{"type":"text","text":"Go on\."\}$/, '');
        expect(second?.startsWith(known)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  test('a long history costs a join: the second request of 1,600 items is written in a few milliseconds', async () => {
    const items = Array.from({ length: 400 }, (_, i) => [
      user(`question ${i}`),
      { type: 'agent', text: 'word '.repeat(100) } as const,
      call(`c${i}`),
      result(`c${i}`, 'line\n'.repeat(100)),
    ]).flat();
    const provider = await createProvider(config(wire, server.url));
    await hear(provider, request(items));
    const started = process.cpuUsage();
    await hear(provider, request([...items, user('next')]));
    const { user: spent } = process.cpuUsage(started);
    // The server of this test parses the same megabyte in this process: a generous fuse, not a measurement.
    expect(spent / 1000).toBeLessThan(500);
  });
});
