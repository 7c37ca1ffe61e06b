import fc from 'fast-check';
import { expect, it } from 'vitest';
import { MODEL_OUTPUT_BYTES } from '../../machines/limits.ts';
import type { ExecResult } from '../../sandbox/plan.ts';
import { reportFor } from './report.ts';

const result = (output: string, more: Partial<ExecResult> = {}): ExecResult => ({
  ending: { kind: 'exited', code: 0 },
  output,
  omittedBytes: 0,
  durationMs: 1_249,
  pid: 1,
  denial: null,
  ...more,
});
const report = (output: string, more?: Partial<ExecResult>) =>
  reportFor(result(output, more), Buffer.byteLength(output), output.split('\n').length - 1);

it('E.8: a short output stands as it is', () => {
  expect(report('text\n')).toBe('Exit code: 0\nWall time: 1.2 seconds\nOutput:\ntext\n');
});

it('E.8: a long one is cut between lines, and says what is missing', () => {
  const text = report(Array.from({ length: 4_000 }, (_, i) => `line ${i}\n`).join(''));
  const [, omitted] = /\n\[\.\.\. omitted (\d+) of 4000 lines, \d+ bytes \.\.\.\]\nline \d+\n/.exec(text) ?? [];
  expect(text.match(/^line \d+$/gm)).toHaveLength(4_000 - Number(omitted));
  expect(text).toMatch(/line 3999\n$/);
});

it('R21: never more than the model can carry, whatever it is, and never half a character', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }),
      fc.integer({ min: 1, max: 4_000 }),
      (s, n) => {
        const text = report(s.repeat(n), { spill: `/${'long/'.repeat(40)}` });
        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(MODEL_OUTPUT_BYTES);
        if (!s.includes('\ufffd')) expect(text).not.toContain('\ufffd');
      },
    ),
    { numRuns: 60 },
  );
});

it('E.7.5: what never ran has a reason, and no exit code', () => {
  expect(report('', { ending: { kind: 'unstarted', reason: 'no such program: x' }, pid: null })).toBe(
    'execution error: no such program: x',
  );
});
