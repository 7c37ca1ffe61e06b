/** The faults: what is replaced, in which file of `machines/`. */
import { FAULTS_BESIDE } from './faults.beside.ts';

/** Who is asked whether they notice a fault, in this order. */
export const JUDGE_NAMES = ['tests', 'stories', 'walk'] as const;
export type JudgeName = (typeof JUDGE_NAMES)[number];

export interface Fault {
  readonly name: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
}
const SESSION = 'session.machine.ts';
const TURN = 'turn.machine.ts';
const SETUP = 'turn.setup.ts';
const CALL = 'call.machine.ts';
const REGULAR = 'tasks/regular.machine.ts';
const CALLS = 'tasks/loop.calls.ts';
const LOOP = 'tasks/loop.setup.ts';

export const FAULTS: readonly Fault[] = [
  { name: 'queued words get no reply', file: SESSION, from: 'const queued = [\n  accept,', to: 'const queued = [' },
  {
    name: 'an accepted steer is not sent',
    file: SESSION,
    from: "'op.steer': [refused('running'), { actions: [accept, steer] }]",
    to: "'op.steer': [refused('running'), { actions: [accept] }]",
  },
  {
    name: 'a shutdown drops what comes back with its turn',
    file: SESSION,
    from: "guard: mine, actions: [endTurn('isDropped'), returnQueue] }",
    to: "guard: mine, actions: endTurn('isDropped') }",
  },
  {
    name: 'what waits is dropped instead of given back',
    file: 'session.waiting.ts',
    from: "  for (const { inputId, text } of [...context.held, ...context.queue])\n    enqueue({ type: 'publish', params: { type: 'input.returned', inputId, text } });\n",
    to: '',
  },
  {
    name: 'words of before a loss are dropped when the user speaks',
    file: 'session.waiting.ts',
    from: 'queue: [...context.held, ...context.queue], held: []',
    to: 'held: []',
  },
  {
    name: 'a turn that goes on forgets the calls that asked',
    file: SETUP,
    from: '...(asked.length === 0 ? {} : { asked }),',
    to: '',
  },
  {
    name: 'an interrupt is not passed on',
    file: SESSION,
    from: "{ target: 'aborting', actions: [accept, returnQueue, abort('interrupted')] },\n            ],",
    to: "{ target: 'aborting', actions: [accept, returnQueue] },\n            ],",
  },
  {
    name: 'questions are not remembered',
    file: SESSION,
    from: "'turn.asked': { actions: { type: 'ask', params: ({ event }) => event } },",
    to: '',
  },
  {
    name: 'records do not reach the session',
    file: SESSION,
    from: "'turn.recorded': { actions: { type: 'remember', params: ({ event }) => event } },",
    to: '',
  },
  {
    name: 'a turn does not cancel its task',
    file: TURN,
    from: "entry: [finish('aborted'), cancelAll],",
    to: "entry: finish('aborted'),",
  },
  {
    name: 'a turn waits for ever for its task',
    file: TURN,
    from: "after: { grace: { target: '#turn.finishing', actions: sweepAll } },",
    to: '',
  },
  { name: 'a turn waits for ever for the disk', file: TURN, from: 'after: { settlePatience: ending },', to: '' },
  { name: 'nobody expects the disk to crash', file: TURN, from: 'onError: ending,', to: '' },
  {
    name: 'leftovers stay open',
    file: SETUP,
    from: 'for (const { callId, view } of open)',
    to: 'for (const { callId, view } of open.slice(1))',
  },
  {
    name: 'receipts are not taken',
    file: SETUP,
    from: 'pending: delivered.size === 0 ? pending :',
    to: 'pending: delivered.size >= 0 ? pending :',
  },
  {
    name: 'a steer while it waits for a command is lost',
    file: TURN,
    from: "attending: {\n          on: {\n            'approval.decided': { actions: decideBelow },\n            'turn.steer': { actions: { type: 'keepPending', params: ({ event }) => event.steer } },",
    to: "attending: {\n          on: {\n            'approval.decided': { actions: decideBelow },",
  },
  {
    name: 'a steer while it finishes is lost',
    file: TURN,
    from: "onError: ending,\n      },\n      on: {\n        'turn.steer': { actions: { type: 'keepPending', params: ({ event }) => event.steer } },",
    to: 'onError: ending,\n      },\n      on: {',
  },
  {
    name: 'words for a compaction are lost',
    file: TURN,
    from: "{ actions: { type: 'keepPending', params: ({ event }) => event.steer } },\n            ],",
    to: '],',
  },
  {
    name: 'compaction keeps the old items',
    file: SETUP,
    from: 'enqueue.assign({ history, items: [], accounting: event.accounting });',
    to: 'enqueue.assign({ history, accounting: event.accounting });',
  },
  {
    name: 'undelivered words are not told',
    file: 'turn.endings.ts',
    from: "undelivered: context.outcome === 'completed' ? [] : undelivered(context),",
    to: 'undelivered: [],',
  },
  {
    name: 'unread words are not handed back',
    file: TURN,
    from: "unread: outcome === 'completed' ? pending.filter(({ about }) => about === undefined) : [],",
    to: 'unread: [],',
  },
  {
    name: 'a cancelled question stays open',
    file: CALL,
    from: "{ target: 'cancelled', actions: [resolve, 'abort'] }",
    to: "{ target: 'cancelled', actions: ['abort'] }",
  },
  {
    name: 'a no is a yes',
    file: 'call.setup.ts',
    from: "kind.startsWith('approve')",
    to: "(kind.startsWith('approve') || kind === 'deny')",
  },
  {
    name: 'a refused host needs no second yes',
    file: 'call.setup.ts',
    from: "asks: (_, { step }: CallPlan) => step === 'ask',",
    to: "asks: (_, { step }: CallPlan) => step !== 'refuse',",
  },
  {
    name: 'an escalation needs no second yes',
    file: 'call.words.ts',
    from: "plan.step === 'run' ? plan.ifDenied : null",
    to: "plan.step === 'run' ? (plan.ifDenied && afterYes(plan.ifDenied)) : null",
  },
  { name: 'cancel in planning is ignored', file: CALL, from: "'call.cancel': 'withdrawn',", to: '' },
  {
    name: 'cancel in ready is ignored',
    file: CALL,
    from: "{ target: 'running' },\n        ],\n        'call.cancel': { target: 'cancelled', actions: 'abort' },",
    to: "{ target: 'running' },\n        ],",
  },
  { name: 'cancel while it runs is ignored', file: CALL, from: "'call.cancel': 'cancelling',", to: '' },
  {
    name: 'a call waits for ever for its process',
    file: CALL,
    from: "},\n          after: { patience: { target: '#call.cancelled', actions: 'abort' } },",
    to: '},',
  },
  {
    name: 'a cancelled call tells no end',
    file: CALL,
    from: "cancelled: { type: 'final', entry: finish },",
    to: "cancelled: { type: 'final' },",
  },
  {
    name: 'an answered call tells no end',
    file: CALL,
    from: "answered: { type: 'final', entry: finish },",
    to: "answered: { type: 'final' },",
  },
  {
    name: 'nobody expects exec to crash',
    file: CALL,
    from: "onError: { target: '#call.answered', actions: crashed('the command could not be run') },",
    to: '',
  },
  {
    name: 'results are not recorded',
    file: CALLS,
    from: "enqueue.sendTo(toParent, { type: 'task.recorded', items: results });",
    to: '',
  },
  {
    name: 'results come in the wrong order',
    file: 'tasks/calls.ts',
    from: 'calls.map(({ callId, output }) =>\n    output',
    to: 'calls.toReversed().map(({ callId, output }) =>\n    output',
  },
  {
    name: 'ids are taken twice',
    file: 'history.ts',
    from: "if (call.callId !== '' && !isTaken(call.callId)) return call;",
    to: 'return call;',
  },
  {
    name: 'calls are dropped at a retry',
    file: REGULAR,
    from: "settling: { always: { guard: 'isOver', target: 'backingOff', actions: flush } },",
    to: "settling: { always: { target: 'backingOff' } },",
  },
  {
    name: 'results are forgotten at a failure',
    file: REGULAR,
    from: "always: { guard: 'isOver', target: 'failed', actions: flush },",
    to: "always: { target: 'failed' },",
  },
  {
    name: 'calls are not cancelled when stopping',
    file: REGULAR,
    from: "entry: cancelCalls,\n      on: { ...windingDown, 'task.cancel': {} },",
    to: "on: { ...windingDown, 'task.cancel': {} },",
  },
  {
    name: 'calls are not cancelled when closing',
    file: REGULAR,
    from: "entry: [sendTo('sample', { type: 'sample.cut' }), cancelCalls],",
    to: "entry: sendTo('sample', { type: 'sample.cut' }),",
  },
  {
    name: 'a cut request is waited for for ever',
    file: REGULAR,
    from: "after: { cutPatience: '#regular.stopping' },",
    to: '',
  },
  {
    name: 'cancel in back-off is ignored',
    file: REGULAR,
    from: 'backingOff: {\n      entry: tellRetry,',
    to: "backingOff: {\n      on: { 'task.cancel': {} },\n      entry: tellRetry,",
  },
  {
    name: 'steers are delivered twice',
    file: LOOP,
    from: 'enqueue.assign({ ...recorded(context, items), steers: [] });',
    to: 'enqueue.assign({ ...recorded(context, items) });',
  },
  {
    name: 'a preempting steer is lost',
    file: REGULAR,
    from: "target: 'cutting',\n                actions: { type: 'keepSteer', params: ({ event }) => event.steer },",
    to: "target: 'cutting',",
  },
  {
    name: 'an overflow is retried',
    file: 'protocol/error.ts',
    from: "  'rateLimited',\n  'serverOverloaded',\n  'serverError',\n  'responseIncomplete',",
    to: "  'contextWindowExceeded',\n  'rateLimited',\n  'serverOverloaded',\n  'serverError',\n  'responseIncomplete',",
  },
  {
    name: 'late words of an attempt are heard',
    file: LOOP,
    from: 'isCurrent: ({ context }, attempt: number) => context.attempt === attempt,',
    to: 'isCurrent: () => true,',
  },
  {
    name: 'an exclusive call does not wait',
    file: 'tasks/calls.ts',
    from: "if (isFirst && call.phase === 'ready') slots.push(slot);",
    to: "if (call.phase === 'ready') slots.push(slot);",
  },
  {
    name: 'an aid is not waited for',
    file: TURN,
    from: "          always: { guard: 'isAlone', target: '#turn.finishing' },\n        },\n        aborting",
    to: "          always: { target: '#turn.finishing' },\n        },\n        aborting",
  },
  {
    name: 'only the primary task is cancelled',
    file: SETUP,
    from: 'for (const id of context.running) enqueue.sendTo(id, { type: id ===',
    to: "for (const id of ['task']) enqueue.sendTo(id, { type: id ===",
  },
  {
    name: 'hidden output is told',
    file: 'tasks/shell.machine.ts',
    from: "if (subject.audience === 'user') return;",
    to: '',
  },
  {
    name: 'an answered question stays open for the session',
    file: SESSION,
    from: "state: 'decided' as const",
    to: "state: 'open' as const",
  },
  ...FAULTS_BESIDE,
];
