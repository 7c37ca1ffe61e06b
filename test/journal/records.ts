/** The records of a session as it really goes; pure, so that a script may use them too. */
import type { NewRecord } from '../../actors/journal/format.ts';
import type { NewHead } from '../../actors/journal/writer.ts';
import { newAccounting, NO_USAGE, type Item, type RuntimeEvent } from '../../machines/protocol/index.ts';

export const head: NewHead = {
  cwd: '/srv/project',
  version: '0.1.0',
  node: 'v24.0.0',
  model: 'rehearsal',
  provider: 'rehearsal',
  machines: { session: 'a1', turn: 'b2' },
  approval: 'on-request',
  sandbox: { kind: 'readOnly', network: 'off' },
};

export const fact = (value: RuntimeEvent, cause: number | null = null): NewRecord => ({
  kind: 'fact',
  fact: value,
  cause,
});
export const input = (event: { type: string }, to = 'session', from = 'user'): NewRecord => ({
  kind: 'input',
  to,
  from,
  cause: null,
  event,
});
export const say = (id: string, text: string): NewRecord => input({ type: 'op.say', id, text } as { type: string });
export const recorded = (turnId: string, ...items: Item[]): NewRecord =>
  fact({ type: 'items.recorded', turnId, items });

/** One turn in which the model speaks, calls a command and speaks again. */
export const turn = (n: number, output = `ok ${n} – fertig ✓\n`): NewRecord[] => {
  const turnId = `turn-${n}`;
  const callId = `call-${n}`;
  const view = { kind: 'command', command: 'ls', argv: ['ls'], cwd: '/srv/project' } as const;
  return [
    say(`op-${n}`, `question ${n} "with quotes"\nand lines`),
    fact({ type: 'op.accepted', opId: `op-${n}`, turnId }),
    fact({ type: 'turn.started', turnId, task: 'regular', windowSize: 1000 }),
    recorded(turnId, { type: 'user', text: `question ${n}`, inputId: `op-${n}` }),
    recorded(turnId, { type: 'call', callId, tool: 'shell', args: '{"command":["ls"]}' }),
    fact({ type: 'call.started', turnId, callId, tool: 'shell', view }),
    { kind: 'effect', id: `effect-${n}`, what: 'exec', callId },
    input({ type: 'exec.exited', callId, output } as { type: string }, `session/turn/task/${callId}`, 'exec'),
    { kind: 'effect.end', id: `effect-${n}` },
    fact({ type: 'call.finished', turnId, callId, status: 'completed', view, output, exitCode: 0 }),
    recorded(turnId, { type: 'result', callId, output, status: 'completed' }, { type: 'agent', text: `answer ${n}` }),
    fact({ type: 'tokens.counted', turnId, accounting: newAccounting(1000) }),
    fact({ type: 'turn.completed', turnId, usage: NO_USAGE, undelivered: [], lastAgentMessage: `answer ${n}` }),
  ];
};

export const story = (turns: number): NewRecord[] => Array.from({ length: turns }, (_, n) => turn(n + 1)).flat();
