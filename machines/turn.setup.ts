/** The words of a turn that XState must know: its holes, guards and actions. The chart stands in `turn.machine.ts`. */
import { assign, setup, type CallbackActorLogic } from 'xstate';
import { SETTLE_PATIENCE_MS, TURN_GRACE_MS } from './deadlines.ts';
import { estimateTokens } from './history.ts';
import type { HookCommand, HookInput, HookName, HookReport } from './hook.contract.ts';
import { hookTimeOf } from './hook.words.ts';
import { END, orphansOf, toParent } from './kit.ts';
import { MAX_FUTILE_COMPACTIONS, MAX_HOOK_ROUNDS } from './limits.ts';
import { actorPort, publishPort, sweepPort } from './ports.ts';
import { countItems, fillWindow, mustCompact } from './protocol/usage.ts';
import type { Accounting, RuntimeError, Stopped } from './protocol/index.ts';
import type { AidCrashed, AidDone, Steered, Subject, TaskCrashed, TaskDone, TaskReported } from './tasks/contract.ts';
import { fillsWindow, isSteerable, tasks } from './tasks/registry.ts';
import type {
  AbortReason,
  Outcome,
  Settled,
  SettleLogic,
  TurnCommand,
  TurnContext,
  TurnInput,
  TurnOutput,
} from './turn.contract.ts';
import { asItem } from './tasks/steered.ts';
import { lost } from './turn.words.ts';

/** The child that asks the user's own programs. */
export const HOOK = 'hook';

export const turn = setup({
  types: {
    input: {} as TurnInput,
    context: {} as TurnContext,
    events: {} as TurnCommand | TaskReported | TaskDone | TaskCrashed | AidDone | AidCrashed | Settled | HookReport,
    output: {} as TurnOutput,
  },
  actors: {
    ...tasks,
    settle: actorPort<SettleLogic>('settle'),
    hook: actorPort<CallbackActorLogic<HookCommand, HookInput>>('hook'),
  },
  delays: {
    grace: TURN_GRACE_MS,
    settlePatience: SETTLE_PATIENCE_MS,
    promptTime: ({ context }) => hookTimeOf(context.settings.hooks, 'promptSubmit'),
    stopTime: ({ context }) => hookTimeOf(context.settings.hooks, 'stop'),
  },
  guards: {
    owesMore: ({ context }) => context.owed.length > 0,
    isStillFull: ({ context }) =>
      context.task === 'compact' && mustCompact(context.accounting, context.settings.compactAt),
    mayCompact: ({ context }) => context.futile < MAX_FUTILE_COMPACTIONS,
    mayCompactAgain: ({ context }) => context.futile + 1 < MAX_FUTILE_COMPACTIONS,
    isRegular: ({ context }) => isSteerable(context.task) && context.running.includes('task'),
    fillsWindow: ({ context }) => fillsWindow(context.task),
    isAlone: ({ context }) => context.running.length === 0,
    isAid: ({ context }, id: string) => id !== 'task' && context.running.includes(id),
    hasEnded: ({ event }, outcome: TaskDone['output']['outcome']) =>
      event.type === 'xstate.done.actor.task' && event.output.outcome === outcome,
    hasFailedBy: ({ event }, kind: RuntimeError['kind']) =>
      event.type === 'xstate.done.actor.task' && event.output.outcome === 'failed' && event.output.error.kind === kind,
    mustHear: ({ context }) => context.words.length > 0,
    mustCheck: ({ context: { task, settings } }) => settings.hooks?.stop !== undefined && isSteerable(task),
    isRequired: ({ context: { settings } }, hook: HookName) => settings.hooks?.[hook]?.isRequired === true,
    isOf: (_, { of, hook }: { readonly of: HookName; readonly hook: HookName }) => of === hook,
    hasBlocked: (_, { of, hook, verdict }: HookReport & { readonly of: HookName }) =>
      of === hook && verdict.kind === 'blocked',
    sendsOn: ({ context: { rounds } }, { hook, verdict }: HookReport) =>
      hook === 'stop' && verdict.kind === 'blocked' && rounds < MAX_HOOK_ROUNDS,
    isOutcome: ({ context }, outcome: Outcome) => context.outcome === outcome,
  },
  actions: {
    publish: publishPort,
    sweep: sweepPort,
    keepPending: assign(({ context }, steer: Steered) => ({ pending: [...context.pending, steer] })),
    keepLeft: assign(({ context }, { id, text }: Extract<TaskReported, { type: 'task.left' }>) => ({
      pending: [...context.pending, { inputId: id, about: 'shell' as const, text }],
    })),
    keepReason: assign((_, reason: AbortReason) => ({ reason })),
    keepError: assign((_, error: RuntimeError) => ({ error })),
    keepStopped: assign(({ context }, stopped: readonly Stopped[]) => ({ stopped: [...context.stopped, ...stopped] })),
    drop: assign(({ context }, id: string) => ({ running: context.running.filter((child) => child !== id) })),
    fix: assign((_, outcome: Outcome) => ({ outcome })),
    fillWindow: assign(({ context }) => ({ accounting: fillWindow(context.accounting) })),
    /** What a compaction was worth is known when somebody has counted again. */
    count: assign(({ context: { futile, settings } }, accounting: Accounting) => ({
      accounting,
      futile: mustCompact(accounting, settings.compactAt) ? futile : 0,
    })),
    takeOwed: assign(({ context: { task, owed, futile } }) => ({
      task: owed[0] ?? task,
      owed: owed.slice(1),
      futile: futile + 1,
    })),
    compactFirst: assign(({ context: { task, owed } }) => ({ task: 'compact' as const, owed: [task, ...owed] })),
    keepLate: assign(({ context }, subject: Subject) => ({ late: [...context.late, subject] })),
    compactAgain: assign(({ context: { futile } }) => ({ futile: futile + 1 })),
    open: assign(({ context }, { callId, view }: Extract<TaskReported, { type: 'task.opened' }>) => ({
      open: [...context.open, { callId, view }],
    })),
    shut: assign(({ context }, callId: string) => ({ open: context.open.filter((call) => call.callId !== callId) })),
    ask: assign(({ context }, { approvalId, callId }: Extract<TaskReported, { type: 'task.asked' }>) => ({
      approvals: [...context.approvals, { approvalId, callId }],
    })),
    hear: assign(({ context }, approvalId: string) => ({
      approvals: context.approvals.filter((approval) => approval.approvalId !== approvalId),
    })),
    grantAlso: assign(({ context }, { grants }: Extract<TaskReported, { type: 'task.granted' }>) => ({
      grants: [...context.grants, ...grants],
    })),
  },
});

