/** Stories of chance in a second: how much of what can happen the tests see for their time. */
import { tellStory } from '../properties/stories.ts';
import { rounded, type Row } from './kit.ts';

const STORIES = 300;
const STEPS = 60;

export const measure = async (): Promise<readonly Row[]> => {
  const numbers = (seed: number) =>
    Array.from({ length: STEPS }, (_, n) => ((seed + 1) * 7_919 + n * 104_729) % 100_003);
  const told = { steps: 0, broken: 0 };
  const before = performance.now();
  for (let seed = 0; seed < STORIES; seed++) {
    const names: string[] = [];
    try {
      tellStory(numbers(seed), names);
    } catch {
      told.broken += 1; // the tests of stories tell which; here only the time counts
    }
    told.steps += names.length;
  }
  const seconds = (performance.now() - before) / 1_000;
  return [
    {
      what: `${STORIES} stories, ${rounded(told.steps)} steps, each step judged`,
      figure: `${rounded(STORIES / seconds)} stories/s, ${rounded(told.steps / seconds)} steps/s`,
    },
    { what: 'of them broke a promise', figure: String(told.broken) },
  ];
};
