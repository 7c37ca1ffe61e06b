/**
 * A turn: from the user's words to the agent's last word, or to the user's "stop".
 *
 *   turn
 *   ├─ active               a task runs; it lives exactly as long as this state
 *   │  ├─ working
 *   │  └─ aborting          the task was told to stop and has TURN_GRACE_MS to do it well
 *   ├─ finishing            the outcome is fixed; what is left is closed, what changed on disk is told
 *   ├─ completed ■
 *   ├─ aborted ■
 *   └─ failed ■
 *
 * Down:     steering and decisions are handed to the task; an interrupt becomes task.cancel
 * Up:       what the session must not lose: items, counts, grants, open questions; then the output
 * Sideways: turn.started, task.started, items.recorded, history.compacted, tokens.counted, turn.diffed, the ending
 *
 * Promises:
 *   1. exactly one ending is published, and nothing after it
 *   2. after an interrupt the outcome is `aborted`, whatever the task still says
 *   3. no word of the user is lost: the task recorded it, or it is undelivered in the ending, or unread in the output
 *   4. a full context window is counted, then told as a failure, and never tried again
 *   5. every call that was started is finished before the ending, and every call recorded has a result
 */
import { and, sendTo, stopChild } from 'xstate';
import { lastAgentMessage } from './history.ts';
import { messageOf, toParent } from './kit.ts';
import { MAX_MICROSTEPS } from './limits.ts';
import type { TaskDone } from './tasks/contract.ts';
import type { Outcome, TurnContext } from './turn.contract.ts';
import { closeLeftovers, forget, record, startTask, tellCount, tellWords, turn } from './turn.setup.ts';
import { explain, newTurn, undelivered, UNEXPLAINED } from './turn.words.ts';

const whyOf = { type: 'keepError' as const, params: ({ event }: { event: TaskDone }) => explain(event) };
const stoppedOf = { type: 'keepStopped' as const, params: ({ event }: { event: TaskDone }) => event.output.stopped };
const sweepAll = {
  type: 'sweep' as const,
  params: ({ context: { turnId } }: { context: TurnContext }) => ({ turnId, callId: null }),
};
const finish = (outcome: Outcome) => ({ type: 'fix' as const, params: outcome });

const hasEnded = <O extends TaskDone['output']['outcome']>(outcome: O) => ({
  type: 'hasEnded' as const,
  params: outcome,
});

const ending = [
  { guard: { type: 'isOutcome' as const, params: 'completed' as const }, target: 'completed' },
  { guard: { type: 'isOutcome' as const, params: 'aborted' as const }, target: 'aborted' },
  { target: 'failed' },
];

const tellDiff = turn.enqueueActions(({ enqueue, context: { turnId }, event }) => {
  if (event.type !== 'turn.settled' || event.diff === '') return;
  enqueue({ type: 'publish', params: { type: 'turn.diffed', turnId, diff: event.diff } });
});

const told = (context: TurnContext) => ({
  turnId: context.turnId,
  usage: context.accounting.turn,
  undelivered: context.outcome === 'completed' ? [] : undelivered(context),
});

