import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_COLOURS } from '../render/paint.ts';
import { widthOf } from '../render/width.ts';
import { drawCell } from './draw.ts';
import { endSpeech, noSpeech, speak } from './speech.ts';
import { layOutTable } from './table.ts';

const textOf = (lines: readonly string[], columns = 80) => layOutTable(lines, columns)?.map(({ text }) => text);

describe('a table', () => {
  it('stands in columns, aligned as its rule says', () => {
    expect(textOf(['| name | n |', '|:--|--:|', '| one | 1 |', '| eleven | 11 |'])).toEqual([
      'name   │  n',
      '───────┼───',
      'one    │  1',
      'eleven │ 11',
    ]);
  });

  it('keeps an empty cell, an escaped bar and a bar in code', () => {
    expect(textOf(['|a|b|c|', '|-|-|-|', '||x\\|y|`p|q`|'])).toEqual([
      'a │ b   │ c',
      '──┼─────┼──────',
      '  │ x|y │ `p|q`',
    ]);
  });

  it('breaks the text of wide columns rather than the table', () => {
    const lines = textOf(['| key | meaning |', '|---|---|', `| k | ${'words and '.repeat(9)} |`], 40);
    expect(lines?.every((line) => widthOf(line) <= 40)).toBe(true);
    expect(lines?.length).toBeGreaterThan(4);
    expect(lines?.join(' ').match(/words/g)).toHaveLength(9);
  });

  it('never is wider than the screen and loses no word (property)', () => {
    const cell = fc.stringMatching(/^[a-z語]{1,9}( [a-z語]{1,9}){0,5}$/);
    const row = fc.array(cell, { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 6 }), fc.integer({ min: 40, max: 120 }), (rows, columns) => {
        const [head = [], ...body] = rows;
        const bar = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
        const lines = textOf([bar(head), '|---|---|---|', ...body.map(bar)], columns) ?? [];
        expect(lines.every((line) => widthOf(line) <= columns)).toBe(true);
        const letters = (text: string) => [...text.replace(/[^a-z語]/g, '')].sort().join('');
        expect(letters(lines.join(''))).toBe(letters(rows.flat().join('')));
      }),
    );
  });

  it('is none without a rule', () => {
    expect(layOutTable(['| a |', '| b |'], 80)).toBeNull();
  });
});

describe('an answer that streams', () => {
  const drawn = (text: string, cuts: readonly number[]) => {
    const parts = [0, ...cuts.toSorted((a, b) => a - b), text.length].map((cut, i, all) =>
      text.slice(all[i - 1] ?? 0, cut),
    );
    const cells = [];
    let speech = noSpeech;
    for (const part of parts) {
      const [next, spoken] = speak(speech, part);
      speech = next;
      cells.push(...spoken);
    }
    cells.push(...endSpeech(speech, text)[1]);
    return cells.flatMap((cell) => drawCell(cell, NO_COLOURS)).join('\n');
  };
  const TEXT = 'before\n\n| a | b |\n|---|---|\n| 1 | 2 |\nafter\n```ts\n| not | a table |\n```\n| x |\n|---|\n| y |';

  it('holds a table back until it is whole, and code is no table', () => {
    expect(drawn(TEXT, [])).toBe(
      '• before\n  \n  a │ b\n  ──┼──\n  1 │ 2\n  after\n  ```ts\n  | not | a table |\n  ```\n  x\n  ─\n  y\n',
    );
  });

  it('looks the same however it is cut (property)', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: TEXT.length }), { maxLength: 12 }), (cuts) => {
        expect(drawn(TEXT, cuts)).toBe(drawn(TEXT, []));
      }),
    );
  });
});
