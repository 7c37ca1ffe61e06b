/** A thousand stories of chance keep every promise (behaviour I.1–I.8, R1–R6, R8, R10, R12). `TURNSTILE_DEEP=1` tells many more. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { saveFailure, type StoryOptions } from './failure.ts';
import { tellStory } from './stories.ts';

const isDeep = process.env['TURNSTILE_DEEP'] === '1';
const STORIES = isDeep ? 25_000 : 1_000;
const MAX_STEPS = 60;

const numbers = fc.array(fc.nat(100_000), { maxLength: MAX_STEPS, size: 'max' });

const KINDS = [
  ['somebody can be asked', 1, { isAttended: true }],
  ['nobody can be asked', 4, { isAttended: false }],
  ["the user's own programs are asked, too", 2, { isAttended: true, hooks: 'all' }],
] as const satisfies readonly (readonly [who: string, part: number, options: StoryOptions])[];

describe('stories of chance', () => {
  for (const [who, part, options] of KINDS)
    it(
      `keep every promise (${who})`,
      () => {
        const details = fc.check(
          fc.property(numbers, (story) => void tellStory(story, [], options)),
          { numRuns: STORIES / part, verbose: fc.VerbosityLevel.Verbose },
        );
        if (!details.failed) return;
        const [shrunk = []] = details.counterexample ?? [];
        const [first = shrunk] = details.failures[0] ?? [];
        const { files, broken } = saveFailure({ seed: details.seed, first, shrunk }, options);
        expect.fail(
          `${broken?.error}\nseed ${details.seed}, saved as ${files.join(' and ')}\n${broken?.names.join('\n')}`,
        );
      },
      isDeep ? 3_600_000 : 180_000, // a fuse for a machine that is busy
    );
});
