/**
 * A walk through every world that can be reached, nearest first: each choice in each state is taken once, and every
 * promise is checked after it. States that are the same to `keyOf` are entered once. From each state the story is also
 * ended: an interrupt, then nobody answers, then a close (R2, R6).
 */
import { createCoverage, type Taken } from './edges.ts';
import { judgeOf, type Judge } from './invariants.ts';
import { keyOf } from './key.ts';
import { stageSession } from './puppets.ts';
import { createWorld, type World, type WorldOptions } from './world.ts';

export type Story = readonly string[];

export interface Root {
  readonly story: Story;
  readonly options?: WorldOptions;
}

export interface WalkLimits {
  readonly forMs: number;
  readonly maxSteps?: number;
}

export interface Walked {
  readonly states: number;
  readonly steps: number;
  /** Steps to the farthest state, and states that were seen and not yet entered. */
  readonly depth: number;
  readonly left: number;
  /** Rows of the charts that were taken, each with the first story that took it. */
  readonly edges: ReadonlyMap<string, Root>;
  /** Ids of the innermost states that were entered. */
  readonly entered: ReadonlySet<string>;
  /** Beginnings that nobody can come to. */
  readonly impossible: readonly Story[];
  readonly broken: { readonly root: Root; readonly why: string } | null;
}

type Passed = 'impossible' | Walked['broken'];

export const walk = (roots: readonly Root[], limits: WalkLimits, chart = stageSession()): Walked => {
  const { forMs, maxSteps = Infinity } = limits;
  const coverage = createCoverage(chart);
  const known = new Set<string>();
  const edges = new Map<string, Root>();
  const endings = new Set<string>();
  const entered = new Set<string>();
  const queue: Root[] = [];
  const impossible: Story[] = [];
  const total = { steps: 0, depth: 0, next: 0 };
  const until = performance.now() + forMs;

  const told = ({ story, options = {} }: Root): { readonly world: World; readonly judge: Judge } => {
    const world = createWorld({ ...options, chart, inspect: coverage.inspect });
    for (const name of story) if (!world.act(name)) throw new Error(`"${name}" is not possible`);
    return { world, judge: judgeOf(world) };
  };
  /** A step that takes a row is a better witness of it than an ending that does. */
  const note = (taken: Taken, root: Root, by: 'step' | 'ending' = 'step'): void => {
    for (const edge of taken.edges) {
      const isFirst = !edges.has(edge);
      if (isFirst && by === 'ending') endings.add(edge);
      if (isFirst || (by === 'step' && endings.delete(edge))) edges.set(edge, root);
    }
    for (const id of taken.states) entered.add(id);
  };
  const enter = (root: Root): string | null => {
    const before = root.story.slice(0, -1);
    const last = root.story.at(-1);
    try {
      const { world, judge } = told({ ...root, story: before });
      const taken = coverage.during(() => {
        if (last !== undefined && !world.act(last)) throw new Error(`"${last}" is not possible`);
      });
      note(taken, root);
      judge.check();
      const key = `${JSON.stringify(root.options ?? {})} ${keyOf(world, judge.books)}`;
      if (known.has(key)) return null;
      known.add(key);
      queue.push(root);
      total.depth = Math.max(total.depth, root.story.length);
      note(coverage.during(judge.end), root, 'ending');
      return null;
    } catch (error) {
      return String(error);
    }
  };
  /** The road to a beginning: what is taken on it counts, and is judged, and is not gone on from. */
  const pass = ({ story, options = {} }: Root): Passed => {
    const world = createWorld({ ...options, chart, inspect: coverage.inspect });
    const judge = judgeOf(world);
    for (const [at, name] of story.entries()) {
      const root: Root = { story: story.slice(0, at + 1), options };
      try {
        const done = { isPossible: true };
        note(
          coverage.during(() => void (done.isPossible = world.act(name))),
          root,
        );
        if (!done.isPossible) return 'impossible';
        judge.check();
      } catch (error) {
        return { root, why: String(error) };
      }
    }
    return null;
  };
  const walked = (broken: Walked['broken']): Walked => ({
    states: known.size,
    steps: total.steps,
    depth: total.depth,
    left: queue.length - total.next,
    edges,
    entered,
    impossible,
    broken,
  });

  for (const root of roots) {
    const passed = pass(root);
    if (passed === 'impossible') {
      impossible.push(root.story);
      continue;
    }
    if (passed !== null) return walked(passed);
    const why = enter(root);
    if (why !== null) return walked({ root, why });
  }
  for (; total.next < queue.length; total.next++) {
    const { story, options } = queue[total.next]!;
    const names = told({ story, ...(options === undefined ? {} : { options }) })
      .world.enabled()
      .map(({ name }) => name);
    for (const name of names) {
      if (performance.now() > until || total.steps >= maxSteps) return walked(null);
      total.steps += 1;
      const root: Root = { story: [...story, name], ...(options === undefined ? {} : { options }) };
      const why = enter(root);
      if (why !== null) return walked({ root, why });
    }
  }
  return walked(null);
};
