/** What a network can do to an answer, on every wire, over real HTTP. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  config,
  expectGood,
  failureOf,
  hear,
  HTTP_WIRES,
  type HttpWire,
  request,
  saidOf,
  told,
  user,
} from '../../test/contract/provider.kit.ts';
import type { Turn } from '../../test/model-server/scenario.ts';
import { type ModelServer, startModelServer } from '../../test/model-server/server.ts';
import type { ProviderConfig } from './provider.ts';
import { createProvider } from './registry.ts';
import type { ProviderDeps } from './stream.ts';

/** Bytes between two cuts; `TURNSTILE_DEEP=1` cuts at each. */
const STEP = process.env['TURNSTILE_DEEP'] === '1' ? 1 : 7;

const TURN: Turn = {
  items: [
    { type: 'reasoning', text: 'Ich überlege.' },
    { type: 'text', text: 'Größe 🙂 ist\negal.' },
    { type: 'shell', command: 'printf "✓"' },
  ],
  usage: { input: 100, cached: 40, output: 20, reasoning: 0 },
};

describe.each(HTTP_WIRES)('%s', (wire) => {
  let server: ModelServer;
  beforeEach(async () => {
    server = await startModelServer({ turns: [TURN] });
  });
  afterEach(() => server.close());

  const sample = async (turn: Turn, more: Partial<ProviderConfig> = {}, deps: ProviderDeps = {}) => {
    server.load({ turns: [turn] });
    const heard = await hear(await createProvider(config(wire, server.url, more), deps), request([user('go')]));
    expectGood(heard);
    return heard;
  };

  test('counts tokens, the cached ones among the input', async () => {
    const heard = await sample(TURN);
    expect(heard.at(-1)).toMatchObject({ usage: { input: 100, cachedInput: 40, output: 20 } });
  });

  test('a failure acts at once, not when the server closes the connection', async () => {
    const heard = await sample({
      items: [
        { type: 'text', text: 'x' },
        { type: 'fail', code: 'boom' },
      ],
      staysOpen: true,
    });
    expect(failureOf(heard).kind).toBe('serverError');
  });

  test('a complete answer acts at once, not when the server closes the connection', async () => {
    const heard = await sample({ ...TURN, staysOpen: true });
    expect(heard.at(-1)?.type).toBe('sample.completed');
  });

  test('D.2: an orderly end before the end of the answer is streamDisconnected', async () => {
    expect(failureOf(await sample({ ...TURN, isEndless: true })).kind).toBe('streamDisconnected');
  });

  test('headers that do not come are streamIdle', async () => {
    const heard = await sample({ ...TURN, headersAfterMs: Infinity }, { idleTimeoutMs: 100 });
    expect(failureOf(heard).kind).toBe('streamIdle');
    expect(heard).toHaveLength(1);
  });

  test('slow is not idle: every byte starts the clock anew', async () => {
    const heard = await sample({ items: [{ type: 'text', deltas: 8, gap_ms: 60 }] }, { idleTimeoutMs: 250 });
    expect(heard.at(-1)?.type).toBe('sample.completed');
  });

  test('malformed and unknown events are skipped and counted', async () => {
    const ignored: string[] = [];
    const whole = await server.render(wire, TURN);
    const cut = whole.indexOf('\n\n') + 2;
    const noise = 'data: {"type": "res\n\ndata: {"type":"response.unheard_of","object":"unheard_of"}\n\n: comment\n\n';
    const heard = await sample(
      { items: [], raw: whole.slice(0, cut) + noise + whole.slice(cut) },
      {},
      {
        ignored: (what) => ignored.push(what),
      },
    );
    expect(told(heard)).toEqual(told(await sample(TURN)));
    expect(ignored).toHaveLength(2);
  });

  test('no retries: one request, whatever came of it', async () => {
    for (const status of [429, 500]) await sample({ items: [{ type: 'http', status }] });
    expect(server.requests).toHaveLength(2);
  });

  test('one connection serves one answer after the other', async () => {
    const provider = await createProvider(config(wire, server.url));
    for (let i = 0; i < 5; i++) expectGood(await hear(provider, request([user('go')])));
    expect(new Set(server.requests.map(({ clientPort }) => clientPort)).size).toBe(1);
  });

  test('a stream in pieces of any size says the same', async () => {
    const whole = told(await sample(TURN));
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 40 }), async (pieceBytes) => {
        const heard = await sample({ ...TURN, pieceBytes });
        expect(told(heard)).toEqual(whole);
        expect(saidOf(heard, 'agent.delta')).toBe('Größe 🙂 ist\negal.');
      }),
      { numRuns: 8, examples: [[1]] },
    );
  });

  test('a stream cut at each byte ends in a failure or in the whole answer', { timeout: 120_000 }, async () => {
    const bytes = Buffer.byteLength(await server.render(wire, TURN));
    const whole = told(await sample(TURN));
    let failed = 0;
    for (let cutAtByte = 0; cutAtByte <= bytes; cutAtByte += STEP) {
      const heard = await sample({ ...TURN, cutAtByte });
      const last = heard.at(-1);
      if (last?.type === 'sample.failed') {
        failed += 1;
        expect(last.error.kind, `${cutAtByte} of ${bytes} bytes`).toBe('streamDisconnected');
      } else {
        expect(told(heard).slice(0, -1), `${cutAtByte} of ${bytes} bytes`).toEqual(whole.slice(0, -1));
      }
    }
    expect(failed).toBeGreaterThan(bytes / STEP / 2);
  });
});

