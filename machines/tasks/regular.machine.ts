/**
 * The loop of an agent: ask the model, do what it wants done, ask again, until it has nothing more to do.
 *
 *   regular
 *   ├─ beginning            calls that asked in a turn that was lost come first, if there are any
 *   ├─ requesting           child: sample; calls start as soon as the model has finished writing them
 *   │  ├─ streaming         items are taken as they are completed
 *   │  ├─ cutting           a steer preempts: the half-answer is asked for
 *   │  └─ closing           an interrupt: the half-answer is asked for
 *   ├─ acting               the response is over, calls still run
 *   ├─ deciding             records the results; more to do, or not
 *   ├─ settling             the response broke; calls that run already are waited for, then it is tried again
 *   ├─ backingOff           a pause before the next attempt; an interrupt ends it at once
 *   ├─ failing              the response broke for good; calls are told to stop
 *   ├─ stopping             interrupted; calls are told to stop
 *   ├─ completed ■          the model wants nothing more
 *   ├─ outgrown ■           at the compaction threshold, with more to do
 *   ├─ cancelled ■          told to stop, and all of it has stopped
 *   └─ failed ■             no answer can be had; the error says why
 *
 * Down:     task.steer, task.cancel, approval.decided; to the calls: call.go, call.cancel
 * Up:       task.recorded, task.counted, task.opened, task.shut, task.asked, task.heard, task.used,
 *           task.granted; then the output
 * Sideways: sample.retrying
 *
 * Promises:
 *   1. once task.cancel is heard no request is sent and no call starts
 *   2. an attempt that was given up is never heard again (fenced by its number); a call that ran is never run again
 *   3. when it ends, every call it recorded has one result, in the order of the calls
 *   4. a request fails for good at once unless its error is worth another try, and tries end (attempts and wall clock)
 */
import { and, sendTo } from 'xstate';
import type { CallOutput } from '../call.contract.ts';
import { messageOf, toParent } from '../kit.ts';
import { MAX_MICROSTEPS, MAX_REQUESTS_PER_TURN, MAX_SAME_FAILURES } from '../limits.ts';
import type { TaskOutput } from './contract.ts';
import {
  askAbove,
  cancelCalls,
  closeCall,
  closeCrashedCall,
  decideBelow,
  flush,
  heardAbove,
  openCall,
  startCalls,
} from './loop.calls.ts';
import {
  acceptItem,
  countUsage,
  deliverSteers,
  loop,
  newLoop,
  recordPartial,
  takeUp,
  tellRetry,
} from './loop.setup.ts';

const current = { type: 'isCurrent' as const, params: ({ event }: { event: { attempt: number } }) => event.attempt };
const tooOften = {
  kind: 'loopDetected' as const,
  message: `the same call failed ${MAX_SAME_FAILURES} times in a row; the turn was stopped before it could go on for ever`,
};
const tooMany = {
  kind: 'limitReached' as const,
  message: `the turn needed more than ${MAX_REQUESTS_PER_TURN} model requests`,
};
const UNEXPLAINED = { kind: 'crashed' as const, message: 'no reason was kept' };

/** What calls report is noted while the task winds down, but nothing is started any more. */
const windingDown = {
  'call.planned': { actions: openCall },
  'call.ready': {},
  'xstate.done.actor.*': {
    guard: { type: 'isMine' as const, params: ({ event }: { event: { output: CallOutput } }) => event.output },
    actions: closeCall,
  },
  'xstate.error.actor.*': {
    guard: { type: 'isOfCall' as const, params: ({ event }: { event: { actorId: string } }) => event.actorId },
    actions: closeCrashedCall,
  },
};

