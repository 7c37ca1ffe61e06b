/** Looks for one story that breaks a promise; ends with 1 when there is one. For the faults, and for a quick look by hand. */
import fc from 'fast-check';
import { tellStory } from './stories.ts';

const started = Date.now();
const { failed, counterexample, numRuns } = fc.check(
  fc.property(fc.array(fc.nat(100_000), { maxLength: 60, size: 'max' }), (story) => void tellStory(story, [])),
  { numRuns: Number(process.env['STORIES'] ?? 3_000), seed: 1, endOnFailure: true },
);
if (failed) {
  const names: string[] = [];
  try {
    tellStory(counterexample?.[0] ?? [], names);
  } catch (error) {
    console.log(`${String(error)} <- ${names.join(' ; ')}`);
  }
}
console.log(`${numRuns} stories in ${Date.now() - started} ms`);
process.exitCode = failed ? 1 : 0;
