/**
 * A background terminal: a command that goes on beside the turns, from the call that left it to its last word.
 *
 *   terminal
 *   ├─ running              the process lives, whatever becomes of the turn in which it began
 *   ├─ stopping             told to stop; only its exit, or CALL_PATIENCE_MS, ends the waiting
 *   ├─ ended                the process is gone; its last words wait to be read
 *   └─ gone ■               nothing is left of it
 *
 * Down:     terminal.stop, terminal.forget; to the process: watch.end
 * Up:       terminal.over; then the output
 * Sideways: terminal.started, terminal.ended
 *
 * Promises:
 *   1. terminal.started and terminal.ended come in pairs, in that order
 *   2. when it is gone, its process is
 */
import { assign, sendTo, setup, type CallbackActorLogic, type ErrorActorEvent } from 'xstate';
import { exitCodeOf, statusOf } from './call.words.ts';
import { CALL_PATIENCE_MS } from './deadlines.ts';
import { toParent } from './kit.ts';
import type { WatchCommand, WatchInput, WatchReport } from './leaves.ts';
import { MAX_MICROSTEPS } from './limits.ts';
import { actorPort, publishPort } from './ports.ts';
import type { CallStatus } from './protocol/index.ts';
import type { TerminalCommand, TerminalInput, TerminalOutput } from './terminal.contract.ts';

interface TerminalContext extends TerminalInput {
  readonly status: CallStatus;
  readonly by: TerminalOutput['by'];
}

const terminal = setup({
  types: {
    input: {} as TerminalInput,
    context: {} as TerminalContext,
    events: {} as TerminalCommand | WatchReport | ErrorActorEvent<unknown, string>,
    output: {} as TerminalOutput,
  },
  actors: { watch: actorPort<CallbackActorLogic<WatchCommand, WatchInput>>('watch') },
  delays: { patience: CALL_PATIENCE_MS },
  actions: {
    publish: publishPort,
    blame: assign(() => ({ by: 'us' as const })),
    tellAbove: sendTo(toParent, ({ context: { terminalId } }) => ({ type: 'terminal.over', terminalId })),
  },
});

const begin = terminal.enqueueActions(({ enqueue, context: { terminalId, callId, what, pid } }) => {
  enqueue({ type: 'publish', params: { type: 'terminal.started', terminalId, callId, what, pid } });
});

const end = terminal.enqueueActions(({ enqueue, context: { terminalId }, event }) => {
  const ending = event.type === 'watch.ended' ? event.ending : { kind: 'unknown' as const };
  const status = statusOf({ ending });
  const exitCode = exitCodeOf({ ending });
  enqueue.assign({ status });
  enqueue({
    type: 'publish',
    params: { type: 'terminal.ended', terminalId, status, ...(exitCode === undefined ? {} : { exitCode }) },
  });
});

export const terminalMachine = terminal.createMachine({
  id: 'terminal',
  options: { maxIterations: MAX_MICROSTEPS },
  context: ({ input }) => ({ ...input, status: 'unknown', by: 'itself' }),
  entry: begin,
  invoke: {
    src: 'watch',
    id: 'watch',
    input: ({ context: { terminalId } }) => ({ terminalId }),
  },
  initial: 'running',
  states: {
    running: {
      on: {
        'watch.ended': { target: 'ended', actions: [end, 'tellAbove'] },
        'xstate.error.actor.watch': { target: 'gone', actions: ['blame', end] },
        'terminal.stop': { target: 'stopping', actions: 'blame' },
      },
    },
    stopping: {
      entry: sendTo('watch', { type: 'watch.end' }),
      on: {
        'watch.ended': { target: 'gone', actions: end },
        'xstate.error.actor.watch': { target: 'gone', actions: end },
      },
      after: { patience: { target: 'gone', actions: end } },
    },
    ended: { on: { 'terminal.stop': 'gone', 'terminal.forget': 'gone', 'xstate.error.actor.watch': 'gone' } },
    gone: { type: 'final' },
  },
  output: ({ context: { terminalId, what, status, by } }) => ({ terminalId, what, status, by }),
});
