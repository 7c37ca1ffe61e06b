import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { oneLine, strip } from './strip.ts';
import { fit, widthOf, wrap } from './width.ts';

describe('text of others', () => {
  it.each([
    ['colours', '\x1b[31mred\x1b[0m', 'red'],
    ['cursor moves and clears', 'a\x1b[2J\x1b[H\x1b[3Ab', 'ab'],
    ['a title', '\x1b]0;gotcha\x07x', 'x'],
    ['the clipboard', 'a\x1b]52;c;ZXZpbA==\x1b\\b', 'ab'],
    ['a link', '\x1b]8;;http://evil\x1b\\text\x1b]8;;\x1b\\', 'text'],
    ['an unclosed string', 'a\x1b]0;rest is swallowed', 'a'],
    ['8-bit controls', '\x9b31mred\x9d0;t\x07!', 'red!'],
    ['an overprinted line', 'safe command\rrm -rf /', 'rm -rf /'],
    ['CRLF', 'a\r\nb', 'a\nb'],
    ['direction marks', 'ab\u202ecd\u2066ef', 'abcdef'],
    ['bells and backspaces', 'a\x07b\x08c\0', 'abc'],
    ['nothing else', 'tab\tnewline\nümläut 漢字 🙂', 'tab\tnewline\nümläut 漢字 🙂'],
  ])('loses %s', (_, text, expected) => expect(strip(text)).toBe(expected));

  it('holds no control character afterwards, whatever it was', () => {
    const nasty = fc.array(
      fc.constantFrom('\x1b', '[', ']', '0', ';', 'm', '\x07', '\\', '\x9b', '\r', '\n', 'a', '\x9c', 'P', '\t'),
    );
    fc.assert(
      fc.property(nasty, (parts) => {
        expect(strip(parts.join(''))).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/);
      }),
    );
    expect(oneLine('a\n  b\tc')).toBe('a ⏎ b c');
  });
});

describe('rows', () => {
  it.each([
    ['plain', 5],
    ['漢字', 4],
    ['🙂', 2],
    ['e\u0301', 1],
    ['\x1b[1mbold\x1b[22m', 4],
    ['👨‍👩‍👧', 2],
  ])('%j takes %i columns', (text, width) => expect(widthOf(text)).toBe(width));

  it('never exceed the width, and lose nothing but the spaces at which they were broken', () => {
    const line = fc.string({ unit: fc.constantFrom('a', 'bc', ' ', '漢', '🙂', '\x1b[1m', '\x1b[22m'), maxLength: 60 });
    const visible = (text: string) => text.replace(/\x1b\[[\d;]*m/g, '').replaceAll(' ', '');
    fc.assert(
      fc.property(line, fc.integer({ min: 4, max: 30 }), (text, columns) => {
        const rows = wrap(text, columns);
        for (const row of rows) expect(widthOf(row)).toBeLessThanOrEqual(columns);
        expect(visible(rows.join(''))).toBe(visible(text));
        expect(widthOf(fit(text, columns))).toBeLessThanOrEqual(columns);
      }),
    );
  });

  it('break at spaces, keep the indent, and carry a style over the break', () => {
    expect(wrap('  one two three', 9)).toEqual(['  one two', '  three']);
    expect(wrap('\x1b[1mone two\x1b[22m', 4)).toEqual(['\x1b[1mone\x1b[0m', '\x1b[1mtwo\x1b[22m']);
  });
});