/** The task that samples the model and does what it asks for, until it asks for nothing more. Its leaves are empty. */
export const regularMachine = loop.createMachine({
  id: 'regular',
  options: { maxIterations: MAX_MICROSTEPS },
  context: ({ input }) => newLoop(input),
  initial: 'beginning',
  on: {
    'task.steer': { actions: { type: 'keepSteer', params: ({ event }) => event.steer } },
    'task.cancel': '.stopping',
    'approval.decided': { actions: decideBelow },
    'call.planned': { actions: [openCall, startCalls] },
    'call.ready': {
      actions: [{ type: 'notePhase', params: ({ event: { slot } }) => ({ slot, phase: 'ready' }) }, startCalls],
    },
    'call.asked': { actions: askAbove },
    'call.heard': { actions: heardAbove },
    'call.used': { actions: sendTo(toParent, ({ event }) => ({ ...event, type: 'task.used' })) },
    'call.granted': {
      actions: [
        { type: 'grantAlso', params: ({ event }) => event },
        sendTo(toParent, ({ event }) => ({ type: 'task.granted', grants: event.grants })),
      ],
    },
    'xstate.done.actor.*': {
      guard: { type: 'isMine', params: ({ event }) => event.output },
      actions: [closeCall, startCalls],
    },
    'xstate.error.actor.*': [
      {
        guard: { type: 'isOfCall', params: ({ event }) => event.actorId },
        actions: [closeCrashedCall, startCalls],
      },
      {
        target: '.failing',
        actions: {
          type: 'keepError',
          params: ({ event }) => ({ kind: 'crashed', message: `the model request broke: ${messageOf(event.error)}` }),
        },
      },
    ],
  },
  states: {
    beginning: {
      always: [{ guard: 'hasCalls', target: 'acting', actions: takeUp }, { target: 'requesting' }],
    },
    requesting: {
      entry: 'countAttempt',
      invoke: {
        src: 'sample',
        id: 'sample',
        input: ({ context: { turnId, attempt, history, items, outputSchema, purpose } }) => ({
          turnId,
          attempt,
          purpose: purpose ?? 'regular',
          items: [...history, ...items],
          outputSchema,
        }),
      },
      initial: 'streaming',
      states: {
        streaming: {
          on: {
            'sample.item': { guard: current, actions: acceptItem },
            'sample.completed': { guard: current, target: '#regular.acting', actions: countUsage },
            'sample.failed': [
              {
                guard: { type: 'canRetry', params: ({ event }) => event },
                target: '#regular.settling',
                actions: { type: 'keepFailure', params: ({ event }) => event },
              },
              {
                guard: current,
                target: '#regular.failing',
                actions: [recordPartial, { type: 'keepFailure', params: ({ event }) => event }],
              },
            ],
            'task.steer': [
              {
                guard: ({ event }) => event.policy === 'preempt',
                target: 'cutting',
                actions: { type: 'keepSteer', params: ({ event }) => event.steer },
              },
              { actions: { type: 'keepSteer', params: ({ event }) => event.steer } },
            ],
            'task.cancel': 'closing',
          },
        },
        cutting: {
          entry: sendTo('sample', { type: 'sample.cut' }),
          on: {
            'sample.stopped': { guard: current, target: '#regular.acting', actions: recordPartial },
            'sample.completed': { guard: current, target: '#regular.acting', actions: countUsage },
            'sample.failed': { guard: current, target: '#regular.acting', actions: recordPartial },
            'task.cancel': 'closing',
          },
          after: { cutPatience: '#regular.acting' },
        },
        closing: {
          entry: [sendTo('sample', { type: 'sample.cut' }), cancelCalls],
          on: {
            ...windingDown,
            'task.cancel': {},
            'sample.stopped': { guard: current, target: '#regular.stopping', actions: recordPartial },
            'sample.completed': { guard: current, target: '#regular.stopping', actions: countUsage },
            'sample.failed': { guard: current, target: '#regular.stopping', actions: recordPartial },
          },
          after: { cutPatience: '#regular.stopping' },
        },
      },
    },
    acting: { always: { guard: 'isOver', target: 'deciding' } },
    deciding: {
      entry: flush,
      always: [
        {
          guard: 'isLooping',
          target: 'failed',
          actions: { type: 'keepError', params: tooOften },
        },
        { guard: and(['owesMore', 'isSpent']), target: 'failed', actions: { type: 'keepError', params: tooMany } },
        { guard: and(['owesMore', 'isOutgrown']), target: 'outgrown' },
        { guard: 'owesMore', target: 'requesting', actions: deliverSteers },
        { target: 'completed' },
      ],
    },
    settling: { always: { guard: 'isOver', target: 'backingOff', actions: flush } },
    backingOff: {
      entry: tellRetry,
      after: { backoff: { target: 'requesting', actions: 'countPause' } },
    },
    failing: {
      entry: cancelCalls,
      on: windingDown,
      always: { guard: 'isOver', target: 'failed', actions: flush },
      after: { taskPatience: { target: 'failed', actions: flush } },
    },
    stopping: {
      entry: cancelCalls,
      on: { ...windingDown, 'task.cancel': {} },
      always: { guard: 'isOver', target: 'cancelled', actions: flush },
      after: { taskPatience: { target: 'cancelled', actions: flush } },
    },
    completed: { type: 'final', output: 'completed' },
    outgrown: { type: 'final', output: 'outgrown' },
    cancelled: { type: 'final', output: 'cancelled' },
    failed: { type: 'final', output: 'failed' },
  },
  output: ({ context: { error, stopped }, event }) => {
    const outcome = event.output as TaskOutput['outcome'];
    return outcome === 'failed' ? { outcome, error: error ?? UNEXPLAINED, stopped } : { outcome, stopped };
  },
});
