/**
 * `createRecorder()` for the `inspect:` option of any XState 5 app: notes what its actors hear and do, and makes a story
 * of it that the page shows. It never throws into the app, and keeps copies of bounded size, as plain data.
 *
 *   const recorder = createRecorder();
 *   const actor = createActor(machine, { inspect: recorder.inspect });
 *   …
 *   const story = recorder.story('my app');
 */
import type { AnyStateMachine, InspectionEvent } from 'xstate';
import type { Chart } from './charts.ts';
import { outlineOf } from './outline.ts';
import { plain } from './plain.ts';
import { plainLayout } from './plain-layout.ts';
import type { RecordTold, Story } from './story.ts';
import { storyOf } from './story.ts';
import type { Seen } from './trace.ts';
import { createTracer } from './tracer.ts';

/** What a recorder needs to know; everything has a default. */
export interface AppRecorderOptions {
  readonly now?: () => number;
  /** Events that are kept, from the beginning; how many came after them is told. */
  readonly maxEvents?: number;
  /** Drawings that somebody made better than this does by itself. */
  readonly charts?: readonly Chart[];
}
/** An observer for `inspect:`, and what it has seen. */
export interface AppRecorder {
  readonly inspect: (event: InspectionEvent) => void;
  /** A copy of the machine whose named guards tell how they answered; where that is wanted. */
  readonly instrument: (machine: AnyStateMachine) => AnyStateMachine;
  /** Everything up to now. */
  story(title: string): Story;
  /** How much was noted; another number than before: there is more to tell. */
  size(): number;
}

export const DEFAULT_MAX_EVENTS = 100_000;

const isFromOutside = (actors: readonly { readonly machine: string | null }[], from: number | null): boolean =>
  from === null || actors[from]?.machine === null;

/**
 * Observes any XState 5 app: `createActor(machine, { inspect: recorder.inspect })`. It keeps names, states and events,
 * bounded.
 */
export const createRecorder = (options: AppRecorderOptions = {}): AppRecorder => {
  const { now = Date.now, maxEvents = DEFAULT_MAX_EVENTS, charts = [] } = options;
  const tracer = createTracer({ keep: plain });
  const times: number[] = [];
  const count = { dropped: 0, troubles: 0 };

  const chartsNow = (): readonly Chart[] => {
    const known = new Set(charts.map(({ outline }) => outline.name));
    const others = [...tracer.machines.values()].filter(({ id }) => !known.has(id));
    const drawn = others.map((machine) => {
      const outline = outlineOf(machine);
      return { outline, layout: plainLayout(outline) };
    });
    return [...charts, ...drawn];
  };

  return {
    inspect: (event) => {
      if (tracer.seen.length >= maxEvents && event.type === '@xstate.event') return void (count.dropped += 1);
      try {
        tracer.inspect(event);
      } catch {
        count.troubles += 1; // whatever it was, the app goes on as if nobody looked
      }
      while (times.length < tracer.seen.length) times.push(now());
    },
    instrument: tracer.instrument,
    size: () => tracer.seen.length + tracer.actors.length + count.dropped,
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
      const { dropped, troubles } = count;
      const verdict = { kind: 'observed', ...(dropped > 0 ? { dropped } : {}), ...(troubles > 0 ? { troubles } : {}) };
      return storyOf({ title, head: {}, records, verdict, charts: chartsNow(), trace });
    },
  };
};
