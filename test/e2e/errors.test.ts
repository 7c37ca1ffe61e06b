import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Turn } from '../model-server/scenario.ts';
import { newStage, say, validLines } from './stage.ts';

const http = (status: number, headers?: Readonly<Record<string, string>>): Turn => ({
  items: [{ type: 'http', status, ...(headers && { headers }) }],
});
const fine = say('fine');

interface Row {
  readonly name: string;
  readonly turns: readonly Turn[];
  readonly requests: number;
  readonly code: number;
  readonly kind?: string;
  readonly args?: readonly string[];
}
const refused = (status: number): Row => ({
  name: `HTTP ${status}`,
  turns: [http(status), fine],
  requests: 1,
  code: 1,
});
const survived = (name: string, first: Turn, args: readonly string[] = []): Row => ({
  name,
  turns: [first, fine],
  requests: 2,
  code: 0,
  args,
});

describe('what a model server can do wrong', () => {
  it.each<Row>([
    ...[400, 401, 403, 404].map(refused),
    survived('HTTP 429 with Retry-After', http(429, { 'retry-after': '1' })),
    survived('HTTP 500, once', http(500)),
    survived('cut in the middle of an answer', { items: [{ type: 'text', text: 'half' }, { type: 'disconnect' }] }),
    survived('a rate limit in the stream', {
      items: [{ type: 'fail', code: 'rate_limit_exceeded', message: 'Please try again in 1s.' }],
    }),
  ])('$name: $requests request(s), exit $code', async ({ turns, requests, code, args = [] }) => {
    const stage = await newStage(...turns);
    const ended = await stage.exec(...args, 'go');
    const lines = validLines(ended.out);
    expect({ code: ended.code, requests: stage.server.requests.length }).toEqual({ code, requests });
    expect(lines.filter(({ type }) => type === 'retrying')).toHaveLength(requests - 1);
    expect(lines.at(-1)?.type).toBe(code === 0 ? 'turn.completed' : 'turn.failed');
  });

  it.each([
    ['Retry-After', http(429, { 'retry-after': '1' })],
    ['the words', { items: [{ type: 'fail', code: 'rate_limit_exceeded', message: 'Please try again in 1s.' }] }],
  ] as const)('waits as long as %s ask(s)', async (_, first) => {
    const stage = await newStage(first, fine);
    expect((await stage.exec('go')).code).toBe(0);
    const [one, two] = stage.server.requests;
    expect((two?.at ?? 0) - (one?.at ?? 0)).toBeGreaterThanOrEqual(990);
  });

  it('a silent stream is given up after stream_idle_timeout_ms, and asked for again', async () => {
    const stage = await newStage({ items: [{ type: 'text', text: 'half' }, { type: 'stall' }] }, fine);
    const provider = `{ name = "mine", base_url = "${stage.server.url}", env_key = "OPENAI_API_KEY", stream_idle_timeout_ms = 300 }`;
    const ended = await stage.exec('-c', 'model_provider="mine"', '-c', `model_providers.mine=${provider}`, 'go');
    expect({ code: ended.code, err: ended.err }).toMatchObject({ code: 0 });
    expect(stage.server.requests).toHaveLength(2);
    expect(validLines(ended.out).filter(({ type }) => type === 'retrying')).toHaveLength(1);
  });

  it('an answer cut after a whole call: it runs once, and has one result in the next request', async () => {
    const stage = await newStage(
      { items: [{ type: 'shell', command: 'echo run >> count' }, { type: 'disconnect' }] },
      fine,
    );
    const ended = await stage.exec('-s', 'workspace-write', 'go');
    validLines(ended.out);
    const count = join(stage.folder, 'count');
    const runs = existsSync(count) ? readFileSync(count, 'utf8') : '';
    expect({ code: ended.code, runs }).toEqual({ code: 0, runs: 'run\n' });
    const input = stage.server.requests.at(-1)?.body['input'] as readonly { type: string; call_id?: string }[];
    const idsOf = (wanted: string) => input.filter(({ type }) => type === wanted).map(({ call_id }) => call_id);
    expect(idsOf('function_call')).toHaveLength(1);
    expect(idsOf('function_call_output')).toEqual(idsOf('function_call'));
    expect(stage.server.requests).toHaveLength(2);
  });
});
