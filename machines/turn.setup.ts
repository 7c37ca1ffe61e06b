/** The words of a turn that XState must know: its holes, guards and actions. The chart stands in `turn.machine.ts`. */
import { assign, setup } from 'xstate';
import { SETTLE_PATIENCE_MS, TURN_GRACE_MS } from './deadlines.ts';
import { toParent } from './kit.ts';
import { MAX_FUTILE_COMPACTIONS } from './limits.ts';
import { actorPort, publishPort, sweepPort } from './ports.ts';
import { fillWindow, mustCompact } from './protocol/usage.ts';
import type { Accounting, RuntimeError, Stopped } from './protocol/index.ts';
import type { Steered, TaskCrashed, TaskDone, TaskReported } from './tasks/contract.ts';
import { tasks } from './tasks/registry.ts';
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
import { lost } from './turn.words.ts';

export const turn = setup({
  types: {
    input: {} as TurnInput,
    context: {} as TurnContext,
    events: {} as TurnCommand | TaskReported | TaskDone | TaskCrashed | Settled,
    output: {} as TurnOutput,
  },
  actors: { ...tasks, settle: actorPort<SettleLogic>('settle') },
  delays: { grace: TURN_GRACE_MS, settlePatience: SETTLE_PATIENCE_MS },
  guards: {
    owesMore: ({ context }) => context.owed.length > 0,
    isStillFull: ({ context }) =>
      context.task === 'compact' && mustCompact(context.accounting, context.settings.compactAt),
    mayCompactAgain: ({ context }) => context.futile + 1 < MAX_FUTILE_COMPACTIONS,
    isRegular: ({ context }) => context.task === 'regular',
    hasEnded: ({ event }, outcome: TaskDone['output']['outcome']) =>
      event.type === 'xstate.done.actor.task' && event.output.outcome === outcome,
    hasFailedBy: ({ event }, kind: RuntimeError['kind']) =>
      event.type === 'xstate.done.actor.task' && event.output.outcome === 'failed' && event.output.error.kind === kind,
    isOutcome: ({ context }, outcome: Outcome) => context.outcome === outcome,
  },
  actions: {
    publish: publishPort,
    sweep: sweepPort,
    keepPending: assign(({ context }, steer: Steered) => ({ pending: [...context.pending, steer] })),
    keepReason: assign((_, reason: AbortReason) => ({ reason })),
    keepError: assign((_, error: RuntimeError) => ({ error })),
    keepStopped: assign(({ context }, stopped: readonly Stopped[]) => ({ stopped: [...context.stopped, ...stopped] })),
    fix: assign((_, outcome: Outcome) => ({ outcome })),
    fillWindow: assign(({ context }) => ({ accounting: fillWindow(context.accounting) })),
    count: assign((_, accounting: Accounting) => ({ accounting })),
    takeOwed: assign(({ context: { task, owed } }) => ({ task: owed[0] ?? task, owed: owed.slice(1), futile: 0 })),
    compactFirst: assign(({ context: { task, owed } }) => ({ task: 'compact' as const, owed: [task, ...owed] })),
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
export const tellWords = turn.enqueueActions(({ enqueue, context: { turnId, task, owed, items, accounting } }) => {
  const asked = owed[0] ?? task;
  enqueue({
    type: 'publish',
    params: { type: 'turn.started', turnId, task: asked, windowSize: accounting.window.size },
  });
  if (items.length === 0) return;
  enqueue({ type: 'publish', params: { type: 'items.recorded', turnId, items } });
  enqueue.sendTo(toParent, { type: 'turn.recorded', items });
});

export const startTask = turn.enqueueActions(({ enqueue, context }) => {
  const { task, turnId, settings, history, items, accounting, grants, pending, outputSchema, subject } = context;
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
    },
  });
});

export const record = turn.enqueueActions(({ enqueue, context, event }) => {
  if (event.type !== 'task.recorded') return;
  const { turnId, pending } = context;
  const { items } = event;
  const delivered = new Set(items.flatMap((item) => (item.type === 'user' && item.inputId ? [item.inputId] : [])));
  enqueue.assign({
    items: [...context.items, ...items],
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

/** Whatever the task left open is closed here, in the one place through which every ending goes. */
export const closeLeftovers = turn.enqueueActions(({ enqueue, context }) => {
  const { turnId, open, approvals } = context;
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
  const items = lost(context);
  if (items.length > 0) {
    enqueue({ type: 'publish', params: { type: 'items.recorded', turnId, items } });
    enqueue.sendTo(toParent, { type: 'turn.recorded', items });
  }
  enqueue.assign({ open: [], approvals: [], items: [...context.items, ...items] });
});
