/**
 * A review: the loop of an agent on a thread of its own, which knows the surroundings and the request and nothing of the
 * conversation. What it finds goes to the conversation; how it got there does not.
 *
 *   review
 *   ├─ reviewing            child: regular, on the history of the review
 *   │  ├─ reading           it looks at things and writes its findings
 *   │  └─ stopping          told to stop; what it runs is ended
 *   ├─ condensing           child: compact; the review's own history has outgrown the window
 *   ├─ completed ■          the findings are told
 *   ├─ cancelled ■          told to stop, and all of it has stopped
 *   └─ failed ■             there are no findings; the error says why
 *
 * Down:     task.cancel, approval.decided
 * Up:       task.willed (review.entered, review.exited), task.recorded once with the findings, task.counted; of its child:
 *           task.opened, task.shut, task.asked, task.heard, task.used, task.granted; then the output
 *
 * Promises:
 *   1. no item of the conversation reaches the reviewer but its surroundings; none of the reviewer's reaches the conversation
 *   2. review.entered is told at birth, review.exited once: with the findings from here, without them by whoever ends the turn
 *   3. its tokens count for the turn and the session; the conversation's window stays as it is
 *   4. a review that outgrows the window is condensed and goes on, at most MAX_CONDENSINGS times; then it fails
 */
import { and, sendTo, type DoneActorEvent } from 'xstate';
import { messageOf } from '../kit.ts';
import { MAX_MICROSTEPS } from '../limits.ts';
import type { RuntimeError } from '../protocol/index.ts';
import type { TaskOutput } from './contract.ts';
import { REVIEW_SCHEMA } from './review.findings.ts';
import {
  condense,
  countAbove,
  endOrphans,
  enter,
  explainAbove,
  MAX_CONDENSINGS,
  newReview,
  review,
  tellFindings,
  up,
} from './review.setup.ts';

const NO_WORDS: RuntimeError = {
  kind: 'responseIncomplete',
  message: 'the reviewer ended without a word',
};
const TOO_LARGE: RuntimeError = {
  kind: 'compactionFutile',
  message: `the review outgrew the context window ${MAX_CONDENSINGS + 1} times; review less at once`,
};
const UNEXPLAINED: RuntimeError = { kind: 'crashed', message: 'no reason was kept' };

type Done = DoneActorEvent<TaskOutput, 'regular' | 'compact'>;
const hasEnded = (outcome: TaskOutput['outcome']) => ({ type: 'hasEnded' as const, params: outcome });
const stoppedOf = { type: 'keepStopped' as const, params: ({ event }: { event: Done }) => event.output.stopped };
const whyOf = {
  type: 'keepError' as const,
  params: ({ event: { output } }: { event: Done }): RuntimeError =>
    output.outcome === 'failed'
      ? output.error
      : { kind: 'crashed', message: `the review was ${output.outcome} by nobody` },
};
const crashOf = {
  type: 'keepError' as const,
  params: ({ event }: { event: { error: unknown } }): RuntimeError => ({
    kind: 'crashed',
    message: `the review broke: ${messageOf(event.error)}`,
  }),
};

export const reviewMachine = review.createMachine({
  id: 'review',
  options: { maxIterations: MAX_MICROSTEPS },
  context: ({ input }) => newReview(input),
  entry: enter,
  initial: 'reviewing',
  on: {
    'task.recorded': { actions: { type: 'keepSaid', params: ({ event }) => event.items } },
    'task.counted': { actions: countAbove },
    'task.opened': { actions: up },
    'task.shut': { actions: up },
    'task.asked': { actions: up },
    'task.heard': { actions: up },
    'task.used': { actions: up },
    'task.granted': { actions: [{ type: 'grantAlso', params: ({ event }) => event.grants }, up] },
  },
  states: {
    reviewing: {
      invoke: {
        src: 'regular',
        id: 'regular',
        input: ({ context: { turnId, settings, thread, grants, subject } }) => ({
          turnId,
          settings,
          ...thread,
          grants,
          subject,
          steers: [],
          outputSchema: REVIEW_SCHEMA,
          purpose: 'review',
        }),
      },
      on: {
        'approval.decided': { actions: sendTo('regular', ({ event }) => event) },
      },
      initial: 'reading',
      states: {
        reading: {
          on: {
            'task.cancel': 'stopping',
            'xstate.done.actor.regular': [
              {
                guard: and([hasEnded('completed'), 'hasSpoken']),
                target: '#review.completed',
                actions: [stoppedOf, tellFindings],
              },
              {
                guard: hasEnded('completed'),
                target: '#review.failed',
                actions: [stoppedOf, { type: 'keepError', params: NO_WORDS }],
              },
              {
                guard: and([hasEnded('outgrown'), 'mayCondense']),
                target: '#review.condensing',
                actions: stoppedOf,
              },
              {
                guard: hasEnded('outgrown'),
                target: '#review.failed',
                actions: [stoppedOf, { type: 'keepError', params: TOO_LARGE }],
              },
              { target: '#review.failed', actions: [stoppedOf, whyOf] },
            ],
            'xstate.error.actor.regular': { target: '#review.failed', actions: [endOrphans, crashOf] },
          },
        },
        stopping: {
          entry: sendTo('regular', { type: 'task.cancel' }),
          on: {
            'task.cancel': {},
            'xstate.done.actor.regular': { target: '#review.cancelled', actions: stoppedOf },
            'xstate.error.actor.regular': { target: '#review.cancelled', actions: endOrphans },
          },
        },
      },
    },
    condensing: {
      invoke: {
        src: 'compact',
        id: 'compact',
        input: ({ context: { turnId, settings, thread, said, grants, subject } }) => ({
          turnId,
          settings,
          history: [...thread.history, ...said],
          accounting: thread.accounting,
          grants,
          subject,
          steers: [],
        }),
      },
      on: {
        'task.cancel': 'cancelled',
        'task.compacted': { actions: condense },
        'xstate.done.actor.compact': [
          { guard: hasEnded('completed'), target: 'reviewing' },
          { target: 'failed', actions: whyOf },
        ],
        'xstate.error.actor.compact': { target: 'failed', actions: [endOrphans, crashOf] },
      },
    },
    completed: { type: 'final', output: 'completed' },
    cancelled: { type: 'final', output: 'cancelled' },
    failed: { type: 'final', entry: explainAbove, output: 'failed' },
  },
  output: ({ context: { error, stopped }, event }) => {
    const outcome = event.output as TaskOutput['outcome'];
    return outcome === 'failed' ? { outcome, error: error ?? UNEXPLAINED, stopped } : { outcome, stopped };
  },
});
