/** What the machines did with one input, in words that fit into a report: transitions with their guards, states after. */
import type { AnyActorRef, InspectionEvent } from 'xstate';
import { pathOf } from '../recorder.ts';

export interface Taken {
  readonly actor: string;
  readonly event: string;
  /** Source state → targets, and the guard that let it pass. */
  readonly transitions: readonly {
    readonly from: string;
    readonly to: readonly string[];
    readonly guard: string | null;
  }[];
  readonly state: unknown;
}

export const guardName = (guard: unknown): string | null => {
  if (guard === undefined || guard === null) return null;
  if (typeof guard === 'string') return guard;
  if (typeof guard === 'object' && 'type' in guard) return String(guard.type);
  if (typeof guard !== 'function') return null;
  if (!('guards' in guard) || !Array.isArray(guard.guards)) return '(in line)';
  return `${guard.name}(${guard.guards.map(guardName).join(', ')})`;
};

export const createSteps = () => {
  const taken: Taken[] = [];
  return {
    inspect: (inspected: InspectionEvent): void => {
      if (inspected.type !== '@xstate.microstep') return;
      const { event, snapshot } = inspected;
      taken.push({
        actor: pathOf(inspected.actorRef as AnyActorRef),
        event: event.type,
        transitions: inspected._transitions.map(({ source, target, guard }) => ({
          from: source.id,
          to: (target ?? []).map(({ id }) => id),
          guard: guardName(guard),
        })),
        state: 'value' in snapshot ? snapshot.value : null,
      });
    },
    /** Everything since the last call. */
    take: (): readonly Taken[] => taken.splice(0),
  };
};
