import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Op, RuntimeEvent } from '../machines/protocol/index.ts';
import { createFakeSession, runMode, type FakeSession } from '../test/cli/fakes.ts';
import { createExec } from './exec.ts';
import type { Flags } from './flags.ts';

const folder = mkdtempSync(join(tmpdir(), 'turnstile-exec-'));
const env = { TURNSTILE_HOME: folder, HOME: folder, PATH: '/usr/bin:/bin' };
const usage = { input: 1, cachedInput: 0, output: 2, reasoningOutput: 0 };
const ending = { turnId: 't1', usage, undelivered: [] };
const view = { kind: 'command', command: 'rm x', argv: ['rm', 'x'], cwd: '/w' } as const;

const started: RuntimeEvent = { type: 'turn.started', turnId: 't1', task: 'regular', windowSize: 9 };
const says = (text: string): readonly RuntimeEvent[] => [
  started,
  {
    type: 'items.recorded',
    turnId: 't1',
    items: [
      { type: 'agent', text: 'let me see' },
      { type: 'agent', text },
    ],
  },
  { type: 'turn.completed', lastAgentMessage: text, ...ending },
];
const fails = (kind: 'contextWindowExceeded' | 'sandboxUnavailable' | 'limitReached' | 'unauthorized' | 'crashed') =>
  [started, { type: 'turn.failed', error: { kind, message: 'no luck' }, stopped: [], ...ending }] as const;
const declines: readonly RuntimeEvent[] = [
  started,
  { type: 'call.started', turnId: 't1', callId: 'c1', tool: 'shell', view },
  { type: 'call.finished', turnId: 't1', callId: 'c1', status: 'declined', view, output: 'refused' },
  ...says('I could not').slice(1),
];

const exec = (
  story: readonly RuntimeEvent[] | ((op: Op, session: FakeSession) => void),
  options: Parameters<typeof runMode>[1] = {},
) => {
  const session = createFakeSession((op, self) =>
    typeof story === 'function' ? story(op, self) : op.type === 'op.say' && self.emit(...story),
  );
  const ran = runMode(
    createExec(async () => session),
    { operands: ['do it'], env, cwd: folder, ...options },
  );
  return ran.then((result) => ({ ...result, ops: session.ops }));
};

describe('exec', () => {
  it('H.4.4: puts only the final message on stdout, and the progress on stderr', async () => {
    const { code, out, err } = await exec(says('all done'));
    expect({ code, out }).toEqual({ code: 0, out: 'all done\n' });
    expect(err).toContain('let me see');
    expect(err).not.toContain('all done');
  });

  it.each<[number, readonly RuntimeEvent[], Flags]>([
    [0, says('x'), {}],
    [0, declines, {}],
    [3, declines, { failOnRefusal: true }],
    [4, fails('contextWindowExceeded'), {}],
    [6, fails('sandboxUnavailable'), {}],
    [8, fails('limitReached'), {}],
    [1, fails('unauthorized'), {}],
    [1, fails('crashed'), { json: true }],
  ])('exits with %d', async (expected, story, flags) => {
    expect((await exec(story, { flags })).code).toBe(expected);
  });

  it('writes one JSON object a line, ending with the terminal', async () => {
    const { out } = await exec(declines, { flags: { json: true } });
    const lines = out
      .trimEnd()
      .split('\n')
      .map((line): { type: string } => JSON.parse(line));
    expect(lines.map(({ type }) => type)).toEqual([
      ...['thread.started', 'turn.started', 'item.started', 'item.completed', 'item.completed', 'item.completed'],
      'turn.completed',
    ]);
  });

  it('R13: refuses at once whatever is asked, naming the plan it refuses', async () => {
    const plan = { backend: 'direct', sandbox: 'none' };
    const question = { why: 'rule', now: null, ifYes: plan, offers: [], offersInWords: '', planHash: 'h1' };
    const { ops } = await exec((op, session) => {
      if (op.type === 'op.say')
        session.emit(started, {
          type: 'approval.requested',
          turnId: 't1',
          approvalId: 'a1',
          callId: 'c1',
          view,
          question,
        });
      if (op.type === 'op.decide') session.emit(...says('ok').slice(1));
    });
    expect(ops[1]).toMatchObject({ type: 'op.decide', approvalId: 'a1', decision: { kind: 'deny' }, planHash: 'h1' });
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ])('%s interrupts the turn, ends the lines with turn.aborted, and is exit %d', async (signal, expected) => {
    const stop = new AbortController();
    const { code, out, ops } = await exec(
      (op, session) => {
        if (op.type === 'op.say') {
          session.emit(started);
          stop.abort(signal);
        } else session.emit({ type: 'turn.aborted', reason: 'interrupted', stopped: [], ...ending });
      },
      { flags: { json: true }, stop: stop.signal },
    );
    expect(code).toBe(expected);
    expect(ops.map(({ type }) => type)).toEqual(['op.say', 'op.interrupt']);
    expect(JSON.parse(out.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({
      type: 'turn.aborted',
      reason: 'interrupted',
    });
  });

  it('takes the prompt from stdin for "-" and for nothing, but never beside an argument', async () => {
    for (const operands of [['-'], []]) {
      const { ops } = await exec(says('x'), { operands, stdin: 'from a pipe\n' });
      expect(ops[0]).toMatchObject({ type: 'op.say', text: 'from a pipe\n' });
    }
    expect((await exec(says('x'), { operands: ['argument'], stdin: 'pipe' })).ops[0]).toMatchObject({
      text: 'argument',
    });
    await expect(exec(says('x'), { operands: [], isInTty: true })).rejects.toThrow('no prompt');
    await expect(exec(says('x'), { operands: ['-'] })).rejects.toThrow('stdin was empty');
  });

  it('holds the final message against --output-schema, and writes it to -o', async () => {
    const outputSchema = join(folder, 'schema.json');
    const lastMessage = join(folder, 'last.txt');
    writeFileSync(
      outputSchema,
      JSON.stringify({
        type: 'object',
        properties: { n: { type: 'integer' } },
        required: ['n'],
        additionalProperties: false,
      }),
    );
    const flags = { outputSchema, lastMessage };
    const good = await exec(says('{"n":1}'), { flags });
    expect({ code: good.code, saved: readFileSync(lastMessage, 'utf8') }).toEqual({ code: 0, saved: '{"n":1}' });
    expect(good.ops[0]).toMatchObject({ outputSchema: { type: 'object' } });
    const bad = await exec(says('{"n":"one"}'), { flags });
    expect({ code: bad.code, err: bad.err }).toMatchObject({ code: 5, err: expect.stringContaining('n:') });
    expect((await exec(says('words'), { flags })).code).toBe(5);
    writeFileSync(outputSchema, '{');
    await expect(exec(says('x'), { flags })).rejects.toThrow('not JSON');
  });
});
