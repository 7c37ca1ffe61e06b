/** The words of a session that XState must know: its holes, guards and actions. The chart stands in `session.machine.ts`. */
import { assign, setup } from 'xstate';
import { RESTORE_PATIENCE_MS, SESSION_GRACE_MS } from './deadlines.ts';
import { estimateTokens } from './history.ts';
import { hookTimeOf } from './hook.words.ts';
import { messageOf } from './kit.ts';
import { actorPort, publishPort, sweepPort } from './ports.ts';
import { countItems, newAccounting } from './protocol/usage.ts';
import type { Op } from './protocol/index.ts';
import type {
  Job,
  OpenApproval,
  Opened,
  HookLogic,
  OpenLogic,
  RestoreLogic,
  SessionContext,
  SessionEvent,
  SessionInput,
  SessionState,
} from './session.contract.ts';
import { hearsWords, inWords, refusal, turnIdOf, jobOf, wordsOfBefore } from './session.words.ts';
import { isMcpActor, type McpLogic } from './mcp.contract.ts';
import { isTerminalActor, type TerminalLogic } from './terminal.contract.ts';
import { newsOf } from './terminal.words.ts';
import { NO_SUBJECT, type Steered, type Subject, type Will } from './tasks/contract.ts';
import { needsSurroundings } from './tasks/registry.ts';
import type { AbortReason, Continuation, TurnInput, TurnLogic, TurnReported } from './turn.contract.ts';

type Report<T extends TurnReported['type']> = Extract<TurnReported, { type: T }>;
export const wordsOf = ({ id, text, images }: Extract<Op, { text: string }>): Steered => ({
  inputId: id,
  text,
  ...(images === undefined ? {} : { images }),
});

