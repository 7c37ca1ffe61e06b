/** A long session of many calls, as a story: what the page must not stall on. */
import { rootMachine } from '../../cli/charts.ts';
import { makeCharts } from '../../inspector/make-charts.ts';
import type { ActorTold, Row, Story } from '../../inspector/story.ts';

const STATES = ['planning', 'ready', 'running.executing', 'answered'];

/** As many calls one after the other as there are actors, each with its share of the rows. */
export const bigStory = async (count: number, many: number): Promise<Story> => {
  const share = count / many;
  const actors = Array.from({ length: many }, (_, n): ActorTold => ({
    ...{ path: n === 0 ? 'session' : `session/call${n}`, machine: n === 0 ? 'session' : 'call' },
    ...{ parent: n === 0 ? null : 0, status: 'done', born: n * share, died: n === 0 ? null : (n + 1) * share },
  }));
  const rows = Array.from({ length: count }, (_, n): Row => {
    const actor = Math.floor(n / share);
    const after = actor === 0 ? 'idle' : (STATES[Math.floor(((n % share) / share) * STATES.length)] ?? '');
    return {
      ...{ kind: n % 3 === 0 ? 'input' : 'step', seq: n % 3 === 0 ? n : null, t: n * 7, actor, from: 'exec', after },
      ...{ type: `event.${n % 40}`, cause: n === 0 ? null : n - 1, taken: [], guards: [], changes: [] },
      body: { type: `event.${n % 40}`, text: `the words of event ${n}` },
    };
  });
  const charts = await makeCharts(rootMachine());
  return { v: 1, title: 'big', head: {}, verdict: { kind: 'identical', inputs: 1, facts: 1 }, charts, actors, rows };
};
