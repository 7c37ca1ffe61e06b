/** A story that broke a promise as a test, to be kept beside the property that found it. Pure. */
import type { BrokenTold } from './story.ts';

const quoted = (text: string): string =>
  `'${text.replace(/[\\']/g, String.raw`\$&`).replaceAll('\n', String.raw`\n`)}'`;

/** What the last step is called where the story was over and its end broke the promise. */
const isEnding = (name: string): boolean => name.startsWith('(');

/** For `test/properties/`; null: the journal does not say what was chosen. */
export const regressionTest = (id: string, { promise, names, isAttended }: BrokenTold): string | null => {
  if (names.length === 0) return null;
  const steps = names.filter((name) => !isEnding(name));
  const [headline = ''] = promise.split('\n');
  return `/** Found by chance as ${id.replaceAll('*/', '')}, made shorter, and kept. */
import { test } from 'vitest';
import { judgeOf } from '../machines/invariants.ts';
import { createWorld } from '../machines/world.ts';

const STEPS = [
${steps.map((name) => `  ${quoted(name)},`).join('\n')}
];

test(${quoted(headline)}, () => {
  const world = createWorld({ isAttended: ${isAttended} });
  const judge = judgeOf(world);
  for (const step of STEPS) {
    world.act(step);
    judge.check();
  }
  judge.end();
});
`;
};