/** Said once, for the log and for the session: whatever is lost later, this is remembered. */
export const tellWords = turn.enqueueActions(
  ({ enqueue, context: { turnId, task, owed, items, accounting, continues } }) => {
    const asked = owed[0] ?? task;
    enqueue({
      type: 'publish',
      params: {
        ...{ type: 'turn.started', turnId, task: asked, windowSize: accounting.window.size },
        ...(continues === undefined ? {} : { continues: continues.turnId }),
      },
    });
    if (items.length === 0) return;
    enqueue({ type: 'publish', params: { type: 'items.recorded', turnId, items } });
    enqueue.sendTo(toParent, { type: 'turn.recorded', items });
  },
);

export const startTask = turn.enqueueActions(({ enqueue, context }) => {
  const { task, turnId, settings, history, items, accounting, grants, pending, outputSchema, subject, asked } = context;
  if (context.words.length > 0) return; // a hook hears them first
  enqueue.assign({ running: [...context.running.filter((id) => id !== 'task'), 'task'], asked: [] });
  enqueue({ type: 'publish', params: { type: 'task.started', turnId, task } });
  enqueue.spawnChild(task, {
    id: 'task',
    input: {
      turnId,
      settings,
      history: [...history, ...items],
      accounting,
      grants,
      steers: pending,
      outputSchema,
      subject,
      ...(asked.length === 0 ? {} : { asked }),
    },
  });
});

/** A command of the user's, beside the primary task: a child of its own, with an end of its own. */
export const startAid = turn.enqueueActions(({ enqueue, context, event }) => {
  if (event.type !== 'turn.assist') return;
  const { turnId, settings, accounting, grants, running, aids } = context;
  const id = `aid${aids}` as const;
  enqueue.assign({ running: [...running, id], aids: aids + 1 });
  enqueue({ type: 'publish', params: { type: 'task.started', turnId, task: 'shell' } });
  enqueue.spawnChild('shell', {
    id,
    input: { turnId, settings, history: [], accounting, grants, steers: [], subject: event.subject },
  });
});

/** What a command printed goes to the model with the next request; into the history at once where no task runs any more. */
export const takeLeft = turn.enqueueActions(({ enqueue, context, event }) => {
  if (event.type !== 'task.left') return;
  const { turnId, task, running, pending, items } = context;
  const left: Steered = { inputId: event.id, about: 'shell', text: event.text };
  if (running.includes('task')) {
    // A task that takes no words may record what it does itself; what comes between would be out of order.
    enqueue.assign({ pending: [...pending, left] });
    if (isSteerable(task)) enqueue.sendTo('task', { type: 'task.steer', steer: left, policy: 'boundary' });
    return;
  }
  const item = asItem(left);
  enqueue.assign({ items: [...items, item] });
  enqueue({ type: 'publish', params: { type: 'items.recorded', turnId, items: [item] } });
  enqueue.sendTo(toParent, { type: 'turn.recorded', items: [item] });
});

