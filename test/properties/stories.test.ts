/** A thousand stories of chance keep every promise (behaviour I.1–I.8, R1–R6, R8, R10, R12). `TURNSTILE_DEEP=1` tells many more. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { saveFailure } from './failure.ts';
import { tellStory } from './stories.ts';

const isDeep = process.env['TURNSTILE_DEEP'] === '1';
const STORIES = isDeep ? 25_000 : 1_000;
const MAX_STEPS = 60;

const numbers = fc.array(fc.nat(100_000), { maxLength: MAX_STEPS, size: 'max' });

describe('stories of chance', () => {
  for (const isAttended of [true, false])
    it(
      `keep every promise (${isAttended ? 'somebody' : 'nobody'} can be asked)`,
      () => {
        const details = fc.check(
          fc.property(numbers, (story) => void tellStory(story, [], { isAttended })),
          { numRuns: isAttended ? STORIES : STORIES / 4, verbose: fc.VerbosityLevel.Verbose },
        );
        if (!details.failed) return;
        const [shrunk = []] = details.counterexample ?? [];
        const [first = shrunk] = details.failures[0] ?? [];
        const { files, broken } = saveFailure({ seed: details.seed, first, shrunk }, { isAttended });
        expect.fail(
          `${broken?.error}\nseed ${details.seed}, saved as ${files.join(' and ')}\n${broken?.names.join('\n')}`,
        );
      },
      isDeep ? 3_600_000 : 180_000, // a fuse for a machine that is busy
    );
});
