/**
 * `createRecorder()` for the `inspect:` option of any XState 5 app: notes what its actors hear and do, and makes a story
 * of it that the page shows.
 *
 *   const recorder = createRecorder();
 *   const actor = createActor(machine, { inspect: recorder.inspect });
 *   …
 *   const story = recorder.story('my app');
 */
import type { AnyStateMachine, InspectionEvent } from 'xstate';
import type { Chart } from './charts.ts';
import type { RecordTold, Story } from './story.ts';
import { storyOf } from './story.ts';
import type { Seen } from './trace.ts';
import { createTracer } from './tracer.ts';

/** What a recorder needs to know; everything has a default. */
export interface AppRecorderOptions {
  readonly now?: () => number;
  /** Events that are kept; older ones are the app's own to log. */
  readonly maxEvents?: number;
  readonly charts?: readonly Chart[];
}
/** An observer for `inspect:`, and what it has seen. */
export interface AppRecorder {
  readonly inspect: (event: InspectionEvent) => void;
  /** A copy of the machine whose named guards tell how they answered; where that is wanted. */
  readonly instrument: (machine: AnyStateMachine) => AnyStateMachine;
  /** Everything up to now. */
  story(title: string): Story;
}

export const DEFAULT_MAX_EVENTS = 100_000;

/**
 * Observes any XState 5 app: `createActor(machine, { inspect: recorder.inspect })`. It keeps names, states and events,
 * bounded.
 */
export const createRecorder = (options: AppRecorderOptions = {}): AppRecorder => {
  const { now = Date.now, maxEvents = DEFAULT_MAX_EVENTS, charts = [] } = options;
  const tracer = createTracer();
  const times: number[] = [];
  return {
    inspect: (event) => {
      if (tracer.seen.length >= maxEvents && event.type === '@xstate.event') return;
      tracer.inspect(event);
      while (times.length < tracer.seen.length) times.push(now());
    },
    instrument: tracer.instrument,
    story: (title) => {
      // Whatever came from outside an actor's own machine is an input here, as it is in a journal.
      const inputs = tracer.seen.flatMap((seen: Seen, at) =>
        seen.kind === 'step' && seen.type !== 'xstate.init' && isFromOutside(tracer.actors, seen.from)
          ? [{ seen, at }]
          : [],
      );
      const records = inputs.map(({ seen, at }, n): RecordTold => ({
        seq: n + 1,
        t: times[at] ?? 0,
        kind: 'input',
        from: seen.from === null ? 'outside' : (tracer.actors[seen.from]?.path ?? ''),
        to: tracer.actors[seen.actor]?.path ?? '',
        event: seen.event,
      }));
      const heard = [{ seq: null, at: 0 }, ...inputs.map(({ at }, n) => ({ seq: n + 1, at }))];
      const trace = { seen: tracer.seen, actors: tracer.actors, heard };
      return storyOf({ title, head: {}, records, verdict: { kind: 'observed' }, charts, trace });
    },
  };
};

const isFromOutside = (actors: readonly { readonly machine: string | null }[], from: number | null): boolean =>
  from === null || actors[from]?.machine === null;
