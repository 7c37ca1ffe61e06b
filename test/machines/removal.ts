/** What becomes of a chart without one of its rows: whether a promise breaks, or only something else is told. */
import { edgesOf } from './edges.ts';
import { judgeOf } from './invariants.ts';
import { keyOf } from './key.ts';
import { stagedSession, stageSession } from './puppets.ts';
import { walk, type Root } from './walk.ts';
import { createWorld } from './world.ts';

/** Steps to look around after the place where the row is missing. */
const STEPS_AROUND = 160;

export type Noticed =
  | { readonly by: 'promise'; readonly why: string }
  /** The same story tells other facts, takes another time, or comes to another state. */
  | { readonly by: 'story'; readonly why: string }
  | { readonly by: 'nobody' };

const toldOn = (chart: typeof stagedSession, { story, options = {} }: Root): readonly string[] => {
  const world = createWorld({ ...options, chart });
  const judge = judgeOf(world);
  const steps: string[] = [];
  for (const name of [...story, 'the end']) {
    const before = world.facts().length;
    if (name === 'the end') judge.end();
    else if (!world.act(name)) return [...steps, `"${name}" is not possible`];
    const facts = world.facts().slice(before);
    steps.push(JSON.stringify([name, world.time.now(), facts, keyOf(world, judge.books), world.context()]));
  }
  return steps;
};

export const withoutRow = (name: string, root: Root): Noticed => {
  const damaged = (): typeof stagedSession => {
    const chart = stageSession();
    edgesOf(chart)
      .find((edge) => edge.name === name)
      ?.remove();
    return chart;
  };
  const before = { ...root, story: root.story.slice(0, -1) };
  const { broken } = walk([root, before], { forMs: 60_000, maxSteps: STEPS_AROUND }, damaged());
  if (broken !== null) return { by: 'promise', why: broken.why };
  const whole = toldOn(stagedSession, root);
  const other = ((): readonly string[] | string => {
    try {
      return toldOn(damaged(), root);
    } catch (error) {
      return String(error); // only the end of the story shows it
    }
  })();
  if (typeof other === 'string') return { by: 'promise', why: other };
  const at = whole.findIndex((step, n) => step !== other[n]);
  return at < 0 ? { by: 'nobody' } : { by: 'story', why: `step ${at}: ${root.story[at] ?? 'the end'}` };
};
