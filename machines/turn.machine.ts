/**
 * A turn: from the user's words to the agent's last word, or to the user's "stop".
 *
 *   turn
 *   ├─ active               a set of tasks: the primary one with those owed after it, and any number beside it
 *   │  ├─ working           the primary task lives; steering and decisions go to it
 *   │  ├─ hooking           the user's own programs hear the words before anybody else does
 *   │  ├─ checking          the primary task is over; the user's own programs may want more, up to MAX_HOOK_ROUNDS times
 *   │  ├─ attending         the primary task is over; what runs beside it is waited for
 *   │  └─ aborting          all tasks were told to stop and have TURN_GRACE_MS to do it well
 *   ├─ finishing            the outcome is fixed; what is left is closed, what changed on disk is told
 *   ├─ completed ■          the agent had its last word
 *   ├─ aborted ■            somebody said stop, and everything has stopped
 *   └─ failed ■             it could not go on; the error says why
 *
 * Down:     steering and decisions are handed to the task; an interrupt becomes task.cancel
 * Up:       what the session must not lose: items, counts, grants, open questions; then the output
 * Sideways: turn.started, task.started, items.recorded, history.compacted, tokens.counted, hook.ran, turn.diffed, what a
 *           task has to say of itself, the ending
 *
 * Promises:
 *   1. exactly one ending is published, and nothing after it
 *   2. after an interrupt the outcome is `aborted`, whatever the task still says
 *   3. no word of the user is lost: the task recorded it, or it is undelivered in the ending, or unread in the output
 *   4. a full context window is counted, then told as a failure, and never tried again
 *   5. every call that was started is finished before the ending, and every call recorded has a result
 */
import { and, sendTo, stopChild } from 'xstate';
import { messageOf, toParent } from './kit.ts';
import { MAX_MICROSTEPS } from './limits.ts';
import type { AidDone, TaskDone } from './tasks/contract.ts';
import type { Outcome, TurnContext } from './turn.contract.ts';
import {
  cancelAll,
  closeLeftovers,
  decideBelow,
  endOrphans,
  forget,
  heed,
  reap,
  record,
  startAid,
  startTask,
  takeLeft,
  tellCount,
  tellWords,
  turn,
} from './turn.setup.ts';
import { aborted, completed, failed } from './turn.endings.ts';
import { checking, hear, hooking } from './turn.hooks.ts';
import { explain, newTurn } from './turn.words.ts';

const whyOf = { type: 'keepError' as const, params: ({ event }: { event: TaskDone }) => explain(event) };
const stoppedOf = {
  type: 'keepStopped' as const,
  params: ({ event }: { event: TaskDone | AidDone }) => event.output.stopped,
};
const sweepAll = {
  type: 'sweep' as const,
  params: ({ context: { turnId } }: { context: TurnContext }) => ({ turnId, callId: null }),
};
const finish = (outcome: Outcome) => ({ type: 'fix' as const, params: outcome });

const hasEnded = <O extends TaskDone['output']['outcome']>(outcome: O) => ({
  type: 'hasEnded' as const,
  params: outcome,
});

const hasOverflown = { type: 'hasFailedBy' as const, params: 'contextWindowExceeded' as const };
const over = { type: 'drop' as const, params: 'task' };
const aid = { type: 'isAid' as const, params: ({ event }: { event: { actorId: string } }) => event.actorId };

const ending = [
  { guard: { type: 'isOutcome' as const, params: 'completed' as const }, target: 'completed' },
  { guard: { type: 'isOutcome' as const, params: 'aborted' as const }, target: 'aborted' },
  { target: 'failed' },
];

const tellDiff = turn.enqueueActions(({ enqueue, context: { turnId }, event }) => {
  if (event.type !== 'turn.settled' || event.diff === '') return;
  enqueue({ type: 'publish', params: { type: 'turn.diffed', turnId, diff: event.diff } });
});

