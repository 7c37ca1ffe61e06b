/** Stories of chance: each number picks one of what is possible. */
import { judgeOf } from '../machines/invariants.ts';
import { createWorld, type Choice, type World } from '../machines/world.ts';

/** Rare things stay rare, so that stories get somewhere: most steps are what a leaf says next. */
const weightOf = ({ name }: Choice): number => {
  if (name === 'close') return 1;
  if (/ (crashes|late|repeats|tooBusy|refuses|overflows)$/.test(name)) return 1;
  if (
    /^(steer wrong|interrupt wrong|say nothing|decide unknown|rewind(?: files)?|compact|review|interrupt)$/.test(name)
  )
    return 2;
  if (/ (opens|says|calls|completes)$/.test(name) || name === 'say') return 12;
  if (/^(approves|denies|grants)/.test(name)) return 8;
  return 4;
};

export const pick = (choices: readonly Choice[], n: number): Choice => {
  const total = choices.reduce((sum, choice) => sum + weightOf(choice), 0);
  let left = n % total;
  for (const choice of choices) {
    left -= weightOf(choice);
    if (left < 0) return choice;
  }
  throw new Error('nothing is possible');
};

export interface Told {
  readonly world: World;
  readonly names: readonly string[];
}

/** Tells a story to its end; throws where a promise is broken. `names` is filled while it goes, so it is known then too. */
export const tellStory = (
  numbers: readonly number[],
  names: string[],
  options: Parameters<typeof createWorld>[0] = {},
): World => {
  const world = createWorld(options);
  const judge = judgeOf(world);
  for (const n of numbers) {
    const choices = world.enabled();
    if (choices.length === 0) break;
    const choice = pick(choices, n);
    names.push(choice.name);
    world.take(choice);
    judge.check();
  }
  judge.end();
  return world;
};
