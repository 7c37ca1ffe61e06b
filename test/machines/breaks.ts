/**
 * How a machine is made to break: it is told something that it hears in its state, and that lacks what it reads. Its
 * action or guard throws then, as a bug of its own would make it throw. Plain JSON, so that a journal can keep it.
 */
import type { AnyActorRef, EventObject } from 'xstate';

interface Node {
  readonly transitions: ReadonlyMap<string, unknown>;
}

/** In this order: the first that is heard now. */
const lacking = (attempt: unknown): readonly EventObject[] => [
  { type: 'xstate.done.actor.call0' },
  { type: 'task.granted' },
  { type: 'call.granted' },
  { type: 'sample.failed', attempt } as EventObject,
  { type: 'approval.decided' },
  { type: 'exec.exited' },
  { type: 'watch.ended' },
];

/** Null: nothing that this machine hears now can break it. */
export const breakOf = (machine: AnyActorRef): EventObject | null => {
  const { _nodes, context } = machine.getSnapshot() as {
    readonly _nodes: readonly Node[];
    readonly context: { readonly attempt?: number };
  };
  return lacking(context.attempt).find(({ type }) => _nodes.some(({ transitions }) => transitions.has(type))) ?? null;
};
