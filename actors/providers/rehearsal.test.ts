/** The embedded model, played against a small stand-in for the runtime: calls are answered by a table of results. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CallStatus, Item } from '../../machines/protocol/index.ts';
import {
  config,
  expectGood,
  failureOf,
  hear,
  listen,
  PATCH,
  request,
  SHELL,
  user,
} from '../../test/contract/provider.kit.ts';
import type { Provider, SampleRequest, ToolSpec } from './provider.ts';
import { createProvider } from './registry.ts';

const named = (name: string): ToolSpec => ({ name, description: '', parameters: { type: 'object', properties: {} } });
const tools = [SHELL, PATCH, ...['update_plan', 'exec_command', 'write_stdin'].map(named)];
type Answer = readonly [status: CallStatus, output: string];
type Said = {
  readonly text: string;
  readonly calls: readonly { readonly tool: string; readonly args: Record<string, unknown> }[];
};

/** Asks, answers its calls with `answers` in turn, and hands over everything it said and called. */
const converse = async (
  asked: string,
  answers: readonly Answer[] = [],
  more: Partial<SampleRequest> = {},
): Promise<Said> => {
  const provider = await createProvider(config('rehearsal', ''));
  const items: Item[] = [user('something before'), { type: 'agent', text: 'Yes.' }, user(asked)];
  const calls: { tool: string; args: Record<string, unknown> }[] = [];
  const words: string[] = [];
  for (let round = 0; round < 10; round++) {
    const heard = await hear(provider, request(items, { tools, ...more }));
    expectGood(heard);
    const made = heard.flatMap((e) => (e.type === 'sample.item' ? [e.item] : []));
    items.push(...made);
    words.push(...made.flatMap((item) => (item.type === 'agent' ? [item.text] : [])));
    const called = made.filter((item) => item.type === 'call');
    for (const { callId, tool, args } of called) {
      const [status, output] = answers[calls.length] ?? ['completed', ''];
      calls.push({ tool, args: JSON.parse(args) as Record<string, unknown> });
      items.push({ type: 'result', callId, status, output });
    }
    if (called.length === 0) return { text: words.join('\n'), calls };
  }
  throw new Error('it never ends');
};

