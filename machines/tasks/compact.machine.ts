/**
 * One request that replaces the history by a summary of it; or leaves it as it was.
 *
 *   compact
 *   ├─ summarising          child: sample, without tools
 *   ├─ shrinking            the history did not fit: the next rung of the ladder
 *   ├─ backingOff           a pause before the next attempt; an interrupt ends it at once
 *   ├─ completed ■          the history is the summary now
 *   ├─ cancelled ■          the history is untouched
 *   └─ failed ■             there is no summary; the history is untouched
 *
 * Down:     task.cancel
 * Up:       task.compacted, once, in the step that completes; then the output
 * Sideways: sample.retrying
 *
 * Promises:
 *   1. the swap is atomic: until task.compacted the history is untouched, also when it fails or is cancelled
 *   2. it fits: each rung sends less, and the last one fits into any window
 *   3. the user's own words are kept as they were
 *   4. a model that writes no summary replaces nothing
 */
import { assign, setup, type CallbackActorLogic, type ErrorActorEvent } from 'xstate';
import { estimateTokens } from '../history.ts';
import { messageOf, toParent } from '../kit.ts';
import type { SampleCommand, SampleInput, SampleReport } from '../leaves.ts';
import { MAX_MICROSTEPS } from '../limits.ts';
import { actorPort, publishPort } from '../ports.ts';
import { countRequest, refillWindow } from '../protocol/usage.ts';
import type { RuntimeError, TokenUsage } from '../protocol/index.ts';
import { compacted, promptOfRung, RUNGS } from './compaction.ts';
import type { TaskCommand, TaskInput, TaskOutput } from './contract.ts';
import { afterFailure, canRetry, givenUp, NO_TRIES, pauseAfter, type Tries } from './retry.ts';

interface CompactContext extends TaskInput {
  readonly attempt: number;
  readonly rung: number;
  readonly tries: Tries;
  readonly summary: string;
  readonly error: RuntimeError | null;
}

type SampleFailed = Extract<SampleReport, { type: 'sample.failed' }>;
type CompactEvent = TaskCommand | SampleReport | ErrorActorEvent<unknown, string>;

const compact = setup({
  types: {
    input: {} as TaskInput,
    context: {} as CompactContext,
    events: {} as CompactEvent,
    output: {} as TaskOutput,
  },
  actors: { sample: actorPort<CallbackActorLogic<SampleCommand, SampleInput>>('sample') },
  delays: { backoff: ({ context: { tries, error } }) => (error === null ? 0 : pauseAfter(tries, error)) },
  guards: {
    isCurrent: ({ context }, attempt: number) => context.attempt === attempt,
    isSummary: ({ context }, attempt: number) => context.attempt === attempt && context.summary.trim() !== '',
    canShrink: ({ context }, { attempt, error }: SampleFailed) =>
      context.attempt === attempt && error.kind === 'contextWindowExceeded' && context.rung + 1 < RUNGS.length,
    canRetry: ({ context }, { attempt, error, elapsedMs }: SampleFailed) =>
      context.attempt === attempt &&
      canRetry(afterFailure(context.tries, elapsedMs), error, context.settings.maxAttempts),
  },
  actions: {
    publish: publishPort,
    countAttempt: assign(({ context }) => ({ attempt: context.attempt + 1 })),
    shrink: assign(({ context }) => ({ rung: context.rung + 1, tries: NO_TRIES })),
    keepSummary: assign((_, summary: string) => ({ summary })),
    keepError: assign((_, error: RuntimeError) => ({ error })),
    keepFailure: assign(({ context }, { error, elapsedMs }: SampleFailed) => {
      const tries = afterFailure(context.tries, elapsedMs);
      return { tries, error: canRetry(tries, error, context.settings.maxAttempts) ? error : givenUp(tries, error) };
    }),
    countUsage: assign(({ context }, usage: TokenUsage | null) =>
      usage === null ? {} : { accounting: countRequest(context.accounting, usage) },
    ),
    countPause: assign(({ context: { tries, error } }) =>
      error === null ? {} : { tries: { ...tries, spentMs: tries.spentMs + pauseAfter(tries, error) } },
    ),
  },
});