export const turnMachine = turn.createMachine({
  id: 'turn',
  options: { maxIterations: MAX_MICROSTEPS },
  context: ({ input }) => newTurn(input),
  entry: tellWords,
  initial: 'active',
  states: {
    active: {
      entry: startTask,
      exit: stopChild('task'),
      on: {
        'task.recorded': { actions: record },
        'task.compacted': { actions: forget },
        'task.counted': { actions: [{ type: 'count', params: ({ event }) => event.accounting }, tellCount] },
        'task.opened': { actions: { type: 'open', params: ({ event }) => event } },
        'task.shut': { actions: { type: 'shut', params: ({ event }) => event.callId } },
        'task.asked': {
          actions: [
            { type: 'ask', params: ({ event }) => event },
            sendTo(toParent, ({ event: { approvalId, planHash } }) => ({ type: 'turn.asked', approvalId, planHash })),
          ],
        },
        'task.heard': {
          actions: [
            { type: 'hear', params: ({ event }) => event.approvalId },
            sendTo(toParent, ({ event: { approvalId } }) => ({ type: 'turn.heard', approvalId })),
          ],
        },
        'task.granted': {
          actions: [
            { type: 'grantAlso', params: ({ event }) => event },
            sendTo(toParent, ({ event: { grants } }) => ({ type: 'turn.granted', grants })),
          ],
        },
      },
      initial: 'working',
      states: {
        working: {
          on: {
            'turn.steer': [
              {
                guard: 'isRegular',
                actions: [
                  { type: 'keepPending', params: ({ event }) => event.steer },
                  sendTo('task', ({ event: { steer, policy } }) => ({ type: 'task.steer', steer, policy })),
                ],
              },
              { actions: { type: 'keepPending', params: ({ event }) => event.steer } },
            ],
            'approval.decided': { actions: sendTo('task', ({ event }) => event) },
            'turn.interrupt': {
              target: 'aborting',
              actions: { type: 'keepReason', params: ({ event }) => event.reason },
            },
            'xstate.done.actor.task': [
              {
                guard: and([hasEnded('completed'), 'owesMore', 'isStillFull', 'mayCompactAgain']),
                target: '#turn.active',
                reenter: true,
                actions: 'compactAgain',
              },
              {
                guard: and([hasEnded('completed'), 'owesMore', 'isStillFull']),
                target: '#turn.finishing',
                actions: [whyOf, stoppedOf, finish('failed')],
              },
              {
                guard: and([hasEnded('completed'), 'owesMore']),
                target: '#turn.active',
                reenter: true,
                actions: 'takeOwed',
              },
              {
                guard: hasEnded('completed'),
                target: '#turn.finishing',
                actions: [stoppedOf, finish('completed')],
              },
              {
                guard: hasEnded('outgrown'),
                target: '#turn.active',
                reenter: true,
                actions: 'compactFirst',
              },
              {
                guard: { type: 'hasFailedBy', params: 'contextWindowExceeded' },
                target: '#turn.finishing',
                actions: ['fillWindow', tellCount, whyOf, stoppedOf, finish('failed')],
              },
              { target: '#turn.finishing', actions: [whyOf, stoppedOf, finish('failed')] },
            ],
            'xstate.error.actor.task': {
              target: '#turn.finishing',
              actions: [
                { type: 'keepError', params: ({ event }) => ({ kind: 'crashed', message: messageOf(event.error) }) },
                sweepAll,
                finish('failed'),
              ],
            },
          },
        },
        aborting: {
          entry: sendTo('task', { type: 'task.cancel' }),
          on: {
            'turn.steer': { actions: { type: 'keepPending', params: ({ event }) => event.steer } },
            'xstate.done.actor.task': { target: '#turn.finishing', actions: [stoppedOf, finish('aborted')] },
            'xstate.error.actor.task': { target: '#turn.finishing', actions: [sweepAll, finish('aborted')] },
          },
          after: { grace: { target: '#turn.finishing', actions: [sweepAll, finish('aborted')] } },
        },
      },
    },
    finishing: {
      entry: closeLeftovers,
      invoke: {
        src: 'settle',
        id: 'settle',
        input: ({ context: { turnId } }) => ({ turnId }),
        onError: ending,
      },
      on: {
        'turn.steer': { actions: { type: 'keepPending', params: ({ event }) => event.steer } },
        'turn.settled': ending.map((row) => ({ ...row, actions: tellDiff })),
      },
      after: { settlePatience: ending },
    },
    completed: {
      type: 'final',
      entry: {
        type: 'publish',
        params: ({ context }) => ({
          type: 'turn.completed',
          ...told(context),
          lastAgentMessage: lastAgentMessage(context.items),
        }),
      },
    },
    aborted: {
      type: 'final',
      entry: {
        type: 'publish',
        params: ({ context }) => ({
          type: 'turn.aborted',
          ...told(context),
          reason: context.reason,
          stopped: context.stopped,
        }),
      },
    },
    failed: {
      type: 'final',
      entry: {
        type: 'publish',
        params: ({ context }) => ({
          type: 'turn.failed',
          ...told(context),
          error: context.error ?? UNEXPLAINED,
          stopped: context.stopped,
        }),
      },
    },
  },
  output: ({ context: { turnId, outcome, pending } }) => ({
    turnId,
    outcome,
    unread: outcome === 'completed' ? pending : [],
  }),
});
