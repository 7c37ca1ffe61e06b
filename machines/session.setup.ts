/** The words of a session that XState must know: its holes, guards and actions. The chart stands in `session.machine.ts`. */
import { assign, setup } from 'xstate';
import { SESSION_GRACE_MS } from './deadlines.ts';
import { abortedResult, unanswered } from './history.ts';
import { messageOf } from './kit.ts';
import { actorPort, publishPort, sweepPort } from './ports.ts';
import { NO_USAGE, newAccounting } from './protocol/usage.ts';
import type { Item, Op } from './protocol/index.ts';
import type {
  Opened,
  OpenLogic,
  SessionContext,
  SessionEvent,
  SessionInput,
  SessionState,
} from './session.contract.ts';
import { cutBefore, inWords, isEmpty, refusal, turnIdOf } from './session.words.ts';
import type { Steered } from './tasks/contract.ts';
import { isSteerable } from './tasks/registry.ts';
import type { AbortReason, TurnInput, TurnLogic, TurnReported } from './turn.contract.ts';

type Report<T extends TurnReported['type']> = Extract<TurnReported, { type: T }>;
export const wordsOf = ({ id, text, images }: Extract<Op, { text: string }>): Steered => ({
  inputId: id,
  text,
  ...(images === undefined ? {} : { images }),
});

export const newSession = ({ remembered, windowSize, ...given }: SessionInput): SessionContext => ({
  ...given,
  history: remembered?.history ?? [],
  accounting: remembered?.accounting ?? newAccounting(windowSize),
  grants: remembered?.grants ?? [],
  turns: remembered?.turns ?? 0,
  undelivered: remembered?.undelivered ?? [],
  surroundings: [],
  queue: [],
  next: null,
  turn: null,
  approvals: [],
  deferred: [],
});

export const session = setup({
  types: {
    input: {} as SessionInput,
    context: {} as SessionContext,
    events: {} as SessionEvent,
  },
  actors: {
    open: actorPort<OpenLogic>('open'),
    turn: actorPort<TurnLogic>('turn'),
  },
  delays: { grace: SESSION_GRACE_MS },
  guards: {
    isRefused: ({ context, event }, state: SessionState) =>
      event.type.startsWith('op.') && refusal(state, context, event as Op) !== null,
    isAbort: ({ event }) => event.type === 'op.decide' && event.decision.kind === 'abort',
    canSteer: ({ context }) => context.turn !== null && isSteerable(context.turn.task),
    isMine: ({ context }, turnId: string) => context.turn?.turnId === turnId,
    hasWork: ({ context }) => context.next !== null || context.queue.length > 0,
    isAlone: ({ context }) => context.turn === null,
  },
  actions: {
    publish: publishPort,
    sweep: sweepPort,
    defer: assign(({ context }, op: Op) => ({ deferred: [...context.deferred, op] })),
    keepPlace: assign(({ context }, { surroundings }: Opened) => ({
      surroundings: [...context.surroundings, ...surroundings],
    })),
    enqueue: assign(({ context }, words: Steered) => ({ queue: [...context.queue, words] })),
    keepNext: assign((_, next: SessionContext['next']) => ({ next })),
    remember: assign(({ context }, { items }: Report<'turn.recorded'>) => ({
      history: [...context.history, ...items],
    })),
    forget: assign((_, { history }: Report<'turn.compacted'>) => ({ history })),
    count: assign((_, { accounting }: Report<'turn.counted'>) => ({ accounting })),
    ask: assign(({ context }, { approvalId, planHash }: Report<'turn.asked'>) => ({
      approvals: [...context.approvals, { approvalId, planHash, state: 'open' as const }],
    })),
    answered: assign(({ context }, approvalId: string) => ({
      approvals: context.approvals.map((approval) =>
        approval.approvalId === approvalId ? { ...approval, state: 'answered' as const } : approval,
      ),
    })),
    dropTurn: assign(() => ({ turn: null, approvals: [] })),
  },
});

export const accept = session.enqueueActions(({ enqueue, context, event }) => {
  const op = event as Op;
  const turnId = context.turn?.turnId;
  enqueue({
    type: 'publish',
    params: { type: 'op.accepted', opId: op.id, ...(turnId === undefined ? {} : { turnId }) },
  });
});

