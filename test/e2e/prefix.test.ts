/** R16, C.2.3: over runs, another model and another policy, what was sent stays the beginning of what is sent. */
import { expect, it } from 'vitest';
import { HTTP_WIRES } from '../contract/provider.kit.ts';
import { newPlace } from '../cli/program.ts';
import { startModelServer, type Recorded } from '../model-server/server.ts';

const CACHE_MARK = ',"cache_control":{"type":"ephemeral"}';
const START = { responses: '"input":[', chat: '"messages":[', anthropic: '"messages":[' } as const;
const TAIL = { responses: ']}', chat: ']}', anthropic: ']}]}' } as const;

/** The conversation as it was sent, without its closing brackets and the marks of the cache. */
const said = (wire: (typeof HTTP_WIRES)[number], { text }: Recorded): string => {
  const plain = text.replaceAll(CACHE_MARK, '');
  expect(plain.endsWith(TAIL[wire])).toBe(true);
  return plain.slice(plain.indexOf(START[wire]) + START[wire].length, -TAIL[wire].length);
};
const headOf = (wire: (typeof HTTP_WIRES)[number], { body }: Recorded) => {
  const { tools, instructions, system, messages } = body;
  const first = wire === 'chat' && Array.isArray(messages) ? (messages[0] as unknown) : null;
  return JSON.stringify({ tools, instructions, system, first });
};

it.each(HTTP_WIRES)('%s', { timeout: 120_000 }, async (wire) => {
  const server = await startModelServer({
    turns: [
      {
        items: [
          { type: 'reasoning', text: 'I look.' },
          { type: 'shell', command: 'echo one' },
        ],
      },
      { items: [{ type: 'text', text: 'first' }] },
      { items: [{ type: 'shell', command: 'echo two' }] },
      { items: [{ type: 'text', text: 'second' }] },
    ],
  });
  const place = newPlace();
  const provider = `{ base_url = "${server.url}", wire_api = "${wire}" }`;
  const choice = ['--skip-git-repo-check', '-c', 'model_provider="t"', '-c', `model_providers.t=${provider}`];
  const first = await place.run(['exec', ...choice, '-m', 'model-a', 'go']);
  const again = await place.run([
    'exec',
    'resume',
    '--last',
    ...choice,
    '-m',
    'model-b',
    '-s',
    'workspace-write',
    'on',
  ]);
  await server.close();
  expect([first.code, again.code]).toEqual([0, 0]);
  expect(server.requests.map(({ body }) => body['model'])).toEqual(['model-a', 'model-a', 'model-b', 'model-b']);
  expect(new Set(server.requests.map((one) => headOf(wire, one))).size).toBe(1);
  for (const [i, one] of server.requests.entries()) {
    const before = server.requests[i - 1];
    if (before !== undefined) expect(said(wire, one).startsWith(said(wire, before))).toBe(true);
  }
  const news = said(wire, server.requests[2] as Recorded).slice(said(wire, server.requests[1] as Recorded).length);
  // What changed is appended, and nothing that was said is said differently.
  expect(news).toContain('<sandbox_mode>workspace-write');
  expect(news).not.toContain('<cwd>');
});