/** What a broken task had started ends with it. */
export const endOrphans = turn.enqueueActions(({ enqueue, event, self }) => {
  if (!('error' in event)) return;
  for (const orphan of orphansOf(self, event.actorId)) enqueue.sendTo(orphan, END);
});

/** A finished child stays in the books of XState until it is taken out of them. */
export const reap = turn.enqueueActions(({ enqueue, event }) => {
  if ('actorId' in event) enqueue.stopChild(event.actorId);
});

/** A decision finds its waiter in one of the tasks; the others have nobody who waits for it. */
export const decideBelow = turn.enqueueActions(({ enqueue, context, event }) => {
  if (event.type !== 'approval.decided') return;
  for (const id of context.running) enqueue.sendTo(id, event);
});

export const cancelAll = turn.enqueueActions(({ enqueue, context }) => {
  for (const id of context.running) enqueue.sendTo(id, { type: id === HOOK ? 'hook.cancel' : 'task.cancel' });
});

export const record = turn.enqueueActions(({ enqueue, context, event }) => {
  if (event.type !== 'task.recorded') return;
  const { turnId, pending } = context;
  const { items } = event;
  const delivered = new Set(items.flatMap((item) => ('inputId' in item && item.inputId ? [item.inputId] : [])));
  enqueue.assign({
    items: [...context.items, ...items],
    accounting: countItems(context.accounting, estimateTokens(items)),
    pending: delivered.size === 0 ? pending : pending.filter(({ inputId }) => !delivered.has(inputId)),
  });
  enqueue({ type: 'publish', params: { type: 'items.recorded', turnId, items } });
  enqueue.sendTo(toParent, { type: 'turn.recorded', items });
});

export const forget = turn.enqueueActions(({ enqueue, context, event }) => {
  if (event.type !== 'task.compacted') return;
  const { turnId, accounting } = context;
  const { history } = event;
  enqueue.assign({ history, items: [], accounting: event.accounting });
  enqueue({
    type: 'publish',
    params: {
      type: 'history.compacted',
      turnId,
      history,
      before: accounting.window.used,
      after: event.accounting.window.used,
    },
  });
  enqueue.sendTo(toParent, { type: 'turn.compacted', history });
  enqueue({ type: 'publish', params: { type: 'tokens.counted', turnId, accounting: event.accounting } });
  enqueue.sendTo(toParent, { type: 'turn.counted', accounting: event.accounting });
});

export const tellCount = turn.enqueueActions(({ enqueue, context: { turnId, accounting } }) => {
  enqueue({ type: 'publish', params: { type: 'tokens.counted', turnId, accounting } });
  enqueue.sendTo(toParent, { type: 'turn.counted', accounting });
});

/** What a task has to say of itself, and what is to be said in its place should it break. */
export const heed = turn.enqueueActions(({ enqueue, event }) => {
  if (event.type !== 'task.willed') return;
  const { fact, will } = event;
  enqueue.assign({ will });
  if (fact !== null) enqueue({ type: 'publish', params: fact });
  enqueue.sendTo(toParent, { type: 'turn.willed', will });
});

/** Whatever the task left open is closed here, in the one place through which every ending goes. */
export const closeLeftovers = turn.enqueueActions(({ enqueue, context }) => {
  const { turnId, open, approvals, running, will } = context;
  for (const id of running) if (id !== 'task') enqueue.stopChild(id);
  for (const { approvalId, callId } of approvals) {
    enqueue({
      type: 'publish',
      params: { type: 'approval.resolved', turnId, approvalId, callId, decision: 'cancelled' },
    });
    enqueue.sendTo(toParent, { type: 'turn.heard', approvalId });
  }
  for (const { callId, view } of open)
    enqueue({
      type: 'publish',
      params: { type: 'call.finished', turnId, callId, status: 'aborted', view, output: '' },
    });
  if (will !== null) {
    enqueue({ type: 'publish', params: will.fact });
    enqueue.sendTo(toParent, { type: 'turn.willed', will: null });
  }
  const items = lost(context);
  if (items.length > 0) {
    enqueue({ type: 'publish', params: { type: 'items.recorded', turnId, items } });
    enqueue.sendTo(toParent, { type: 'turn.recorded', items });
  }
  enqueue.assign({ running: [], open: [], approvals: [], will: null, items: [...context.items, ...items] });
});