describe('understands plain requests', () => {
  test('run the tests: looks first, then runs what it found', async () => {
    const { calls, text } = await converse('run the tests', [
      ['completed', 'Exit code: 0\nOutput:\npackage.json\nMakefile\n'],
      ['failed', 'Exit code: 1\nOutput:\n1 failed\n'],
    ]);
    expect(calls.map(({ tool }) => tool)).toEqual(['shell', 'shell']);
    expect(calls[0]?.args['command']).toContain('package.json');
    expect(calls[1]?.args).toEqual({ command: 'npm test' });
    expect(text).toContain('The tests fail (npm test)');
    expect(text).toContain('1 failed');
  });

  test('run the tests where there are none', async () => {
    const { calls, text } = await converse('Run the tests.', [['completed', 'Exit code: 0\nOutput:\n']]);
    expect(calls).toHaveLength(1);
    expect(text).toContain('I found none of package.json');
  });

  test.each([
    ['run ls -la | head', 'ls -la | head'],
    ['Please run `echo "a. b."`', 'echo "a. b."'],
    ['read src/main.ts', "cat -- 'src/main.ts'"],
    ["show me the file it's.txt", "cat -- 'it'\\''s.txt'"],
    ['list files', 'ls -la'],
    ['delete notes.txt', "rm -- 'notes.txt'"],
    ['wait 2 seconds', 'sleep 2'],
    ['append "a b" to list.txt', "printf '%s\\n' 'a b' >> 'list.txt'"],
  ])('%s', async (asked, command) => {
    const { calls, text } = await converse(asked, [['completed', 'Exit code: 0\nOutput:\nfine\n']]);
    expect(calls).toEqual([{ tool: 'shell', args: { command } }]);
    expect(text).not.toBe('');
  });

  test.each([
    ['start npm run dev in the background', 'npm run dev'],
    ['Run `cat` in background.', 'cat'],
    ['run the server in the background', 'echo it listens; while sleep 1; do date; done'],
  ])('%s: leaves it running, and says under which name', async (asked, cmd) => {
    const { calls, text } = await converse(asked, [['completed', 'Process running with session ID 4711\nOutput:\n']]);
    expect(calls).toEqual([{ tool: 'exec_command', args: { cmd, yield_time_ms: 1_000 } }]);
    expect(text).toContain('as session 4711');
    expect((await converse(asked, [['failed', 'Exit code: 1\nOutput:\nno port']])).text).toContain('no port');
  });

  test.each([
    ['read session 4711', ''],
    ['type "go on" into session 4711', 'go on\n'],
  ])('%s', async (asked, chars) => {
    const { calls, text } = await converse(asked, [['completed', 'Output:\nhello']]);
    expect(calls).toEqual([{ tool: 'write_stdin', args: { session_id: 4711, chars } }]);
    expect(text).toContain('hello');
  });

  test('create hello.txt with a poem: a patch', async () => {
    const { calls, text } = await converse('create hello.txt with a poem');
    expect(calls[0]?.tool).toBe('apply_patch');
    expect(calls[0]?.args['input']).toMatch(
      /^\*\*\* Begin Patch\n\*\*\* Add File: hello\.txt\n(\+.+\n){4}\*\*\* End Patch\n$/,
    );
    expect(text).toBe('Created hello.txt.');
  });

  test('create a file with given words', async () => {
    const { calls } = await converse('create notes/a.md with "one\ntwo"');
    expect(calls[0]?.args['input']).toBe('*** Begin Patch\n*** Add File: notes/a.md\n+one\n+two\n*** End Patch\n');
  });

  test('replace in a file: reads it, then patches the lines it found', async () => {
    const { calls } = await converse('replace "foo" with "bar" in a.txt', [
      ['completed', 'Exit code: 0\nOutput:\nx\nfoo 1\ny\n'],
    ]);
    expect(calls.map(({ tool }) => tool)).toEqual(['shell', 'apply_patch']);
    expect(calls[1]?.args['input']).toBe(
      '*** Begin Patch\n*** Update File: a.txt\n@@\n-foo 1\n+bar 1\n*** End Patch\n',
    );
  });

  const command = "printf '%s\\n' '# rehearsed by turnstile' >> '/etc/hosts'";
  const denied: Answer = ['failed', 'Exit code: 2\nOutput:\nsh: /etc/hosts: Read-only file system\n'];

  test('append a line to /etc/hosts: tries, and when the sandbox says no, asks with a reason', async () => {
    const { calls, text } = await converse('append a line to /etc/hosts', [denied]);
    expect(calls).toEqual([
      { tool: 'shell', args: { command } },
      {
        tool: 'shell',
        args: {
          command,
          with_escalated_permissions: true,
          justification: 'Append one line to /etc/hosts, as you asked.',
        },
      },
    ]);
    expect(text).toContain('Appended');
  });

  test('takes no for an answer, and does not ask twice', async () => {
    const refused = await converse('append a line to /etc/hosts', [denied, ['declined', 'The user said no.']]);
    expect(refused.calls).toHaveLength(2);
    expect(refused.text).toContain('The answer was no');
    const again = await converse('append a line to /etc/hosts', [denied, denied]);
    expect(again.calls).toHaveLength(2);
    expect(again.text).toContain('I could not append');
  });

  test('make a plan: sets it, and ticks it off', async () => {
    const { calls, text } = await converse('make a plan');
    expect(calls).toHaveLength(4);
    expect(calls[0]?.args['plan']).toMatchObject([
      { status: 'in_progress' },
      { status: 'pending' },
      { status: 'pending' },
    ]);
    expect(calls[3]?.args['plan']).toMatchObject([
      { status: 'completed' },
      { status: 'completed' },
      { status: 'completed' },
    ]);
    expect(text).toContain('done');
  });

  test('without the tool it needs it says so, and calls nothing', async () => {
    const { calls, text } = await converse('run ls', [], { tools: [named('update_plan')] });
    expect(calls).toEqual([]);
    expect(text).toContain('none is offered');
  });

  test('is honest about what it is', async () => {
    for (const asked of ['hi', 'what can you do?', 'write me a compiler', '']) {
      const { text } = await converse(asked);
      expect(text).toContain('not a language model');
    }
  });

  test('thinks aloud, and says what it was told to say', async () => {
    const heard = await hear(
      await createProvider(config('rehearsal', '')),
      request([user('think about gates')], { tools }),
    );
    expect(heard.some((e) => e.type === 'sample.item' && e.item.type === 'reasoning')).toBe(true);
    expect((await converse('say "hi there"')).text).toBe('hi there');
  });

  test('a story is long and has gaps, so that it can be interrupted', async () => {
    const { heardOf, heard, subscription } = listen(
      await createProvider(config('rehearsal', '')),
      request([user('tell a long story')], { tools }),
    );
    await heardOf('agent.delta');
    subscription.unsubscribe();
    expect(heard.length).toBeLessThan(10);
  });

  test.each([
    ['fail with 503', 'serverOverloaded'],
    ['fail with context_length_exceeded', 'contextWindowExceeded'],
    ['fail', 'serverError'],
    ['disconnect', 'streamDisconnected'],
    ['stall', 'streamIdle'],
  ] as const)('%s', async (asked, kind) => {
    const provider = await createProvider(config('rehearsal', '', { idleTimeoutMs: 50 }));
    expect(failureOf(await hear(provider, request([user(asked)], { tools }))).kind).toBe(kind);
  });

  test('where a shape is demanded, the answer has it', async () => {
    const outputSchema = { type: 'object', properties: { answer: { type: 'string' }, n: { type: 'integer' } } };
    expect(JSON.parse((await converse('say yes', [], { outputSchema })).text)).toEqual({ answer: 'yes', n: 0 });
  });

  test('without tools it summarises: what was asked, what was called', async () => {
    const provider = await createProvider(config('rehearsal', ''));
    const items: Item[] = [
      user('fix the gate'),
      { type: 'call', callId: 'a', tool: 'shell', args: '{"command":"ls"}' },
      { type: 'result', callId: 'a', output: 'x', status: 'completed' },
      user('Summarise.'),
    ];
    const twice = [
      await hear(provider, request(items, { tools: [] })),
      await hear(provider, request(items, { tools: [] })),
    ];
    expect(twice[0]).toEqual(twice[1]);
    expect(JSON.stringify(twice[0])).toContain('fix the gate');
  });
});