export const refuse = (state: SessionState) =>
  session.enqueueActions(({ enqueue, context, event }) => {
    const op = event as Op;
    const reason = refusal(state, context, op) ?? 'unknownOp';
    enqueue({ type: 'publish', params: { type: 'op.refused', opId: op.id, reason, message: inWords(reason) } });
  });

const opensTurn = (op: Op): boolean =>
  op.type === 'op.compact' || ((op.type === 'op.say' || op.type === 'op.queue') && !isEmpty(op));

/** The first fact of a session, and after it what was said while it started (A.1.6). */
const configured = (placeOf: (event: SessionEvent) => Omit<Opened, 'type' | 'surroundings'>) =>
  session.enqueueActions(({ enqueue, context, event }) => {
    const { threadId, cwd, model, provider, approvalPolicy, deferred, undelivered } = context;
    const { sandbox, warnings } = placeOf(event);
    enqueue({
      type: 'publish',
      params: { type: 'session.configured', threadId, cwd, model, provider, approvalPolicy, sandbox },
    });
    for (const message of warnings) enqueue({ type: 'publish', params: { type: 'session.warned', message } });
    for (const { inputId, text } of undelivered)
      enqueue({ type: 'publish', params: { type: 'input.returned', inputId, text } });
    enqueue.assign({ deferred: [], undelivered: [] });
    // An idle session that is told to close hears nothing more: what was asked behind that is answered here.
    const closing = deferred.findIndex(({ type }, at) => type === 'op.close' && !deferred.slice(0, at).some(opensTurn));
    const heard = closing < 0 ? deferred : deferred.slice(0, closing + 1);
    for (const { id } of deferred.slice(heard.length))
      enqueue({
        type: 'publish',
        params: { type: 'op.refused', opId: id, reason: 'closed', message: inWords('closed') },
      });
    for (const op of heard) enqueue.raise(op);
  });

const NOWHERE = { backend: 'none', sandbox: 'unknown' };
export const configure = configured((event) =>
  event.type === 'session.opened' ? event : { sandbox: NOWHERE, warnings: [] },
);
export const openFailed = configured((event) => ({
  sandbox: NOWHERE,
  warnings: [`the folder could not be looked at: ${'error' in event ? messageOf(event.error) : 'no reason was kept'}`],
}));

/** A turn begins: the op that opens it is accepted with its number, then it is born. */
const begin = (
  context: SessionContext,
  task: TurnInput['task'],
  subject: string,
  words: readonly Steered[],
  outputSchema: TurnInput['outputSchema'],
) => {
  const turns = context.turns + 1;
  const turnId = turnIdOf(turns);
  const { history, accounting, grants, settings, surroundings } = context;
  const input: TurnInput = {
    turnId,
    task,
    subject,
    words,
    surroundings: task === 'regular' ? surroundings : [],
    history,
    accounting,
    grants,
    settings,
    outputSchema: outputSchema ?? context.outputSchema,
  };
  return {
    input,
    change: { turns, turn: { turnId, task }, surroundings: task === 'regular' ? [] : surroundings },
  };
};

export const startTurn = session.enqueueActions(({ enqueue, context, event }) => {
  if (event.type !== 'op.say' && event.type !== 'op.queue') return;
  const { input, change } = begin(
    context,
    'regular',
    '',
    [wordsOf(event)],
    event.type === 'op.say' ? event.outputSchema : undefined,
  );
  enqueue.assign(change);
  enqueue({ type: 'publish', params: { type: 'op.accepted', opId: event.id, turnId: input.turnId } });
  enqueue.spawnChild('turn', { id: 'turn', input });
});

export const startCompaction = session.enqueueActions(({ enqueue, context, event }) => {
  if (event.type !== 'op.compact') return;
  const { input, change } = begin(context, 'compact', '', [], undefined);
  enqueue.assign(change);
  enqueue({ type: 'publish', params: { type: 'op.accepted', opId: event.id, turnId: input.turnId } });
  enqueue.spawnChild('turn', { id: 'turn', input });
});

