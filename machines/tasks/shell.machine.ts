/**
 * A command that the user typed. It is planned and confined like one of the model's, and runs beside whatever else the
 * turn does.
 *
 *   shell
 *   ├─ running              child: call0
 *   ├─ stopping             told to stop
 *   ├─ completed ■          the command has ended, however it ended
 *   └─ cancelled ■          it was stopped
 *
 * Down:     task.cancel, approval.decided; to the call: call.go, call.cancel
 * Up:       task.opened, task.shut, task.asked, task.heard, task.granted, task.left; then the output
 *
 * Promises:
 *   1. what it printed is left to the turn, once, unless the user hid it from the model
 *   2. once task.cancel is heard nothing starts
 */
import { assign, sendTo, setup, type DoneActorEvent, type ErrorActorEvent } from 'xstate';
import type { CallLogic, CallOutput, CallReported } from '../call.contract.ts';
import { TASK_PATIENCE_MS } from '../deadlines.ts';
import { END, messageOf, orphansOf, toParent } from '../kit.ts';
import { MAX_MICROSTEPS } from '../limits.ts';
import { actorPort, publishPort, sweepPort } from '../ports.ts';
import type { CallView, Stopped } from '../protocol/index.ts';
import type { TaskCommand, TaskInput, TaskOutput } from './contract.ts';

interface ShellContext extends TaskInput {
  readonly view: CallView | null;
  /** The question that waits for an answer. */
  readonly approvalId: string | null;
  readonly stopped: readonly Stopped[];
}

type CallDone = DoneActorEvent<CallOutput, 'call0'>;
type CallCrashed = ErrorActorEvent<unknown, 'call0'>;

const shell = setup({
  types: {
    input: {} as TaskInput,
    context: {} as ShellContext,
    events: {} as TaskCommand | CallReported | CallDone | CallCrashed,
    output: {} as TaskOutput,
  },
  actors: { call: actorPort<CallLogic>('call') },
  delays: { taskPatience: TASK_PATIENCE_MS },
  actions: {
    publish: publishPort,
    sweep: sweepPort,
    keepQuestion: assign((_, approvalId: string | null) => ({ approvalId })),
    keepView: assign((_, view: CallView) => ({ view })),
    keepStopped: assign((_, stopped: readonly Stopped[]) => ({ stopped })),
  },
});

/** The id of the call is that of the op: unique in the session, and known to whoever asked. */
const start = shell.enqueueActions(({ enqueue, context: { turnId, subject, grants, settings } }) =>
  enqueue.spawnChild('call', {
    id: 'call0',
    input: {
      turnId,
      callId: subject.id,
      slot: 0,
      tool: 'shell',
      args: JSON.stringify({ command: subject.text }),
      grants,
      isAttended: settings.isAttended,
    },
  }),
);

const tell = (output: string, command: string) =>
  `<user_shell_command>\n<command>\n${command}\n</command>\n<result>\n${output}\n</result>\n</user_shell_command>`;

const leave = shell.enqueueActions(({ enqueue, context: { subject }, event }) => {
  if (event.type !== 'xstate.done.actor.call0') return;
  enqueue.sendTo(toParent, { type: 'task.shut', callId: event.output.callId });
  if (subject.audience === 'user') return;
  enqueue.sendTo(toParent, { type: 'task.left', id: subject.id, text: tell(event.output.output, subject.text) });
});

const closeCrashed = shell.enqueueActions(
  ({ enqueue, context: { turnId, subject, view, approvalId }, event, self }) => {
    if (!('error' in event)) return;
    const callId = subject.id;
    const output = `the command broke: ${messageOf(event.error)}`;
    for (const orphan of orphansOf(self, 'call0')) enqueue.sendTo(orphan, END);
    enqueue({ type: 'sweep', params: { turnId, callId } });
    if (approvalId !== null) {
      enqueue({
        type: 'publish',
        params: { type: 'approval.resolved', turnId, approvalId, callId, decision: 'cancelled' },
      });
      enqueue.sendTo(toParent, { type: 'task.heard', approvalId });
    }
    if (view === null) return;
    enqueue({ type: 'publish', params: { type: 'call.finished', turnId, callId, status: 'failed', view, output } });
    enqueue.sendTo(toParent, { type: 'task.shut', callId });
  },
);

const stoppedOf = { type: 'keepStopped' as const, params: ({ event }: { event: CallDone }) => event.output.stopped };

export const shellMachine = shell.createMachine({
  id: 'shell',
  options: { maxIterations: MAX_MICROSTEPS },
  context: ({ input }) => ({ ...input, view: null, approvalId: null, stopped: [] }),
  entry: start,
  initial: 'running',
  on: {
    'call.planned': {
      actions: [
        { type: 'keepView', params: ({ event }) => event.view },
        sendTo(toParent, ({ context: { subject }, event: { view } }) => ({
          type: 'task.opened',
          callId: subject.id,
          view,
        })),
      ],
    },
    'call.asked': {
      actions: [
        { type: 'keepQuestion', params: ({ event }) => event.approvalId },
        sendTo(toParent, ({ context: { subject }, event: { approvalId, planHash } }) => ({
          type: 'task.asked',
          callId: subject.id,
          approvalId,
          planHash,
        })),
      ],
    },
    'call.heard': {
      actions: [
        { type: 'keepQuestion', params: null },
        sendTo(toParent, ({ event: { approvalId } }) => ({ type: 'task.heard', approvalId })),
      ],
    },
    'call.granted': { actions: sendTo(toParent, ({ event: { grants } }) => ({ type: 'task.granted', grants })) },
    'approval.decided': { actions: sendTo('call0', ({ event }) => event) },
  },
  states: {
    running: {
      on: {
        'call.ready': { actions: sendTo('call0', { type: 'call.go' }) },
        'task.cancel': 'stopping',
        'xstate.done.actor.call0': { target: 'completed', actions: [stoppedOf, leave] },
        'xstate.error.actor.call0': { target: 'completed', actions: closeCrashed },
      },
    },
    stopping: {
      entry: sendTo('call0', { type: 'call.cancel' }),
      on: {
        'xstate.done.actor.call0': { target: 'cancelled', actions: [stoppedOf, leave] },
        'xstate.error.actor.call0': { target: 'cancelled', actions: closeCrashed },
      },
      after: { taskPatience: 'cancelled' },
    },
    completed: { type: 'final', output: 'completed' },
    cancelled: { type: 'final', output: 'cancelled' },
  },
  output: ({ context: { stopped }, event }) => ({
    outcome: event.output === 'cancelled' ? ('cancelled' as const) : ('completed' as const),
    stopped,
  }),
});
