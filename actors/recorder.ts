/**
 * Writes down what enters the actor tree of a session from outside, before it is heard: ops, the reports of leaves, timers
 * that fired. It is an observer of XState's own inspection, so no machine knows of it, and nothing can enter unseen.
 */
import type { AnyActorRef, InspectionEvent } from 'xstate';
import type { Journal } from './journal/writer.ts';

export interface Recorder {
  readonly inspect: (event: InspectionEvent) => void;
  /** The number of the input that is being worked on: the cause of every fact that comes out now. */
  cause(): number | null;
}

/** Where an actor is: the ids of its ancestors and its own. Stable, unlike XState's session ids. */
export const pathOf = (ref: AnyActorRef): string => {
  const parent = ref._parent;
  return parent === undefined ? ref.id : `${pathOf(parent)}/${ref.id}`;
};

const isMachine = (ref: AnyActorRef): boolean => 'machine' in ref.getSnapshot();

/** An Error is nothing in JSON. */
const plain = (event: { readonly type: string }): { readonly type: string } =>
  'error' in event && event.error instanceof Error
    ? ({ ...event, error: { message: event.error.message } } as typeof event)
    : event;

export const createRecorder = (journal: Pick<Journal, 'append'>): Recorder => {
  const births = new WeakMap<AnyActorRef, number | null>();
  const now: { cause: number | null } = { cause: null };

  const sourceOf = (source: AnyActorRef | undefined, target: AnyActorRef, type: string): string | null => {
    if (source === undefined) return 'user';
    if (source === target) return type.startsWith('xstate.after.') ? 'timer' : null;
    return isMachine(source) ? null : source.id;
  };

  return {
    inspect: (inspected) => {
      const ref = inspected.actorRef as AnyActorRef;
      if (inspected.type === '@xstate.actor') return void births.set(ref, now.cause);
      if (inspected.type !== '@xstate.event') return;
      const { event } = inspected;
      if (event.type === 'xstate.init' || event.type === 'xstate.stop' || !isMachine(ref)) return;
      const source = inspected.sourceRef as AnyActorRef | undefined;
      const from = sourceOf(source, ref, event.type);
      if (from === null) return;
      const cause = source === undefined ? null : (births.get(source) ?? null);
      const written = journal.append({ kind: 'input', to: pathOf(ref), from, cause, event: plain(event) });
      now.cause = 'seq' in written ? written.seq : null;
    },
    cause: () => now.cause,
  };
};