/** A turn: its tasks in order, and one ending. Its leaves are empty. */
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
        'task.opened': {
          actions: [
            { type: 'open', params: ({ event }) => event },
            sendTo(toParent, ({ event: { callId, view } }) => ({ type: 'turn.opened', callId, view })),
          ],
        },
        'task.left': { actions: takeLeft },
        'task.shut': {
          actions: [
            { type: 'shut', params: ({ event }) => event.callId },
            sendTo(toParent, ({ event: { callId } }) => ({ type: 'turn.shut', callId })),
          ],
        },
        'task.asked': {
          actions: [
            { type: 'ask', params: ({ event }) => event },
            sendTo(toParent, ({ event: { callId, approvalId, planHash } }) => ({
              type: 'turn.asked',
              callId,
              approvalId,
              planHash,
            })),
          ],
        },
        'task.heard': {
          actions: [
            { type: 'hear', params: ({ event }) => event.approvalId },
            sendTo(toParent, ({ event: { approvalId } }) => ({ type: 'turn.heard', approvalId })),
          ],
        },
        'xstate.done.actor.*': {
          guard: aid,
          actions: [stoppedOf, { type: 'drop', params: ({ event }) => event.actorId }, reap],
        },
        'xstate.error.actor.*': {
          guard: aid,
          actions: [endOrphans, sweepAll, { type: 'drop', params: ({ event }) => event.actorId }, reap],
        },
        'turn.assist': { actions: startAid },
        'task.used': { actions: sendTo(toParent, ({ event }) => ({ ...event, type: 'turn.used' })) },
        'task.willed': { actions: heed },
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
          always: { guard: 'mustHear', target: 'hooking' },
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
            'approval.decided': { actions: decideBelow },
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
                target: 'attending',
                actions: [whyOf, stoppedOf, over, finish('failed')],
              },
              {
                guard: and([hasEnded('completed'), 'owesMore']),
                target: '#turn.active',
                reenter: true,
                actions: 'takeOwed',
              },
              {
                guard: and([hasEnded('completed'), 'mustCheck']),
                target: 'checking',
                actions: [stoppedOf, over],
              },
              {
                guard: hasEnded('completed'),
                target: 'attending',
                actions: [stoppedOf, over, finish('completed')],
              },
              {
                guard: and([hasEnded('outgrown'), 'mayCompact']),
                target: '#turn.active',
                reenter: true,
                actions: 'compactFirst',
              },
              {
                guard: and([hasOverflown, 'fillsWindow']),
                target: 'attending',
                actions: ['fillWindow', tellCount, whyOf, stoppedOf, over, finish('failed')],
              },
              { target: 'attending', actions: [whyOf, stoppedOf, over, finish('failed')] },
            ],
            'xstate.error.actor.task': {
              target: 'attending',
              actions: [
                { type: 'keepError', params: ({ event }) => ({ kind: 'crashed', message: messageOf(event.error) }) },
                endOrphans,
                sweepAll,
                over,
                finish('failed'),
              ],
            },
          },
        },
        hooking,
        checking,
        attending: {
          on: {
            'approval.decided': { actions: decideBelow },
            'turn.steer': { actions: { type: 'keepPending', params: ({ event }) => event.steer } },
            'turn.interrupt': {
              target: 'aborting',
              actions: { type: 'keepReason', params: ({ event }) => event.reason },
            },
          },
          always: { guard: 'isAlone', target: '#turn.finishing' },
        },
        aborting: {
          entry: [finish('aborted'), cancelAll],
          on: {
            'turn.assist': {},
            'hook.done': { actions: hear('promptSubmit') },
            'task.left': { actions: { type: 'keepLeft', params: ({ event }) => event } },
            'turn.steer': { actions: { type: 'keepPending', params: ({ event }) => event.steer } },
            'xstate.done.actor.task': { actions: [stoppedOf, over] },
            'xstate.error.actor.task': { actions: [endOrphans, sweepAll, over] },
          },
          always: { guard: 'isAlone', target: '#turn.finishing' },
          after: { grace: { target: '#turn.finishing', actions: sweepAll } },
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
        'turn.assist': { actions: { type: 'keepLate', params: ({ event }) => event.subject } },
        'turn.settled': ending.map((row) => ({ ...row, actions: tellDiff })),
      },
      after: { settlePatience: ending },
    },
    completed,
    aborted,
    failed,
  },
  output: ({ context: { turnId, outcome, pending, late } }) => ({
    turnId,
    outcome,
    unrun: late,
    unread: outcome === 'completed' ? pending.filter(({ about }) => about === undefined) : [],
  }),
});
