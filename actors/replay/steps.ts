/** What the machines did with one input, in words that fit into a report: transitions with their guards, states after. */
import type { AnyActorRef, InspectionEvent } from 'xstate';
import { guardName } from '../../machines/charts.ts';
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
  /** The states before and after: names of the active states, nested as the chart is. */
  readonly before: unknown;
  readonly state: unknown;
}

export const createSteps = () => {
  const taken: Taken[] = [];
  const states = new WeakMap<AnyActorRef, unknown>();
  return {
    inspect: (inspected: InspectionEvent): void => {
      if (inspected.type !== '@xstate.microstep') return;
      const { event, snapshot } = inspected;
      const ref = inspected.actorRef as AnyActorRef;
      const before = states.get(ref) ?? null;
      const state = 'value' in snapshot ? snapshot.value : null;
      states.set(ref, state);
      taken.push({
        actor: pathOf(ref),
        event: event.type,
        transitions: inspected._transitions.map(({ source, target, guard }) => ({
          from: source.id,
          to: (target ?? []).map(({ id }) => id),
          guard: guardName(guard),
        })),
        before,
        state,
      });
    },
    /** Everything since the last call. */
    take: (): readonly Taken[] => taken.splice(0),
  };
};
