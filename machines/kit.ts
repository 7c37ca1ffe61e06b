/** Small words that every machine here uses. */
import type { AnyActorRef } from 'xstate';

/**
 * The way up. A function and not XState's `sendParent`, which throws where there is no parent: in a pure run the event
 * is then a row of data like any other.
 */
export const toParent = ({ self }: { self: AnyActorRef }): AnyActorRef => self._parent as AnyActorRef;

/** What XState hears when a child is told to end. */
export const END = { type: 'xstate.stop' } as const;

/**
 * The children of a machine below that broke. XState leaves them alive: they would go on to run and to tell, and nobody
 * could stop them any more. So whoever hears of the breaking sends each the end.
 */
export const orphansOf = (self: AnyActorRef, actorId: string): readonly AnyActorRef[] => {
  const childrenOf = (ref: AnyActorRef | undefined): Readonly<Record<string, AnyActorRef | undefined>> => {
    const snapshot: { readonly children?: Readonly<Record<string, AnyActorRef | undefined>> } | undefined =
      ref?.getSnapshot();
    return snapshot?.children ?? {};
  };
  return Object.values(childrenOf(childrenOf(self)[actorId])).filter((child) => child !== undefined);
};

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