/** What was asked meanwhile: a job that replaced the turn, else the oldest message. */
export const startNext = session.enqueueActions(({ enqueue, context }) => {
  const { next, queue } = context;
  const words = next === null ? queue.slice(0, 1) : [];
  const { input, change } = begin(context, next?.task ?? 'regular', next?.subject ?? '', words, undefined);
  enqueue.assign({ ...change, next: null, queue: next === null ? queue.slice(1) : queue });
  enqueue.spawnChild('turn', { id: 'turn', input });
});

export const tellQueued = session.enqueueActions(({ enqueue, event }) => {
  if (!('text' in event)) return;
  enqueue({ type: 'publish', params: { type: 'input.queued', inputId: event.id, text: event.text } });
});

export const steer = session.enqueueActions(({ enqueue, event }) => {
  if (event.type !== 'op.say' && event.type !== 'op.steer') return;
  const policy = event.type === 'op.steer' ? (event.policy ?? 'boundary') : 'boundary';
  enqueue.sendTo('turn', { type: 'turn.steer', steer: wordsOf(event), policy });
});

export const decide = session.enqueueActions(({ enqueue, event }) => {
  if (event.type !== 'op.decide') return;
  const { approvalId, decision, source } = event;
  enqueue.sendTo('turn', { type: 'approval.decided', approvalId, decision, source });
});

/** Whatever still waits is the user's again. */
export const returnQueue = session.enqueueActions(({ enqueue, context }) => {
  for (const { inputId, text } of context.queue)
    enqueue({ type: 'publish', params: { type: 'input.returned', inputId, text } });
  enqueue.assign({ queue: [] });
});

export const abort = (reason: AbortReason) =>
  session.enqueueActions(({ enqueue, context }) => {
    if (context.turn !== null) enqueue.sendTo('turn', { type: 'turn.interrupt', reason });
  });

export const rewind = session.enqueueActions(({ enqueue, context, event }) => {
  if (event.type !== 'op.rewind') return;
  const history = context.history.slice(0, cutBefore(context.history, event.turns));
  enqueue.assign({ history });
  enqueue({ type: 'publish', params: { type: 'history.rewound', turns: event.turns, history } });
});

/** The turn is over: it is taken out of the books, and what it did not read comes before what was queued. */
export const endTurn = session.enqueueActions(({ enqueue, context, event }) => {
  if (event.type !== 'xstate.done.actor.turn') return;
  const { outcome, unread } = event.output;
  const queue = [...unread, ...context.queue];
  enqueue.stopChild('turn');
  if (outcome === 'failed')
    for (const { inputId, text } of queue)
      enqueue({ type: 'publish', params: { type: 'input.returned', inputId, text } });
  enqueue.assign({ turn: null, approvals: [], queue: outcome === 'failed' ? [] : queue });
});

/** The machine of the turn broke. The session says so in its place, and keeps a history that can be sent. */
export const endCrashedTurn = session.enqueueActions(({ enqueue, context, event }) => {
  if (!('error' in event) || context.turn === null) return;
  const { turnId } = context.turn;
  const items: readonly Item[] = unanswered(context.history).map(({ callId }) => abortedResult(callId));
  enqueue({ type: 'sweep', params: { turnId, callId: null } });
  if (items.length > 0) enqueue({ type: 'publish', params: { type: 'items.recorded', turnId, items } });
  enqueue({
    type: 'publish',
    params: {
      type: 'turn.failed',
      turnId,
      usage: context.accounting.turn ?? NO_USAGE,
      undelivered: [],
      stopped: [],
      error: { kind: 'crashed', message: messageOf(event.error) },
    },
  });
  enqueue.stopChild('turn');
  enqueue.assign({ turn: null, approvals: [], history: [...context.history, ...items] });
});

export const sweepTurn = session.enqueueActions(({ enqueue, context }) => {
  if (context.turn === null) return;
  enqueue({ type: 'sweep', params: { turnId: context.turn.turnId, callId: null } });
  enqueue.stopChild('turn');
});

export const grantAlso = session.enqueueActions(({ enqueue, context, event }) => {
  if (event.type !== 'turn.granted') return;
  enqueue.assign({ grants: [...context.grants, ...event.grants] });
  for (const grant of event.grants) enqueue({ type: 'publish', params: { type: 'grant.given', grant } });
});
