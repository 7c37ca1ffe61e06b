import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CallView, RuntimeEvent } from '../machines/protocol/index.ts';
import { NO_USAGE, newAccounting } from '../machines/protocol/usage.ts';
import { Line } from './json-schema.ts';
import { cutLines, newLines, openLines, toLines, type LinesState } from './json-lines.ts';

const AT = Date.UTC(2026, 0, 2, 3, 4, 5);
const usage = { input: 10, cachedInput: 4, output: 3, reasoningOutput: 1 };

const play = (story: readonly RuntimeEvent[], isCut = true): readonly Line[] => {
  let state: LinesState = newLines;
  const all: Line[] = [];
  const take = ([next, lines]: readonly [LinesState, readonly Line[]]) => {
    state = next;
    all.push(...lines);
  };
  take(openLines(state, 'thread-1', AT));
  for (const event of story) take(toLines(state, { ...event, at: AT }));
  if (isCut) take(cutLines(state, 'shutdown', AT));
  return all;
};

const turnId = fc.constantFrom('t1', 't2');
const callId = fc.constantFrom('c1', 'c2', 'c3');
const text = fc.string({ maxLength: 5 });
const plan = { backend: 'direct', sandbox: 'none' };
const view: fc.Arbitrary<CallView> = fc.constantFrom<CallView[]>(
  { kind: 'command', command: 'ls', argv: ['ls'], cwd: '/w', plan },
  { kind: 'command', command: 'ls', argv: ['ls'], cwd: '/w' },
  { kind: 'patch', changes: [{ path: 'a', kind: 'add', diff: '+a' }] },
  { kind: 'mcp', server: 's', tool: 't', args: '{"a":1}' },
  { kind: 'mcp', server: 's', tool: 't', args: 'no json' },
  { kind: 'tool', tool: 'update_plan', args: '{}' },
  { kind: 'tool', tool: 'nonsense', args: '' },
);
const status = fc.constantFrom('completed', 'failed', 'declined', 'aborted', 'timedOut', 'unknown');
const ending = { usage, undelivered: [] };
const error = { kind: 'streamDisconnected', message: 'gone' } as const;

const fact: fc.Arbitrary<RuntimeEvent> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('turn.started'),
      turnId,
      task: fc.constant('regular'),
      windowSize: fc.constant(9),
    }),
  },
  { weight: 6, arbitrary: fc.record({ type: fc.constant('call.started'), turnId, callId, tool: text, view }) },
  {
    weight: 6,
    arbitrary: fc.record({ type: fc.constant('call.finished'), turnId, callId, status, view, output: text }),
  },
  fc.record({
    type: fc.constant('items.recorded'),
    turnId,
    items: fc.array(fc.record({ type: fc.constantFrom('agent', 'reasoning'), text }), { maxLength: 3 }),
  }),
  fc.record({
    type: fc.constant('plan.updated'),
    turnId,
    plan: fc.array(fc.record({ step: text, status: fc.constantFrom('pending', 'in_progress', 'completed') }), {
      maxLength: 2,
    }),
  }),
  fc.record({ type: fc.constant('tokens.counted'), turnId, accounting: fc.constant(newAccounting(9)) }),
  fc.record({
    type: fc.constant('sample.retrying'),
    turnId,
    attempt: fc.constant(1),
    of: fc.constant(6),
    delayMs: fc.constant(200),
    error: fc.constant(error),
  }),
  fc.record({ type: fc.constant('session.warned'), message: text }),
  fc.record({ type: fc.constant('terminal.started'), terminalId: callId, callId, what: text, pid: fc.constant(null) }),
  fc.record({ type: fc.constant('terminal.ended'), terminalId: callId, status }),
  fc.record({
    type: fc.constant('turn.completed'),
    turnId,
    lastAgentMessage: fc.constant('done'),
    ...constants(ending),
  }),
  fc.record({
    type: fc.constant('turn.failed'),
    turnId,
    error: fc.constant(error),
    stopped: fc.constant([]),
    ...constants(ending),
  }),
  fc.record({
    type: fc.constant('turn.aborted'),
    turnId,
    reason: fc.constantFrom('interrupted', 'shutdown'),
    stopped: fc.constant([{ what: 'sh', pid: 3 }]),
    ...constants(ending),
  }),
) as fc.Arbitrary<RuntimeEvent>;

function constants<T extends object>(value: T) {
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, fc.constant(part)]));
}

const isTerminal = ({ type }: Line) => ['turn.completed', 'turn.failed', 'turn.aborted'].includes(type);