const current = { type: 'isCurrent' as const, params: ({ event }: { event: { attempt: number } }) => event.attempt };

const NO_SUMMARY: RuntimeError = {
  kind: 'responseIncomplete',
  message: 'the model wrote no summary, so the conversation stays as it was; /compact tries again',
};

const swap = compact.enqueueActions(({ enqueue, context }) => {
  const history = compacted(context.history, context.summary);
  const accounting = refillWindow(context.accounting, estimateTokens(history));
  enqueue.sendTo(toParent, { type: 'task.compacted', history, accounting });
});

const tellRetry = compact.enqueueActions(({ enqueue, context: { turnId, tries, error, settings } }) => {
  if (error === null) return;
  const delayMs = pauseAfter(tries, error);
  enqueue({
    type: 'publish',
    params: { type: 'sample.retrying', turnId, attempt: tries.failed + 1, of: settings.maxAttempts, delayMs, error },
  });
});

/** The task that replaces a history by a summary. Its leaves are empty. */
export const compactMachine = compact.createMachine({
  id: 'compact',
  options: { maxIterations: MAX_MICROSTEPS },
  context: ({ input }) => ({ ...input, attempt: 0, rung: 0, tries: NO_TRIES, summary: '', error: null }),
  initial: 'summarising',
  on: {
    'task.cancel': '.cancelled',
    'xstate.error.actor.*': {
      target: '.failed',
      actions: {
        type: 'keepError',
        params: ({ event }) => ({ kind: 'crashed', message: `the model request broke: ${messageOf(event.error)}` }),
      },
    },
  },
  states: {
    summarising: {
      entry: 'countAttempt',
      invoke: {
        src: 'sample',
        id: 'sample',
        input: ({ context: { turnId, attempt, history, rung, accounting } }) => ({
          turnId,
          attempt,
          purpose: 'compact',
          items: promptOfRung(history, rung, accounting.window.size),
        }),
      },
      on: {
        'sample.item': {
          guard: current,
          actions: {
            type: 'keepSummary',
            params: ({ context, event: { item } }) => (item.type === 'agent' ? item.text : context.summary),
          },
        },
        'sample.completed': [
          {
            guard: { type: 'isSummary', params: ({ event }) => event.attempt },
            target: 'completed',
            actions: [{ type: 'countUsage', params: ({ event }) => event.usage }, swap],
          },
          {
            guard: current,
            target: 'failed',
            actions: { type: 'keepError', params: () => NO_SUMMARY },
          },
        ],
        'sample.failed': [
          {
            guard: { type: 'canShrink', params: ({ event }) => event },
            target: 'shrinking',
          },
          {
            guard: { type: 'canRetry', params: ({ event }) => event },
            target: 'backingOff',
            actions: { type: 'keepFailure', params: ({ event }) => event },
          },
          {
            guard: current,
            target: 'failed',
            actions: { type: 'keepFailure', params: ({ event }) => event },
          },
        ],
      },
    },
    shrinking: { always: { target: 'summarising', actions: 'shrink' } },
    backingOff: {
      entry: tellRetry,
      after: { backoff: { target: 'summarising', actions: 'countPause' } },
    },
    completed: { type: 'final', output: 'completed' },
    cancelled: { type: 'final', output: 'cancelled' },
    failed: { type: 'final', output: 'failed' },
  },
  output: ({ context: { error }, event }) => {
    const outcome = event.output as TaskOutput['outcome'];
    return outcome === 'failed'
      ? { outcome, error: error ?? { kind: 'crashed', message: 'no reason was kept' }, stopped: [] }
      : { outcome, stopped: [] };
  },
});
