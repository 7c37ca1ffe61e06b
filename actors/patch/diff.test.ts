/** The line diff against its definition, and against a slow one that is surely right. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffLines, MAX_DISTANCE } from './diff.ts';
import { unified } from './unified.ts';

const applied = (a: readonly string[], b: readonly string[]): string[] => {
  const out: string[] = [];
  let at = 0;
  for (const { aStart, aEnd, bStart, bEnd } of diffLines(a, b)) {
    out.push(...a.slice(at, aStart), ...b.slice(bStart, bEnd));
    at = aEnd;
  }
  return [...out, ...a.slice(at)];
};

const size = (a: readonly string[], b: readonly string[]) =>
  diffLines(a, b).reduce((sum, { aStart, aEnd, bStart, bEnd }) => sum + aEnd - aStart + bEnd - bStart, 0);

/** Length of the longest common subsequence, by the table. */
const common = (a: readonly string[], b: readonly string[]): number => {
  let row = new Array<number>(b.length + 1).fill(0);
  for (const x of a) {
    const next = [0];
    b.forEach((y, j) => next.push(x === y ? row[j]! + 1 : Math.max(row[j + 1]!, next[j]!)));
    row = next;
  }
  return row[b.length]!;
};

const lines = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 30 });

describe('diffLines', () => {
  it('leads from the one to the other, by the shortest way', () => {
    fc.assert(
      fc.property(lines, lines, (a, b) => {
        expect(applied(a, b)).toEqual(b);
        expect(size(a, b)).toBe(a.length + b.length - 2 * common(a, b));
      }),
      { numRuns: 1_000 },
    );
  });

  it('gives up the shortest way beyond its limit, never the right one', () => {
    const a = Array.from({ length: MAX_DISTANCE }, (_, index) => `a${index}`);
    const b = a.flatMap((line, index) => [`b${index}`, line, `c${index}`]);
    const before = process.cpuUsage(); // not the clock: other tests run beside this one
    expect(applied(a, b)).toEqual(b);
    expect(process.cpuUsage(before).user / 1_000).toBeLessThan(3_000);
  });
});

describe('unified (F.3.7)', () => {
  it('numbers lines as diff does, and marks a last line without an end', () => {
    expect(unified('', 'a\n', 3)).toBe('@@ -0,0 +1 @@\n+a\n');
    expect(unified('a\n', '', 3)).toBe('@@ -1 +0,0 @@\n-a\n');
    expect(unified('a\nb', 'a\nb\n', 1)).toBe('@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n');
    expect(unified('1\n2\n3\n4\n5\n6\n', '1\nx\n3\n4\n5\ny\n', 1)).toBe(
      '@@ -1,3 +1,3 @@\n 1\n-2\n+x\n 3\n@@ -5,2 +5,2 @@\n 5\n-6\n+y\n',
    );
    expect(unified('same\n', 'same\n', 3)).toBe('');
  });
});
