import { request } from 'node:http';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { config, HTTP_WIRES, request as asked, user } from '../../test/contract/provider.kit.ts';
import { type ModelServer, startModelServer } from '../../test/model-server/server.ts';
import { quickString } from './quick.ts';
import { createProvider } from './registry.ts';
import { createFrames } from './sse.ts';

const framesOf = (chunks: readonly string[]) => {
  const frames: (readonly [string | undefined, string])[] = [];
  const { feed } = createFrames(
    (name, data) => frames.push([name, data]),
    () => frames.push(['overflow', '']),
  );
  chunks.forEach(feed);
  return frames;
};

test('events, comments, several lines of data, every line ending', () => {
  const text = 'event: a\r\ndata: 1\r\n\r\n: hush\ndata:2\ndata: 3\n\nid: x\rdata: 4\r\rdata: unfinished\n';
  expect(framesOf([text])).toEqual([
    ['a', '1'],
    [undefined, '2\n3'],
    [undefined, '4'],
  ]);
});

test('the same text gives the same frames, however it is cut', () => {
  const line = fc.oneof(
    fc.string().map((text) => `data: ${text.replace(/[\r\n]/g, ' ')}`),
    fc.constantFrom('', '', 'event: x', ': c', 'data', 'retry: 1', 'nonsense'),
  );
  const stream = fc.array(fc.tuple(line, fc.constantFrom('\n', '\r\n', '\r'))).map((lines) => lines.flat().join(''));
  fc.assert(
    fc.property(stream, fc.array(fc.nat(), { maxLength: 20 }), (text, cuts) => {
      const at = [...new Set(cuts.map((cut) => cut % (text.length + 1)))].sort((a, b) => a - b);
      const chunks = [0, ...at].map((from, i) => text.slice(from, at[i] ?? text.length));
      // A last lone CR may be half of a CRLF: only what follows can tell.
      expect(framesOf([...chunks, '\n'])).toEqual(framesOf([text, '\n']));
    }),
  );
});

test('a quick look finds what a proper reading finds, or finds nothing', () => {
  const nasty = fc.constantFrom('"', '\\', '}', '\n', 'delta', '🙂', 'é');
  const word = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(nasty).map((parts) => parts.join('')),
  );
  const escaped = (text: string) =>
    JSON.stringify(text).replace(/[^\x20-\x7e]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
  fc.assert(
    fc.property(word, fc.boolean(), fc.string(), (delta, isAscii, id) => {
      const written = isAscii ? escaped(delta) : JSON.stringify(delta);
      const json = `{"type":"t","id":${JSON.stringify(id)},"delta":${written},"more":{"delta":"no"}}`;
      expect(quickString(json, '{"type":"t"', '"delta":"')).toBe((JSON.parse(json) as { delta: string }).delta);
    }),
  );
  for (const odd of [
    '{"type":"t","delta":"a',
    '{"type":"t","delta":"\\x"}',
    '{"type":"u","delta":"a"}',
    '',
    '{"type":"t"}',
  ])
    expect(quickString(odd, '{"type":"t"', '"delta":"')).toBeNull();
});

// ---- throughput ---------------------------------------------------------------------------------------------------

const DELTAS = 200_000;
let server: ModelServer;
beforeAll(async () => {
  server = await startModelServer({ turns: [{ items: [{ type: 'text', deltas: DELTAS }] }] });
});
afterAll(() => server.close());

/** Reads the same answer and does nothing with it. */
const bareReader = (path: string, body: string) =>
  new Promise<number>((resolve, reject) => {
    const started = performance.now();
    const outgoing = request(`${server.url}${path}`, { method: 'POST' }, (response) => {
      response.setEncoding('utf8').on('data', () => {});
      response.on('end', () => resolve(performance.now() - started));
    });
    outgoing.on('error', reject).end(body);
  });

test.each(HTTP_WIRES)('%s: 200,000 deltas take little longer than reading the bytes', async (wire) => {
  const provider = await createProvider(config(wire, server.url));
  const before = process.memoryUsage().heapUsed;
  let count = 0;
  let peak = 0;
  const started = performance.now();
  await new Promise<void>((resolve) => {
    provider.sample(asked([user('go')])).subscribe({
      next: ({ type }) => {
        if (type !== 'agent.delta') return;
        count += 1;
        if (count % 20_000 === 0) peak = Math.max(peak, process.memoryUsage().heapUsed);
      },
      complete: resolve,
    });
  });
  const took = performance.now() - started;
  const sent = server.requests.at(-1);
  const bare = await bareReader(sent?.path.replace(/^\/v1/, '') ?? '', sent?.text ?? '');
  const grown = (peak - before) / 1024 / 1024;
  console.log(`${wire}: ${took.toFixed(0)} ms, bare reader ${bare.toFixed(0)} ms, heap +${grown.toFixed(0)} MiB`);
  expect(count).toBe(DELTAS);
  // The server writes in this very process, so both are mostly its work: a fuse against something quadratic.
  expect(took).toBeLessThan(bare * 6 + 1_000);
  expect(grown).toBeLessThan(200);
});