describe('before an answer', () => {
  const asked = request([user('go')]);
  const fails = async (wire: HttpWire, baseUrl: string, more: Partial<ProviderConfig> = {}) => {
    const heard = await hear(await createProvider(config(wire, baseUrl, more)), asked);
    expectGood(heard);
    return failureOf(heard);
  };
  let mute: Server;
  let port: number;
  beforeAll(async () => {
    mute = createServer((_, response) => response.socket?.destroy());
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
    port = (mute.address() as AddressInfo).port;
  });
  afterAll(() => mute.close());

  test.each(HTTP_WIRES)('%s without its key asks nobody, and names the variable', async (wire) => {
    const error = await fails(wire, 'http://127.0.0.1:1/v1', { apiKey: null, envKey: 'MY_KEY' });
    expect(error.kind).toBe('unauthorized');
    expect(error.message).toContain('Missing environment variable: MY_KEY');
  });

  test('even what is known beforehand is said asynchronously', async () => {
    const provider = await createProvider(config('chat', 'http://127.0.0.1:1/v1', { apiKey: null }));
    let isBorn = false;
    await new Promise<void>((resolve) => {
      provider.sample(asked).subscribe({ next: () => expect(isBorn).toBe(true), complete: resolve });
      isBorn = true;
    });
  });

  test('chat: a server that ends its answer and then says nothing is not waited for', async () => {
    const server = await startModelServer({ turns: [{ items: [] }] });
    const chunk = { choices: [{ index: 0, delta: { content: 'All.' }, finish_reason: 'stop' }] };
    server.load({ turns: [{ items: [], raw: `data: ${JSON.stringify(chunk)}\n\n`, staysOpen: true }] });
    const heard = await hear(await createProvider(config('chat', server.url)), asked);
    expect(told(heard)).toEqual([
      { type: 'sample.opened' },
      { type: 'sample.item', item: { type: 'agent', text: 'All.' } },
      { type: 'sample.completed', usage: null, mustContinue: false },
    ]);
    await server.close();
  });

  test('nobody listens: says so, and which URL', async () => {
    const server = await startModelServer({ turns: [{ items: [] }] });
    await server.close();
    const error = await fails('responses', server.url);
    expect(error).toMatchObject({ kind: 'connectionFailed' });
    expect(error.message).toContain(`nothing listens at ${server.url}`);
  });

  test('a host that is none', async () => {
    for (const name of ['HTTP_PROXY', 'http_proxy']) vi.stubEnv(name, undefined);
    const error = await fails('chat', 'http://no-such-host.invalid/v1');
    expect(error.kind).toBe('connectionFailed');
    expect(error.message).toContain('no-such-host.invalid');
    vi.unstubAllEnvs();
  });

  test('a server that hangs up without a word', async () => {
    expect((await fails('chat', `http://127.0.0.1:${port}/v1`)).kind).toBe('connectionFailed');
  });

  test('TLS where there is none is final', async () => {
    const error = await fails('anthropic', `https://127.0.0.1:${port}/v1`);
    expect(['badRequest', 'connectionFailed']).toContain(error.kind);
  });

  test('a web page or a plain JSON answer is no stream: final, and base_url is named', async () => {
    const pages = [
      ['text/html', '<html><title>Welcome</title></html>', 'Welcome'],
      ['application/json; charset=utf-8', '{"choices":[]}', '{"choices":[]}'],
    ] as const;
    for (const [type, body, said] of pages) {
      const site = createServer((_, response) => response.setHeader('content-type', type).end(body));
      await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
      const error = await fails('chat', `http://127.0.0.1:${(site.address() as AddressInfo).port}`);
      expect(error.kind).toBe('notFound');
      expect(error.message).toContain(said);
      expect(error.message).toContain('base_url');
      site.close();
    }
  });

  test('a proxy of the environment is used, but never for this machine', async () => {
    const asked: string[] = [];
    const proxy = createServer((incoming, response) => {
      asked.push(incoming.url ?? '');
      response.writeHead(418).end();
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    vi.stubEnv('HTTP_PROXY', `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`);
    vi.stubEnv('NO_PROXY', '');
    await fails('chat', 'http://model.invalid/v1');
    await fails('chat', `http://127.0.0.1:${port}/v1`);
    vi.unstubAllEnvs();
    proxy.close();
    expect(asked).toEqual(['http://model.invalid/v1/chat/completions']);
  });

  test('query parameters and headers of the configuration are sent', async () => {
    const server = await startModelServer({ turns: [{ items: [{ type: 'text', text: 'x' }] }] });
    const settings = { query: { 'api-version': '2026-01-01' }, headers: { 'x-team': 'red' } };
    await hear(await createProvider(config('responses', `${server.url}/`, settings)), asked);
    const [sent] = server.requests;
    expect(sent?.path).toBe('/v1/responses?api-version=2026-01-01');
    expect(sent?.headers).toMatchObject({ 'x-team': 'red', authorization: 'Bearer sk-test' });
    await server.close();
  });
});
