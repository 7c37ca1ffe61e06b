/**
 * The words of the agent's loop: its context, guards and actions. The chart that is built from them stands in
 * `regular.machine.ts`.
 */
import { assign, setup, type CallbackActorLogic, type DoneActorEvent, type ErrorActorEvent } from 'xstate';
import type { CallLogic, CallOutput, CallReported } from '../call.contract.ts';
import { CUT_PATIENCE_MS, TASK_PATIENCE_MS } from '../deadlines.ts';
import { estimateTokens, withFreshId } from '../history.ts';
import { toParent } from '../kit.ts';
import type { SampleCommand, SampleInput, SampleReport } from '../leaves.ts';
import { MAX_CALLS_PER_RESPONSE, MAX_REQUESTS_PER_TURN, MAX_SAME_FAILURES } from '../limits.ts';
import { actorPort, publishPort, sweepPort } from '../ports.ts';
import { countItems, countRequest, mustCompact } from '../protocol/usage.ts';
import type { Accounting, Item, RuntimeError, Stopped, TokenUsage } from '../protocol/index.ts';
import { allDone, changed, newCall, NO_REPETITION, type OpenCall, type Repetition } from './calls.ts';
import type { Steered, TaskCommand, TaskInput, TaskOutput } from './contract.ts';
import { asItem } from './steered.ts';
import { afterFailure, brokenResponses, canRetry, givenUp, NO_TRIES, pauseAfter, type Tries } from './retry.ts';

export interface LoopContext extends TaskInput {
  /** What this task added to the history. */
  readonly items: readonly Item[];
  /** Numbers the requests; whatever is said for another number is not heard. */
  readonly attempt: number;
  readonly requests: number;
  readonly tries: Tries;
  /** How often the model went on after an attempt had broken, since a response was last whole. */
  readonly resumed: number;
  readonly calls: readonly OpenCall[];
  /** The last response wants another request: it made calls, or the server said so. */
  readonly followUp: 'owed' | 'none';
  readonly repetition: Repetition;
  readonly error: RuntimeError | null;
  readonly stopped: readonly Stopped[];
}

export const newLoop = (input: TaskInput): LoopContext => ({
  ...input,
  items: [],
  attempt: 0,
  requests: 0,
  tries: NO_TRIES,
  resumed: 0,
  calls: [],
  followUp: 'none',
  repetition: NO_REPETITION,
  error: null,
  stopped: [],
});

type SampleFailed = Extract<SampleReport, { type: 'sample.failed' }>;
export type LoopEvent =
  | TaskCommand
  | CallReported
  | SampleReport
  | DoneActorEvent<CallOutput, `call${number}`>
  | ErrorActorEvent<unknown, string>;

export const callIdOfActor = (slot: number) => `call${slot}` as const;
export const slotOfActor = (actorId: string): number => (actorId.startsWith('call') ? Number(actorId.slice(4)) : -1);
export const slotOfApproval = ({ calls }: LoopContext, approvalId: string): number =>
  calls.findIndex((call) => call.approvalId === approvalId);

export const loop = setup({
  types: {
    input: {} as TaskInput,
    context: {} as LoopContext,
    events: {} as LoopEvent,
    output: {} as TaskOutput,
  },
  actors: {
    sample: actorPort<CallbackActorLogic<SampleCommand, SampleInput>>('sample'),
    call: actorPort<CallLogic>('call'),
  },
  delays: {
    cutPatience: CUT_PATIENCE_MS,
    taskPatience: TASK_PATIENCE_MS,
    backoff: ({ context: { tries, error } }) => (error === null ? 0 : pauseAfter(tries, error)),
  },
  guards: {
    isCurrent: ({ context }, attempt: number) => context.attempt === attempt,
    hasCalls: ({ context }) => (context.asked ?? []).length > 0,
    isOver: ({ context }) => allDone(context.calls),
    isMine: ({ context }, { slot, callId }: CallOutput) =>
      context.calls[slot]?.callId === callId && context.calls[slot].phase !== 'done',
    isOfCall: ({ context }, actorId: string) => {
      const call = context.calls[slotOfActor(actorId)];
      return call !== undefined && call.phase !== 'done';
    },
    isOpen: ({ context }, approvalId: string) => slotOfApproval(context, approvalId) >= 0,
    canRetry: ({ context }, { attempt, error, elapsedMs }: SampleFailed) =>
      context.attempt === attempt &&
      context.resumed + 1 < brokenResponses(context.settings.maxAttempts) &&
      canRetry(afterFailure(context.tries, elapsedMs), error, context.settings.maxAttempts),
    isLooping: ({ context }) => context.repetition.times >= MAX_SAME_FAILURES,
    owesMore: ({ context }) => context.followUp === 'owed' || context.steers.length > 0,
    isSpent: ({ context }) => context.requests >= MAX_REQUESTS_PER_TURN,
    isOutgrown: ({ context }) => mustCompact(context.accounting, context.settings.compactAt),
  },
  actions: {
    publish: publishPort,
    sweep: sweepPort,
    countAttempt: assign(({ context }) => ({ attempt: context.attempt + 1, requests: context.requests + 1 })),
    keepSteer: assign(({ context }, steer: Steered) => ({ steers: [...context.steers, steer] })),
    keepError: assign((_, error: RuntimeError) => ({ error })),
    keepFailure: assign(({ context }, { error, elapsedMs }: SampleFailed) => {
      const tries = afterFailure(context.tries, elapsedMs);
      return { tries, error: canRetry(tries, error, context.settings.maxAttempts) ? error : givenUp(tries, error) };
    }),
    countPause: assign(({ context: { tries, error } }) =>
      error === null ? {} : { tries: { ...tries, spentMs: tries.spentMs + pauseAfter(tries, error) } },
    ),
    notePhase: assign(({ context }, { slot, ...change }: { readonly slot: number } & Partial<OpenCall>) => ({
      calls: changed(context.calls, slot, change),
    })),
    grantAlso: assign(({ context }, { grants }: Extract<CallReported, { type: 'call.granted' }>) => ({
      grants: [...context.grants, ...grants],
    })),
  },
});

