/** The grammar of a patch (F.1), and every way to miss it (F.2). The messages are read by models: their words are pinned. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePatch } from './parse.ts';
import { inWords } from './patch.ts';

const framed = (...lines: string[]) => ['*** Begin Patch', ...lines, '*** End Patch'].join('\n');
const hunksOf = (text: string) => {
  const parsed = parsePatch(text);
  if (parsed.kind === 'problem') throw new Error(inWords(parsed));
  return parsed.hunks;
};
const messageOf = (text: string) => {
  const parsed = parsePatch(text);
  return parsed.kind === 'problem' ? inWords(parsed).split('\n')[0] : 'no problem';
};

describe('what parses (F.1)', () => {
  it('three kinds of hunks', () => {
    const text = framed(
      ...['*** Add File: a b.txt', '+one', '+', '*** Delete File: /abs', '*** Add File: empty'],
      ...[
        '*** Update File: x',
        '*** Move to: y',
        '@@ class A',
        '@@ def f',
        ' keep',
        '-old',
        '+new',
        '',
        '*** End of File',
      ],
      ...['', '@@', '+more'],
    );
    expect(hunksOf(text)).toEqual([
      { kind: 'add', path: 'a b.txt', text: 'one\n\n' },
      { kind: 'delete', path: '/abs' },
      { kind: 'add', path: 'empty', text: '' },
      {
        kind: 'update',
        path: 'x',
        moveTo: 'y',
        chunks: [
          {
            contexts: ['class A', 'def f'],
            isEndOfFile: true,
            lines: [
              { sign: ' ', text: 'keep' },
              { sign: '-', text: 'old' },
              { sign: '+', text: 'new' },
              { sign: ' ', text: '' },
            ],
          },
          { contexts: [], isEndOfFile: false, lines: [{ sign: '+', text: 'more' }] },
        ],
      },
    ]);
  });

  it('the first chunk needs no @@; CRLF between the lines of a patch means nothing', () => {
    const text = framed('*** Update File: x', '-a', '+b');
    expect(hunksOf(text.replaceAll('\n', '\r\n'))).toEqual(hunksOf(text));
    expect(hunksOf(text)).toMatchObject([{ chunks: [{ contexts: [], lines: [{ text: 'a' }, { text: 'b' }] }] }]);
  });

  it.each(['EOF', "'EOF'", '"EOF"', "'PATCH'"])('F.1.3: wrapped as <<%s', (word) => {
    const text = framed('*** Add File: x', '+x');
    expect(hunksOf(`<<${word}\n${text}\n${word.replaceAll(/['"]/g, '')}\n`)).toEqual(hunksOf(text));
  });

  it('any text gives hunks or a problem, and never throws', () => {
    const line = fc.constantFrom(
      '*** Begin Patch',
      '*** End Patch',
      '*** Update File: x',
      '@@',
      '@@ c',
      ' a',
      '+b',
      '-c',
      '',
      'z',
      '*** End of File',
      '*** Move to: y',
      '*** Add File: n',
    );
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        expect(['hunks', 'problem']).toContain(parsePatch(framed(...lines)).kind);
        expect(['hunks', 'problem']).toContain(parsePatch(lines.join('\n')).kind);
      }),
    );
  });
});

describe('what does not (F.2)', () => {
  it.each([
    ['no beginning', 'x', "invalid patch: The first line of the patch must be '*** Begin Patch'"],
    [
      'no end',
      '*** Begin Patch\n*** Add File: x\n+x',
      "invalid patch: The last line of the patch must be '*** End Patch'",
    ],
    ['only a beginning', '*** Begin Patch', "invalid patch: The last line of the patch must be '*** End Patch'"],
    [
      'an unknown header',
      framed('*** Add File: x', '+x', '*** Rename File: y'),
      "invalid hunk at line 4, '*** Rename File: y' is not a valid hunk header. Valid hunk headers: '*** Add File: {path}', '*** Delete File: {path}', '*** Update File: {path}'",
    ],
    [
      'an update of nothing',
      framed('*** Update File: P'),
      "invalid hunk at line 2, Update file hunk for path 'P' is empty",
    ],
    [
      'F.1.4: a move of nothing',
      framed('*** Update File: P', '*** Move to: Q'),
      "invalid hunk at line 2, Update file hunk for path 'P' is empty",
    ],
    [
      'a chunk without lines',
      framed('*** Update File: P', '@@ c'),
      'invalid hunk at line 3, Update hunk does not contain any lines',
    ],
    [
      'a second chunk without @@',
      framed('*** Update File: P', '@@', '-a', 'X'),
      "invalid hunk at line 5, Expected update hunk to start with a @@ context marker, got: 'X'",
    ],
    [
      'a line without a sign',
      framed('*** Update File: P', '@@', 'X'),
      "invalid hunk at line 4, Unexpected line found in update hunk: 'X'. Every line should start with ' ' (context line), '+' (added line), or '-' (removed line)",
    ],
    [
      'line numbers',
      framed('*** Update File: P', '@@ -1,2 +3,4 @@', ' a'),
      "invalid hunk at line 3, Line numbers are not used: '@@ -1,2 +3,4 @@'",
    ],
  ])('%s', (_, text, message) => expect(messageOf(text)).toBe(message));
});
