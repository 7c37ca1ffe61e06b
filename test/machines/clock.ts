/** Time that passes only when a story says so, one timer after another. */
import type { ActorOptions, AnyActorLogic } from 'xstate';

type Clock = NonNullable<ActorOptions<AnyActorLogic>['clock']>;

interface Timer {
  readonly id: number;
  readonly due: number;
  readonly fire: () => void;
}

export const createClock = () => {
  const state = { now: 0, ids: 0, timers: [] as Timer[] };
  const clock: Clock = {
    setTimeout: (fire, ms) => {
      state.timers.push({ id: ++state.ids, due: state.now + ms, fire: () => fire() });
      return state.ids;
    },
    clearTimeout: (id: number) => void (state.timers = state.timers.filter((timer) => timer.id !== id)),
  };
  const next = (): Timer | undefined =>
    state.timers.reduce<Timer | undefined>(
      (first, timer) => (first && first.due <= timer.due ? first : timer),
      undefined,
    );
  return {
    clock,
    now: () => state.now,
    pending: () => state.timers.length,
    due: () => next()?.due ?? null,
    /** When the timers strike, in that order. */
    dues: (): readonly number[] => state.timers.map(({ due }) => due).sort((a, b) => a - b),
    /** Fires the timer that is due next; false: there is none. */
    tick: (): boolean => {
      const timer = next();
      if (timer === undefined) return false;
      state.timers = state.timers.filter(({ id }) => id !== timer.id);
      state.now = Math.max(state.now, timer.due);
      timer.fire();
      return true;
    },
  };
};
