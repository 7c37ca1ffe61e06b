import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newEditor, press, wholeText, type Editor } from './editor.ts';
import { readKeys } from './keys.ts';

const typed = (bytes: string, from: Editor = newEditor): Editor =>
  readKeys(bytes, true)[0].reduce((editor, key) => press(editor, key) ?? editor, from);
/** The text with a bar where the cursor is. */
const seen = (bytes: string) => {
  const { text, cursor } = typed(bytes);
  return `${text.slice(0, cursor)}|${text.slice(cursor)}`;
};

describe('keys', () => {
  const names = (bytes: string) =>
    readKeys(bytes, true)[0].map(
      ({ name, ctrl, alt, shift }) => `${ctrl ? 'C-' : ''}${alt ? 'M-' : ''}${shift ? 'S-' : ''}${name}`,
    );

  it.each([
    ['\r', ['enter']],
    ['\x03', ['C-c']],
    ['\x1b', ['escape']],
    ['\x1b\x1b', ['escape', 'escape']],
    ['\x1b[A\x1bOB', ['up', 'down']],
    ['\x1b[1;5C', ['C-right']],
    ['\x1b[Z', ['S-tab']],
    ['\x1b\r', ['M-enter']],
    ['\x1b[13;2u', ['S-enter']],
    ['\x1b[3~\x7f', ['delete', 'backspace']],
    ['\x1bb', ['M-b']],
    ['a🙂', ['text']],
    ['\x1b[?1;2c', []],
  ])('%j', (bytes, expected) => expect(names(bytes)).toEqual(expected));

  it('keeps a torn sequence until the rest comes, wherever it was cut', () => {
    const bytes = 'x\x1b[1;5Cy\x1b[200~a\nb\x1b[201~\x1b[A';
    const [whole] = readKeys(bytes, true);
    for (let cut = 1; cut < bytes.length; cut += 1) {
      const [first, rest] = readKeys(bytes.slice(0, cut), false);
      const [second] = readKeys(rest + bytes.slice(cut), true);
      expect([...first, ...second]).toEqual(whole);
    }
  });
});

describe('the editor', () => {
  it.each([
    ['typing', 'hello', 'hello|'],
    ['home and end', 'b\x01a\x05c', 'abc|'],
    ['words', 'one two\x1bb', 'one |two'],
    ['kill and yank', 'one two\x17\x01\x19', 'two|one '],
    ['kill to the end', 'one two\x1bb\x0b', 'one |'],
    ['undo', 'one\x15\x1f', 'one|'],
    ['whole graphemes', 'a👨‍👩‍👧\x7f', 'a|'],
    ['new lines', 'a\nb\x1b\rc', 'a\nb\nc|'],
    ['up and down', 'abc\nd\x1b[Ax', 'ax|bc\nd'],
    ['a paste', '\x1b[200~a\r\nb\x1b[201~', 'a\nb|'],
  ])('%s', (_, bytes, expected) => expect(seen(bytes)).toBe(expected));

  it('shows a long paste as a token, and sends it whole', () => {
    const long = Array.from({ length: 5_000 }, (_, i) => `line ${i} $& $1`).join('\n');
    const editor = typed(`see \x1b[200~${long}\x1b[201~!`);
    expect(editor.text).toBe(`see [pasted 1: 5000 lines, ${long.length} characters]!`);
    expect(wholeText(editor)).toBe(`see ${long}!`);
  });

  it('keeps the cursor inside the text, whatever is pressed', () => {
    const stroke = fc.constantFrom(
      'a',
      '🙂',
      ' ',
      '\n',
      '\x7f',
      '\x17',
      '\x0b',
      '\x15',
      '\x19',
      '\x1f',
      '\x01',
      '\x05',
      '\x1bb',
      '\x1bf',
      '\x1b[A',
      '\x1b[B',
      '\x1b[D',
      '\x1b[C',
      '\x1b[3~',
      '\x04',
    );
    fc.assert(
      fc.property(fc.array(stroke, { maxLength: 60 }), (strokes) => {
        const { text, cursor } = typed(strokes.join(''));
        expect(cursor).toBeGreaterThanOrEqual(0);
        expect(cursor).toBeLessThanOrEqual(text.length);
        expect(text.isWellFormed()).toBe(true);
      }),
    );
  });
});