/** Adds to what is remembered, and tells the turn at once: what was said or done survives whatever comes next. */
export const recorded = (context: LoopContext, items: readonly Item[]) => ({
  items: [...context.items, ...items],
  accounting: countItems(context.accounting, estimateTokens(items)),
});

export const record = (itemsOf: (context: LoopContext, event: LoopEvent) => readonly Item[]) =>
  loop.enqueueActions(({ enqueue, context, event }) => {
    const items = itemsOf(context, event);
    if (items.length === 0) return;
    enqueue.assign(recorded(context, items));
    enqueue.sendTo(toParent, { type: 'task.recorded', items });
  });

/** A half-answer is kept, marked as one. */
export const recordPartial = record((_, event) =>
  'partial' in event && event.partial.trim() !== ''
    ? [{ type: 'agent', text: event.partial, incomplete: true as const }]
    : [],
);

export const deliverSteers = loop.enqueueActions(({ enqueue, context }) => {
  if (context.steers.length === 0) return;
  const items = context.steers.map(asItem);
  enqueue.assign({ ...recorded(context, items), steers: [] });
  enqueue.sendTo(toParent, { type: 'task.recorded', items });
});

export const acceptItem = loop.enqueueActions(({ enqueue, context, event }) => {
  if (event.type !== 'sample.item') return;
  const { turnId, grants, calls, settings, purpose, tries, resumed } = context;
  const item =
    event.item.type === 'call' ? withFreshId([...context.history, ...context.items], event.item) : event.item;
  enqueue.assign({
    ...recorded(context, [item]),
    tries: NO_TRIES,
    resumed: tries.failed > 0 ? resumed + 1 : resumed,
  });
  enqueue.sendTo(toParent, { type: 'task.recorded', items: [item] });
  if (item.type !== 'call') return;

  const slot = calls.length;
  const { callId, tool, args } = item;
  if (slot >= MAX_CALLS_PER_RESPONSE) {
    const output = `too many calls in one response; the limit is ${MAX_CALLS_PER_RESPONSE}`;
    const refused: CallOutput = { slot, callId, status: 'declined', output, stopped: [] };
    enqueue.assign({ calls: [...calls, { ...newCall(callId), phase: 'done', output: refused }] });
    return;
  }
  enqueue.assign({ calls: [...calls, newCall(callId)] });
  enqueue.spawnChild('call', {
    id: callIdOfActor(slot),
    input: {
      ...{ turnId, callId, slot, tool, args, grants, purpose, isAttended: settings.isAttended },
      ...(settings.hooks === undefined ? {} : { hooks: settings.hooks }),
    },
  });
});

/** The calls that it begins with: each is planned anew, and asks. */
export const takeUp = loop.enqueueActions(({ enqueue, context }) => {
  const { turnId, grants, settings, asked = [] } = context;
  enqueue.assign({ calls: asked.map(({ callId }) => newCall(callId)) });
  for (const [slot, { callId, tool, args, ...again }] of asked.entries())
    enqueue.spawnChild('call', {
      id: callIdOfActor(slot),
      input: {
        ...{ turnId, callId, slot, tool, args, grants, again, isAttended: settings.isAttended },
        ...(settings.hooks === undefined ? {} : { hooks: settings.hooks }),
      },
    });
});

export const countUsage = loop.enqueueActions(({ enqueue, context, event }) => {
  if (event.type !== 'sample.completed') return;
  const accounting = counted(context.accounting, event.usage);
  enqueue.assign({ accounting, followUp: event.mustContinue ? 'owed' : 'none', error: null, resumed: 0 });
  enqueue.sendTo(toParent, { type: 'task.counted', accounting });
});
const counted = (known: Accounting, usage: TokenUsage | null): Accounting =>
  usage === null ? known : countRequest(known, usage);

export const tellRetry = loop.enqueueActions(({ enqueue, context: { turnId, tries, error, settings } }) => {
  if (error === null) return;
  enqueue({
    type: 'publish',
    params: {
      type: 'sample.retrying',
      turnId,
      attempt: tries.failed + 1,
      of: settings.maxAttempts,
      delayMs: pauseAfter(tries, error),
      error,
    },
  });
});
