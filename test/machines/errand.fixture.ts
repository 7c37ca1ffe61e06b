/**
 * A kind of task that the runtime does not have: it asks the model once, then has the loop look at the answer.
 *
 *   errand
 *   ├─ asking               child: sample
 *   ├─ looking              child: regular
 *   │  ├─ on                the loop is at work
 *   │  └─ off               told to stop
 *   ├─ completed ■          done
 *   ├─ cancelled ■          told to stop
 *   └─ failed ■             the request failed, or the loop did
 */
import { sendTo, setup, type CallbackActorLogic, type DoneActorEvent, type ErrorActorEvent } from 'xstate';
import { END, orphansOf, toParent } from '../../machines/kit.ts';
import type { SampleCommand, SampleInput, SampleReport } from '../../machines/leaves.ts';
import { MAX_MICROSTEPS } from '../../machines/limits.ts';
import { actorPort, sweepPort } from '../../machines/ports.ts';
import type { TaskCommand, TaskInput, TaskLogic, TaskOutput, TaskReported } from '../../machines/tasks/contract.ts';

const errand = setup({
  types: {
    input: {} as TaskInput,
    context: {} as TaskInput,
    events: {} as
      | TaskCommand
      | TaskReported
      | SampleReport
      | DoneActorEvent<TaskOutput, 'regular'>
      | ErrorActorEvent<unknown, string>,
    output: {} as TaskOutput,
  },
  actors: {
    sample: actorPort<CallbackActorLogic<SampleCommand, SampleInput>>('sample'),
    regular: actorPort<TaskLogic>('regular'),
  },
  actions: { sweep: sweepPort },
});
const up = errand.enqueueActions(({ enqueue, event }) => {
  enqueue.sendTo(toParent, event);
});
const endOrphans = errand.enqueueActions(({ enqueue, context: { turnId }, self }) => {
  for (const orphan of orphansOf(self, 'regular')) enqueue.sendTo(orphan, END);
  enqueue({ type: 'sweep', params: { turnId, callId: null } });
});

export const errandMachine = errand.createMachine({
  id: 'errand',
  options: { maxIterations: MAX_MICROSTEPS },
  context: ({ input }) => input,
  initial: 'asking',
  on: { 'task.*': { actions: up }, 'xstate.error.actor.*': { target: '.failed', actions: endOrphans } },
  states: {
    asking: {
      // It sends the history as it is, so a window that is full is the end of it (R16).
      always: { guard: ({ context }) => context.accounting.window.full, target: 'failed' },
      invoke: {
        src: 'sample',
        id: 'sample',
        input: ({ context: { turnId } }) => ({ turnId, attempt: 1, purpose: 'compact', items: [] }),
      },
      on: { 'task.cancel': 'cancelled', 'sample.completed': 'looking', 'sample.failed': 'failed' },
    },
    looking: {
      invoke: { src: 'regular', id: 'regular', input: ({ context }) => context },
      on: { 'approval.decided': { actions: sendTo('regular', ({ event }) => event) } },
      initial: 'on',
      states: {
        on: {
          on: {
            'task.cancel': 'off',
            'xstate.done.actor.regular': [
              { guard: ({ event }) => event.output.outcome === 'completed', target: '#errand.completed' },
              { target: '#errand.failed' },
            ],
          },
        },
        off: {
          entry: sendTo('regular', { type: 'task.cancel' }),
          on: {
            'task.cancel': {},
            'xstate.done.actor.regular': '#errand.cancelled',
            'xstate.error.actor.*': { target: '#errand.cancelled', actions: endOrphans },
          },
        },
      },
    },
    completed: { type: 'final', output: 'completed' },
    cancelled: { type: 'final', output: 'cancelled' },
    failed: { type: 'final', output: 'failed' },
  },
  output: ({ event }) => {
    const outcome = event.output as TaskOutput['outcome'];
    return outcome === 'failed'
      ? { outcome, error: { kind: 'serverError', message: 'the errand failed' }, stopped: [] }
      : { outcome, stopped: [] };
  },
});