export const newSession = ({ remembered, windowSize, servers, ...given }: SessionInput): SessionContext => ({
  ...given,
  history: remembered?.history ?? [],
  accounting: remembered?.accounting ?? newAccounting(windowSize),
  grants: remembered?.grants ?? [],
  turns: remembered?.turns ?? 0,
  continues: remembered?.continues ?? null,
  ...wordsOfBefore(remembered, given.settings.isAttended),
  surroundings: remembered?.gone === undefined ? [] : [newsOf(remembered.gone)],
  jobs: [],
  next: null,
  turn: null,
  approvals: [],
  steered: [],
  open: [],
  will: null,
  terminals: [],
  rewinding: 0,
  servers: servers ?? [],
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
    restore: actorPort<RestoreLogic>('restore'),
    hook: actorPort<HookLogic>('hook'),
    turn: actorPort<TurnLogic>('turn'),
    terminal: actorPort<TerminalLogic>('terminal'),
    mcp: actorPort<McpLogic>('mcp'),
  },
  delays: {
    grace: SESSION_GRACE_MS,
    restorePatience: RESTORE_PATIENCE_MS,
    greetingTime: ({ context }) => hookTimeOf(context.settings.hooks, 'sessionStart'),
  },
  guards: {
    isRefused: ({ context, event }, state: SessionState) =>
      event.type.startsWith('op.') && refusal(state, context, event as Op) !== null,
    isAbort: ({ event }) => event.type === 'op.decide' && event.decision.kind === 'abort',
    canSteer: ({ context }) => hearsWords(context),
    greets: ({ context }) => context.settings.hooks?.sessionStart !== undefined,
    isMine: ({ context }, turnId: string) => context.turn?.turnId === turnId,
    mustContinue: ({ context }) => context.continues !== null,
    holdsWords: ({ context }) => context.held.length > 0,
    hasWork: ({ context }) => context.next !== null || context.jobs.length > 0 || context.queue.length > 0,
    isAlone: ({ context }) => context.turn === null && context.terminals.length + context.servers.length === 0,
    takesFiles: ({ event }) => event.type === 'op.rewind' && event.files === true,
    isTerminal: (_, actorId: string) => isTerminalActor(actorId),
    isServer: (_, actorId: string) => isMcpActor(actorId),
  },
  actions: {
    publish: publishPort,
    sweep: sweepPort,
    defer: assign(({ context }, op: Op) => ({ deferred: [...context.deferred, op] })),
    keepPlace: assign(({ context }, { surroundings }: Opened) => ({
      surroundings: [...context.surroundings, ...surroundings],
    })),
    enqueue: assign(({ context }, words: Steered) => ({ queue: [...context.queue, words] })),
    keepWill: assign((_, will: Will | null) => ({ will })),
    keepNext: assign((_, next: SessionContext['next']) => ({ next })),
    remember: assign(({ context }, { items }: Report<'turn.recorded'>) => ({
      history: [...context.history, ...items],
      accounting: countItems(context.accounting, estimateTokens(items)),
      steered: context.steered.filter(
        ({ inputId }) => !items.some((item) => item.type === 'user' && item.inputId === inputId),
      ),
    })),
    opened: assign(({ context }, { callId, view }: Report<'turn.opened'>) => ({
      open: [...context.open, { callId, view }],
    })),
    shut: assign(({ context }, callId: string) => ({ open: context.open.filter((call) => call.callId !== callId) })),
    forget: assign((_, { history }: Report<'turn.compacted'>) => ({ history })),
    count: assign((_, { accounting }: Report<'turn.counted'>) => ({ accounting })),
    /** A model may use the id of a call again after a compaction; the newest question is meant. */
    ask: assign(({ context }, { callId, approvalId, planHash }: Report<'turn.asked'>) => ({
      approvals: [
        ...context.approvals.filter((approval) => approval.approvalId !== approvalId),
        { callId, approvalId, planHash, state: 'open' as const },
      ],
    })),
    settle: assign(({ context }, { approvalId, state }: Pick<OpenApproval, 'approvalId' | 'state'>) => ({
      approvals: context.approvals.map((one) => (one.approvalId === approvalId ? { ...one, state } : one)),
    })),
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

/** The first fact of a session. */
const configured = (placeOf: (event: SessionEvent) => Omit<Opened, 'type' | 'surroundings'>) =>
  session.enqueueActions(({ enqueue, context, event }) => {
    const { threadId, cwd, model, provider, approvalPolicy, undelivered, held, queue } = context;
    const { sandbox, warnings } = placeOf(event);
    enqueue({
      type: 'publish',
      params: { type: 'session.configured', threadId, cwd, model, provider, approvalPolicy, sandbox },
    });
    for (const message of warnings) enqueue({ type: 'publish', params: { type: 'session.warned', message } });
    for (const { inputId, text } of undelivered)
      enqueue({ type: 'publish', params: { type: 'input.returned', inputId, text } });
    for (const { inputId, text } of [...held, ...queue])
      enqueue({ type: 'publish', params: { type: 'input.queued', inputId, text } });
    enqueue.assign({ undelivered: [] });
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
export const begin = (
  context: SessionContext,
  task: TurnInput['task'],
  subject: Subject,
  words: readonly Steered[],
  outputSchema: TurnInput['outputSchema'],
  continues: Continuation | null = null,
) => {
  const turns = context.turns + 1;
  const turnId = turnIdOf(turns);
  const { history, accounting, grants, settings, surroundings } = context;
  const input: TurnInput = {
    turnId,
    task,
    subject,
    words,
    surroundings: needsSurroundings(task) ? surroundings : [],
    history,
    accounting,
    grants,
    settings,
    outputSchema: outputSchema ?? context.outputSchema,
    ...(continues === null ? {} : { continues }),
  };
  return {
    input,
    change: {
      ...{ turns, turn: { turnId, task }, surroundings: needsSurroundings(task) ? [] : surroundings },
      // They are recorded once a hook has heard them; until then they are the user's, should the turn be lost.
      steered: settings.hooks?.promptSubmit === undefined ? context.steered : words,
    },
  };
};

export const startTurn = session.enqueueActions(({ enqueue, context, event }) => {
  if (event.type !== 'op.say' && event.type !== 'op.queue') return;
  const { input, change } = begin(
    context,
    'regular',
    NO_SUBJECT,
    [wordsOf(event)],
    event.type === 'op.say' ? event.outputSchema : undefined,
  );
  enqueue.assign(change);
  enqueue({ type: 'publish', params: { type: 'op.accepted', opId: event.id, turnId: input.turnId } });
  enqueue.spawnChild('turn', { id: 'turn', input });
});

/** A turn that is about something else than words. */
export const startJob = session.enqueueActions(({ enqueue, context, event }) => {
  const job = jobOf(event as Op);
  if (job === null) return;
  const { input, change } = begin(context, job.task, job.subject, [], undefined);
  enqueue.assign(change);
  enqueue({ type: 'publish', params: { type: 'op.accepted', opId: (event as Op).id, turnId: input.turnId } });
  enqueue.spawnChild('turn', { id: 'turn', input });
});

/** A command beside the turn that runs. */
export const assist = session.enqueueActions(({ enqueue, event }) => {
  const job = jobOf(event as Op);
  if (job !== null) enqueue.sendTo('turn', { type: 'turn.assist', subject: job.subject });
});

/** What was asked meanwhile: the job that replaced the turn, else one that came too late for it, else the oldest message. */
export const startNext = session.enqueueActions(({ enqueue, context }) => {
  const { next, jobs, queue } = context;
  const job = next ?? jobs[0];
  const words = job === undefined ? queue.slice(0, 1) : [];
  const { input, change } = begin(context, job?.task ?? 'regular', job?.subject ?? NO_SUBJECT, words, undefined);
  enqueue.assign({
    ...change,
    next: null,
    jobs: next === null ? jobs.slice(1) : jobs,
    queue: queue.slice(words.length),
  });
  enqueue.spawnChild('turn', { id: 'turn', input });
});

export const steer = session.enqueueActions(({ enqueue, context, event }) => {
  if (event.type !== 'op.say' && event.type !== 'op.steer') return;
  enqueue.assign({ steered: [...context.steered, wordsOf(event)] });
  const policy = event.type === 'op.steer' ? (event.policy ?? 'boundary') : 'boundary';
  enqueue.sendTo('turn', { type: 'turn.steer', steer: wordsOf(event), policy });
});

export const decide = session.enqueueActions(({ enqueue, event }) => {
  if (event.type !== 'op.decide') return;
  const { approvalId, decision, source } = event;
  enqueue.sendTo('turn', { type: 'approval.decided', approvalId, decision, source });
});

export const abort = (reason: AbortReason) =>
  session.enqueueActions(({ enqueue, context }) => {
    if (context.turn !== null) enqueue.sendTo('turn', { type: 'turn.interrupt', reason });
  });

/** What is known of a turn is dropped with it. */
export const NO_TURN = { turn: null, approvals: [], steered: [], open: [], will: null } as const;

/**
 * The turn is over: it is taken out of the books, and what it did not read comes before what was queued. A command that
 * came when it was ending is run next, unless the user has said stop since.
 */
export const endTurn = (late: 'runs' | 'isDropped') =>
  session.enqueueActions(({ enqueue, context, event }) => {
    if (event.type !== 'xstate.done.actor.turn') return;
    const { outcome, unread, unrun } = event.output;
    const queue = [...unread, ...context.queue];
    const jobs: readonly Job[] = late === 'runs' ? unrun.map((subject) => ({ task: 'shell', subject })) : [];
    enqueue.stopChild('turn');
    if (outcome === 'failed')
      for (const { inputId, text } of queue)
        enqueue({ type: 'publish', params: { type: 'input.returned', inputId, text } });
    enqueue.assign({ ...NO_TURN, jobs: [...context.jobs, ...jobs], queue: outcome === 'failed' ? [] : queue });
  });

export const grantAlso = session.enqueueActions(({ enqueue, context, event }) => {
  if (event.type !== 'turn.granted') return;
  enqueue.assign({ grants: [...context.grants, ...event.grants] });
  for (const grant of event.grants) enqueue({ type: 'publish', params: { type: 'grant.given', grant } });
});
