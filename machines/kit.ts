/** Two small words that every machine here uses. */
import type { AnyActorRef } from 'xstate';

/**
 * The way up. A function and not XState's `sendParent`, which throws where there is no parent: in a pure run the event
 * is then a row of data like any other.
 */
export const toParent = ({ self }: { self: AnyActorRef }): AnyActorRef => self._parent as AnyActorRef;

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
