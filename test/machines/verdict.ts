/** Whether anybody notices how the machines are that are loaded here: the named tests, the stories of chance, a short walk. */
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { tellStory } from '../properties/stories.ts';
import type { JudgeName } from './faults.ts';
import { firstFailure, howMany } from './plain.ts';
import { ROOTS } from './roots.ts';
import { walk } from './walk.ts';

const STORIES = 1_000;
const MAX_STEPS = 60;
/** Fuses for a machine that is busy. */
const STORIES_MS = 20_000;
const WALK_STEPS = 1_000;
const WALK_MS = 20_000;
const SEED = 1;

const HOME = new URL('../../', import.meta.url);
/** Those that walk, and those that try faults, are asked in their own way. */
const APART = /(walk|removal|mutation)\.test\.ts$/;
/** Whoever starts other programs does not see what is changed in here. */
const isOutside = (file: string): boolean => readFileSync(new URL(file, HOME), 'utf8').includes("'node:child_process'");

const byTests = async (): Promise<string | null> => {
  const files = globSync(['machines/**/*.test.ts', 'test/machines/*.test.ts'], { cwd: fileURLToPath(HOME) });
  for (const file of files.filter((one) => !APART.test(one) && !isOutside(one)).sort())
    try {
      await import(new URL(file, HOME).href);
    } catch (error) {
      return `${file} cannot be loaded: ${String(error).split('\n')[0]}`;
    }
  if (howMany() === 0) throw new Error('no named test was found');
  return firstFailure();
};

const byStories = (): string | null => {
  const numbers = fc.array(fc.nat(100_000), { maxLength: MAX_STEPS, size: 'max' });
  const { failed, errorInstance } = fc.check(
    fc.property(
      numbers,
      fc.boolean(),
      fc.constantFrom('none', 'all'),
      (story, isAttended, hooks) => void tellStory(story, [], { isAttended, hooks }),
    ),
    { numRuns: STORIES, seed: SEED, endOnFailure: true, interruptAfterTimeLimit: STORIES_MS },
  );
  return failed ? String(errorInstance).split('\n')[0]! : null;
};

const byWalk = (): string | null => {
  const { broken, impossible } = walk(ROOTS, { forMs: WALK_MS, maxSteps: WALK_STEPS });
  if (broken !== null) return broken.why.split('\n')[0]!;
  return impossible[0] === undefined ? null : `no way there: ${impossible[0].join('; ')}`;
};

export const verdictOf: Readonly<Record<JudgeName, () => string | null | Promise<string | null>>> = {
  tests: byTests,
  stories: byStories,
  walk: byWalk,
};