describe('R37: the lines of exec --json, for any order of facts', () => {
  const holds = (promise: (lines: readonly Line[]) => void) =>
    fc.assert(
      fc.property(fc.array(fact, { maxLength: 40 }), (story) => promise(play(story))),
      { numRuns: 500 },
    );

  it('are numbered without gaps, dated, and begin with the thread', () =>
    holds((lines) => {
      expect(lines.map(({ seq }) => seq)).toEqual(lines.map((_, i) => i));
      expect(lines[0]?.type).toBe('thread.started');
    }));

  it('fit their schema', () =>
    holds((lines) => {
      for (const line of lines) expect(Line.safeParse(line).error).toBeUndefined();
    }));

  it('give every turn exactly one terminal', () =>
    holds((lines) => {
      let open: string | null = null;
      for (const line of lines) {
        if (line.type === 'turn.started') {
          expect(open).toBeNull();
          open = line.turn_id;
        }
        if (isTerminal(line)) {
          expect(open).not.toBeNull();
          open = null;
        }
      }
      expect(open).toBeNull();
    }));

  it('end everything that went on in the background exactly once', () =>
    holds((lines) => {
      const open = new Set<string>();
      for (const line of lines) {
        if (line.type === 'terminal.started') {
          expect(open).not.toContain(line.terminal_id);
          open.add(line.terminal_id);
        }
        if (line.type === 'terminal.ended') expect(open.delete(line.terminal_id)).toBe(true);
      }
      expect([...open]).toEqual([]);
    }));

  it('complete every started item exactly once, before the terminal of its turn', () =>
    holds((lines) => {
      const open = new Set<string>();
      const done = new Set<string>();
      for (const line of lines) {
        if (line.type === 'item.started') open.add(line.item.id);
        if (line.type === 'item.updated') expect(open).toContain(line.item.id);
        if (line.type === 'item.completed') {
          expect(done).not.toContain(line.item.id);
          done.add(line.item.id);
          open.delete(line.item.id);
        }
        if (isTerminal(line)) expect([...open]).toEqual([]);
      }
    }));
});

describe('34: a command in the background', () => {
  const started: RuntimeEvent = { type: 'turn.started', turnId: 't1', task: 'regular', windowSize: 9 };
  const view: CallView = { kind: 'command', command: 'serve', argv: ['serve'], cwd: '/w', plan };
  const begun: RuntimeEvent = { type: 'terminal.started', terminalId: '7', callId: 'a', what: 'serve', pid: 9 };

  it('is a completed item without an exit code, and two lines of its own', () => {
    const lines = play([
      started,
      { type: 'call.started', turnId: 't1', callId: 'a', tool: 'exec_command', view },
      {
        type: 'call.finished',
        turnId: 't1',
        callId: 'a',
        status: 'completed',
        view,
        output: 'so far',
        terminalId: '7',
      },
      begun,
      { type: 'turn.completed', turnId: 't1', lastAgentMessage: 'x', ...ending },
      { type: 'terminal.ended', terminalId: '7', status: 'failed', exitCode: 143 },
    ]);
    expect(lines.slice(3)).toMatchObject([
      { type: 'item.completed', item: { status: 'completed', terminal_id: '7' } },
      { type: 'terminal.started', terminal_id: '7', command: 'serve', pid: 9 },
      { type: 'turn.completed' },
      { type: 'terminal.ended', terminal_id: '7', outcome: 'failed', exit_code: 143 },
    ]);
    expect(lines[3]).not.toHaveProperty('item.exit_code');
  });

  it('has its end also when we must leave in the middle', () => {
    expect(play([started, begun]).slice(-2)).toMatchObject([
      { type: 'turn.aborted' },
      { type: 'terminal.ended', terminal_id: '7', outcome: 'unknown' },
    ]);
  });
});

describe('a line', () => {
  const started: RuntimeEvent = { type: 'turn.started', turnId: 't1', task: 'regular', windowSize: 9 };
  const command: CallView = { kind: 'command', command: 'false', argv: ['false'], cwd: '/w', plan };

  it('H.5: carries the usage of the turn, not of the session', () => {
    const lines = play([started, { type: 'turn.completed', turnId: 't1', lastAgentMessage: 'x', ...ending }]);
    expect(lines.at(-1)).toMatchObject({
      type: 'turn.completed',
      usage: { input_tokens: 10, cached_input_tokens: 4, output_tokens: 3, reasoning_output_tokens: 1 },
    });
  });

  it('shows a refused command as declined, and a failing one as failed with its code', () => {
    const finished = { type: 'call.finished', turnId: 't1', view: command, output: 'out' } as const;
    const lines = play([
      started,
      { ...finished, callId: 'a', status: 'declined' },
      { ...finished, callId: 'b', status: 'completed', exitCode: 1 },
    ]);
    expect(lines.filter(({ type }) => type === 'item.completed')).toMatchObject([
      { item: { type: 'command_execution', status: 'declined', aggregated_output: 'out' } },
      { item: { type: 'command_execution', status: 'failed', exit_code: 1, sandbox: 'none', outcome: 'completed' } },
    ]);
  });

  it('R3: is still written when we must leave in the middle', () => {
    const lines = play([started, { type: 'call.started', turnId: 't1', callId: 'a', tool: 'shell', view: command }]);
    expect(lines.slice(-2)).toMatchObject([
      { type: 'item.completed', item: { status: 'failed', outcome: 'aborted' } },
      { type: 'turn.aborted', reason: 'shutdown', usage: { input_tokens: NO_USAGE.input } },
    ]);
  });
});
