import { describe, expect, it } from 'vitest';
import type { Op, Refusal } from './protocol/index.ts';
import { MAX_QUEUED } from './limits.ts';
import type { SessionContext, SessionState } from './session.contract.ts';
import { newSession } from './session.setup.ts';
import { cutBefore, refusal } from './session.words.ts';

const user = { type: 'user' as const, text: 'do', inputId: 'i' };
const blank = newSession({
  threadId: 't',
  cwd: '/',
  model: 'm',
  provider: 'p',
  approvalPolicy: 'onRequest',
  windowSize: 1_000,
  settings: { isAttended: true, compactAt: 900, maxAttempts: 3 },
  remembered: null,
});
const context: SessionContext = {
  ...blank,
  history: [user],
  turn: { turnId: 'turn-1', task: 'regular' },
  approvals: [
    { callId: 'c', approvalId: 'open', planHash: 'hash', state: 'open' },
    { callId: 'd', approvalId: 'answered', planHash: 'hash', state: 'answered' },
  ],
};
const id = 'op';
const steer = { type: 'op.steer', id, text: 'left', turnId: 'turn-1' } as const;
const decide = { type: 'op.decide', id, approvalId: 'open', decision: { kind: 'approve' } } as const;

const STATES: readonly SessionState[] = [
  'starting',
  'rewinding',
  'idle',
  'running',
  'aborting',
  'shuttingDown',
  'closed',
];
type Row = readonly [name: string, op: Op, idle: Refusal | null, running: Refusal | null, aborting: Refusal | null];
const ROWS: readonly Row[] = [
  ['say', { type: 'op.say', id, text: 'do' }, null, null, null],
  ['say nothing', { type: 'op.say', id, text: ' ' }, 'emptyInput', 'emptyInput', 'emptyInput'],
  ['queue', { type: 'op.queue', id, text: 'do' }, null, null, null],
  ['steer', steer, 'noActiveTurn', null, 'noActiveTurn'],
  ['steer nothing', { ...steer, text: '' }, 'emptyInput', 'emptyInput', 'emptyInput'],
  ['steer another', { ...steer, turnId: 'turn-0' }, 'noActiveTurn', 'turnMismatch', 'noActiveTurn'],
  ['decide', decide, 'staleApproval', null, 'staleApproval'],
  ['decide twice', { ...decide, approvalId: 'answered' }, 'staleApproval', 'staleApproval', 'staleApproval'],
  ['decide nothing', { ...decide, approvalId: 'no' }, 'unknownApproval', 'unknownApproval', 'unknownApproval'],
  ['decide another', { ...decide, planHash: 'other' }, 'staleApproval', 'planMismatch', 'staleApproval'],
  ['interrupt', { type: 'op.interrupt', id }, 'noActiveTurn', null, 'noActiveTurn'],
  ['interrupt another', { type: 'op.interrupt', id, turnId: 'x' }, 'noActiveTurn', 'noActiveTurn', 'noActiveTurn'],
  ['compact', { type: 'op.compact', id }, null, null, null],
  ['shell', { type: 'op.shell', id, command: 'ls' }, null, null, 'busy'],
  ['shell nothing', { type: 'op.shell', id, command: ' ' }, 'emptyInput', 'emptyInput', 'emptyInput'],
  ['rewind', { type: 'op.rewind', id, turns: 1 }, null, 'busy', 'busy'],
  ['rewind too far', { type: 'op.rewind', id, turns: 2 }, 'nothingToRewind', 'busy', 'busy'],
  ['close', { type: 'op.close', id }, null, null, null],
];

describe('what a session refuses', () => {
  it.each(ROWS)('%s', (name, op, idle, running, aborting) => {
    const late = name === 'close' ? null : 'shuttingDown';
    expect(STATES.map((state) => refusal(state, context, op))).toEqual([
      ...[null, null, idle],
      ...[running, aborting, late, 'closed'],
    ]);
  });

  it('takes no words for a turn that takes none, and no more than a queue holds', () => {
    const compacting: SessionContext = { ...context, turn: { turnId: 'turn-1', task: 'compact' } };
    expect(refusal('running', compacting, steer)).toBe('notSteerable');
    const queue = Array.from({ length: MAX_QUEUED }, (_, n) => ({ inputId: `${n}`, text: 'do' }));
    expect(refusal('running', { ...context, queue }, { type: 'op.queue', id, text: 'do' })).toBe('tooManyQueued');
  });

  it("counts the user's own messages back, and no others", () => {
    const shown = { type: 'user' as const, text: 'kept' };
    expect(cutBefore([shown, user, user], 1)).toBe(2);
    expect(cutBefore([shown, user, user], 2)).toBe(1);
    expect(cutBefore([shown, user, user], 3)).toBe(-1);
  });
});
