/** Any file, any edit, written as a patch: what comes out is the edited file, byte by byte (R34). */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { applyPatch } from './apply.ts';
import { type Change, diffLines } from './diff.ts';

const base = mkdtempSync(join(tmpdir(), 'patch-property-'));
afterAll(() => rmSync(base, { recursive: true }));
const cwd = () => mkdtempSync(join(base, 'case-'));

/** Lines that differ from each other under every pass of the search, so that the only right place is the first hit. */
const distinct = fc
  .array(fc.string({ unit: 'grapheme', maxLength: 12 }), { minLength: 1, maxLength: 40 })
  .map((words) => words.map((word, index) => `${index} ${word.replaceAll(/[\n\r]/g, '')} §`));

const edits = (length: number) =>
  fc.array(fc.constantFrom('keep', 'drop', 'change', 'insert'), { minLength: length, maxLength: length });

const story = distinct.chain((lines) => fc.record({ lines: fc.constant(lines), edits: edits(lines.length) }));

const edited = (lines: readonly string[], kinds: readonly string[]) =>
  lines.flatMap((line, index) => {
    if (kinds[index] === 'drop') return [];
    if (kinds[index] === 'change') return [`changed ${line}`];
    return kinds[index] === 'insert' ? [`before ${line}`, line] : [line];
  });

/** One chunk a change, with the line before it as context. */
const patchOf = (before: readonly string[], after: readonly string[], changes: readonly Change[]) => {
  const chunks = changes.map(({ aStart, aEnd, bStart, bEnd }) => [
    '@@',
    ...before.slice(Math.max(aStart - 1, 0), aStart).map((line) => ` ${line}`),
    ...before.slice(aStart, aEnd).map((line) => `-${line}`),
    ...after.slice(bStart, bEnd).map((line) => `+${line}`),
    ...(aStart === 0 ? before.slice(aEnd, aEnd + 1).map((line) => ` ${line}`) : []),
  ]);
  return ['*** Begin Patch', '*** Update File: f.txt', ...chunks.flat(), '*** End Patch'].join('\n');
};

/** Context lines of neighbouring chunks must not overlap, or the search would look behind its cursor. */
const areApart = (changes: readonly Change[]) =>
  changes.every((change, index) => index === 0 || change.aStart - changes[index - 1]!.aEnd >= 2);

describe('a patch made from an edit (R34)', () => {
  it.each([
    ['LF', '\n', ''],
    ['CRLF', '\r\n', ''],
    ['BOM and CRLF', '\r\n', '\uFEFF'],
    ['BOM and LF', '\n', '\uFEFF'],
  ])('gives the edited file: %s', (_, end, bom) => {
    fc.assert(
      fc.property(story, fc.boolean(), ({ lines, edits: kinds }, hasEnd) => {
        const after = edited(lines, kinds);
        const changes = diffLines(lines, after);
        fc.pre(changes.length > 0 && areApart(changes));
        const folder = cwd();
        const file = join(folder, 'f.txt');
        // Without a last end only where the last line stays: a touched one gets an end (F.3.6). And a file of one line
        // without an end does not show how its lines end.
        const isBare = !hasEnd && lines.length > 1 && changes.at(-1)!.aEnd < lines.length;
        const write = (text: readonly string[]) => bom + text.join(end) + (isBare || text.length === 0 ? '' : end);
        writeFileSync(file, write(lines), { mode: 0o640 });
        expect(applyPatch(patchOf(lines, after, changes), { cwd: folder })).toMatchObject({ kind: 'applied' });
        expect(readFileSync(file, 'utf8')).toBe(write(after));
        expect(statSync(file).mode & 0o777).toBe(0o640);
      }),
      { numRuns: 150 },
    );
  });

  it('keeps each line of a mixed file as it ended', () => {
    const folder = cwd();
    writeFileSync(join(folder, 'f.txt'), 'a\r\nb\nc\r\nd');
    applyPatch('*** Begin Patch\n*** Update File: f.txt\n@@\n-b\n+B\n+B2\n c\n*** End Patch', { cwd: folder });
    expect(readFileSync(join(folder, 'f.txt'), 'utf8')).toBe('a\r\nB\nB2\nc\r\nd');
  });

  it('edits 10 MB in the middle, within 3 s of computing', () => {
    const folder = cwd();
    const lines = Array.from({ length: 160_000 }, (_, index) => `line ${index} ${'x'.repeat(52)}`);
    writeFileSync(join(folder, 'f.txt'), `${lines.join('\n')}\n`);
    const before = process.cpuUsage(); // not the clock: other tests run beside this one
    const patch = `*** Begin Patch\n*** Update File: f.txt\n@@ ${lines[99_998]}\n ${lines[99_999]}\n-${lines[100_000]}  \n+new\n*** End Patch`;
    expect(applyPatch(patch, { cwd: folder }).kind).toBe('applied');
    expect(process.cpuUsage(before).user / 1_000).toBeLessThan(3_000);
    expect(readFileSync(join(folder, 'f.txt'), 'utf8')).toBe(`${lines.with(100_000, 'new').join('\n')}\n`);
  });
});
