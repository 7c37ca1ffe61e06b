/** Where chunks find their place (F.3), and what is said when they do not (F.2). */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editText } from './edit.ts';
import { parsePatch } from './parse.ts';
import { joinText, splitText } from './text.ts';

const edit = (source: string, ...lines: string[]) => {
  const parsed = parsePatch(['*** Begin Patch', '*** Update File: P', ...lines, '*** End Patch'].join('\n'));
  if (parsed.kind === 'problem') throw new Error(parsed.message);
  const [hunk] = parsed.hunks;
  if (hunk?.kind !== 'update') throw new Error('no update');
  const edited = editText('P', source, hunk.chunks);
  return edited.kind === 'edited' ? edited.text : edited;
};

describe('a chunk finds its place (F.3)', () => {
  it('F.3.1: from its context on, and after the chunk before it', () => {
    expect(edit('a\nx\nb\nx\n', '@@ b', '-x', '+y')).toBe('a\nx\nb\ny\n');
    expect(edit('x\nx\nx\n', '@@', '-x', '+1', '@@', '-x', '+2')).toBe('1\n2\nx\n');
  });

  it('F.3.2: an addition stands after its context; without one at the end, before a last empty line', () => {
    expect(edit('a\nb\n', '@@ a', '+x', '+y')).toBe('a\nx\ny\nb\n');
    expect(edit('a\n\n', '@@', '+x')).toBe('a\nx\n\n');
    expect(edit('a', '@@', '+x')).toBe('a\nx\n');
    expect(edit('', '@@', '+x')).toBe('x\n');
    expect(edit('a\nb\n', '@@', '+1', '@@', '+2')).toBe('a\nb\n1\n2\n');
    expect(edit('a\nb\n', '@@ a', '+x', '*** End of File')).toBe('a\nb\nx\n');
  });

  it.each([
    ['exactly, also where a looser hit comes first', ' x\nx \nx\n', ' x\nx \ny\n', 'x'],
    ['ignoring white space at the end', '  x\nx \t\n', '  x\ny\n', 'x'],
    ['ignoring white space at both ends', 'a\n\tx \n', 'a\ny\n', '  x'],
    ['ignoring typography', '“a” — ‘b’\u00A0c\n', 'y\n', `"a" - 'b' c`],
  ])('F.3.3: %s', (_, before, after, old) => expect(edit(before, '@@', `-${old}`, '+y')).toBe(after));

  it('F.3.4: at the end of the file, where it says so', () => {
    expect(edit('x\na\nx\n', '@@', '-x', '+y', '*** End of File')).toBe('x\na\ny\n');
    expect(edit('x\na\n', '@@', '-x', '+y', '*** End of File')).toMatchObject({ kind: 'problem' });
  });

  it('F.3.5: without a last empty line that the file does not have', () => {
    expect(edit('a\nb\n', '@@', '-a', '+x', ' b', '')).toBe('x\nb\n');
    expect(edit('a\nb\n', '@@', '-b', '-', '+x', '+')).toBe('a\nx\n');
  });

  it('F.3.6: a last line that was touched has an end, one that was not stays as it was (R34)', () => {
    expect(edit('a\nb', '@@', '-b', '+c')).toBe('a\nc\n');
    expect(edit('a\r\nb', '@@', '-b', '+c')).toBe('a\r\nc\r\n');
    expect(edit('a\nb', '@@', '-a', '+c', ' b')).toBe('c\nb');
    expect(edit('a\nb', '@@', '-b')).toBe('a\n');
    expect(edit('a\n\n\n', '@@', '-a', '+b')).toBe('b\n\n\n');
    expect(edit('a\n', '@@', '-a')).toBe('');
  });

  it('keeps the bytes of context that only matched loosely', () => {
    expect(edit('\tif “x” \nold\n', '@@', ' if "x"', '-old', '+new')).toBe('\tif “x” \nnew\n');
  });

  it('an addition at the end survives a later chunk that takes the last lines', () => {
    expect(edit('a\nb\n\n', '@@', '+x', '@@', ' a', '-b', '+c', ' ')).toBe('a\nc\n\nx\n');
  });

  it('splitting and joining loses nothing', () => {
    const piece = fc.constantFrom('a', '\r', '\n', '\r\n', '\uFEFF', '');
    fc.assert(fc.property(fc.array(piece), (pieces) => joinText(splitText(pieces.join(''))) === pieces.join('')));
  });
});

describe('a chunk that has no place (F.2)', () => {
  it('quotes what was looked for, and says where it nearly is; never what stands there', () => {
    expect(edit('secret 1\na\nb\nc\n', '@@', ' a', '-B', '+x', ' c')).toEqual({
      kind: 'problem',
      at: { what: 'file' },
      message: 'Failed to find expected lines in P:\na\nB\nc',
      remedy:
        'The closest passage begins at line 2: 2 of 3 lines match, line 3 differs. Nothing was changed. Read the file again and copy the lines as they are.',
    });
    expect(edit('a\n', '@@ def f():', '-a')).toMatchObject({ message: "Failed to find context 'def f():' in P" });
    expect(edit('a\nb\n', '@@', '-b', '@@', '-a')).toMatchObject({
      remedy: expect.stringContaining('in the order of the file'),
    });
    expect(edit('a\n', '@@', '-z')).toMatchObject({
      remedy: expect.stringContaining('No passage of the file is like it.'),
    });
  });
});