describe('scripts', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'script-'));
  });
  afterAll(() => rm(folder, { recursive: true }));
  const scripted = async (script: unknown): Promise<Provider> => {
    const path = join(folder, 'script.json');
    await writeFile(path, typeof script === 'string' ? script : JSON.stringify(script));
    return createProvider(config('rehearsal', '', { script: path }));
  };
  const say = async (provider: Provider, more: Partial<SampleRequest> = {}) => {
    const heard = await hear(provider, request([user('x')], more));
    return heard.flatMap((e) => (e.type === 'sample.item' && e.item.type === 'agent' ? [e.item.text] : [])).join('');
  };

  test('one turn a request that offers tools, the last one repeating; others do not count', async () => {
    const provider = await scripted({
      turns: [{ items: [{ type: 'text', text: 'one' }] }, { items: [{ type: 'text', deltas: 3, delta: 'ab' }] }],
    });
    expect(await say(provider)).toBe('one');
    expect(await say(provider, { tools: [] })).toContain('Summary');
    expect(await say(provider)).toBe('ababab');
    expect(await say(provider)).toBe('ababab');
  });

  test.each([
    ['{', /script\.json: not JSON/],
    [{}, /script\.json: turns: /],
    [{ turns: [] }, /turns: at least one turn/],
    [
      { turns: [{ items: [{ type: 'text', text: 'a' }, { type: 'dance' }] }] },
      /turns\[0\]\.items\[1\].*must be text, reasoning/,
    ],
    [{ turns: [{ items: [{ type: 'text', text: 7 }] }] }, /turns\[0\]\.items\[0\]\.text: /],
    [{ turns: [{ items: [{ type: 'text' }] }] }, /turns\[0\]\.items\[0\]: a text needs either/],
    [{ turns: [{ items: [{ type: 'text', text: 'a', gap: 3 }] }] }, /turns\[0\]\.items\[0\]: unknown key "gap"/],
    [{ turns: [{ items: [{ type: 'http', status: 200 }] }] }, /turns\[0\]\.items\[0\]\.status: /],
    [{ turns: [{ items: [] }], extra: 1 }, /unknown key "extra"/],
  ])('%j is refused by name', async (script, message) => {
    await expect(scripted(script)).rejects.toThrow(message);
  });

  test('a script that cannot be read is refused', async () => {
    await expect(createProvider(config('rehearsal', '', { script: '/nowhere/s.json' }))).rejects.toThrow(
      '/nowhere/s.json: cannot be read (ENOENT)',
    );
  });

  test('many deltas leave others a turn on the event loop', async () => {
    const provider = await scripted({ turns: [{ items: [{ type: 'text', deltas: 200_000 }] }] });
    const { heardOf, heard, subscription } = listen(provider, request([user('x')]));
    await heardOf('agent.delta');
    await new Promise(setImmediate);
    subscription.unsubscribe();
    expect(heard.length).toBeLessThan(20_000);
  });
});
