import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseScript } from './words.ts';

const BASH = '/bin/bash';
if (!existsSync(BASH)) console.warn('words are not compared with a shell: there is no /bin/bash');

describe('plain scripts (E.2)', () => {
  it.each([
    ['ls', [['ls']]],
    ['  ls   -la\t/tmp ', [['ls', '-la', '/tmp']]],
    ['a && b || c ; d | e\nf', [['a'], ['b'], ['c'], ['d'], ['e'], ['f']]],
    [`echo 'a b' "c d"e'f'`, [['echo', 'a b', 'c def']]],
    [`echo '$x \`y\` \\ !'`, [['echo', '$x `y` \\ !']]],
    [`echo '' ""`, [['echo', '', '']]],
    ['ls &&\n\n pwd', [['ls'], ['pwd']]],
    ['ls;\npwd;', [['ls'], ['pwd']]],
    ['\n\nls\n', [['ls']]],
    ['make CC=gcc', [['make', 'CC=gcc']]],
    ["'if' x", [['if', 'x']]],
  ])('%j', (script, words) => expect(parseScript(script)).toEqual(words));

  it.each([
    ...['', ' ', ';', '\n', 'ls &&', '&& ls', '| ls', 'ls |', 'ls ;; ls', 'ls || || ls', 'ls\n&& pwd', '; ls'],
    ...['ls &', 'ls & pwd', 'ls > f', 'ls 2>&1', 'cat < f', 'cat <<< x', 'cat <<E\nE', 'diff <(a) b'],
    ...['echo $x', 'echo "$x"', 'echo ${x}', 'echo $(x)', 'echo `x`', 'echo "`x`"', "echo $'x'", 'echo $((1))'],
    ...[
      '(ls)',
      '{ ls; }',
      '{ ls',
      'if a; then b; fi',
      'for x in a',
      'while a',
      'case a in',
      'function f',
      'time ls',
      'coproc ls',
      '! ls',
      '[[ a ]]',
    ],
    ...[
      'ls *',
      'ls ?',
      'ls [a]',
      'ls {a,b}',
      'ls ~',
      'ls a\\ b',
      'ls \\\n-la',
      'echo "a\\"b"',
      'echo "a!b"',
      'ls # x',
      'a=b',
      'a=b ls',
      '"a=b" ls',
      'a+=b ls',
    ],
    ...[
      "echo 'open",
      'echo "open',
      '=ls',
      'echo =ls',
      'ls\r\npwd',
      'ls\u00a0-la',
      'ls\u2028pwd',
      'ls\0',
      "echo 'a\0b'",
      "'' x",
      'ls ü',
    ],
  ])('refuses %j', (script) => expect(parseScript(script)).toBe(null));
});

/** What bash really starts: each name is a function that prints its words. */
const heard = (script: string, names: ReadonlySet<string>): readonly (readonly string[])[] | null => {
  const functions = [...names].map((name) => `${name}() { printf '%s\\037' ${name} "$@" '\x1e' >&3; }`);
  try {
    const output = execFileSync(
      BASH,
      ['--norc', '-c', `exec 3>&1 >/dev/null 2>&1 </dev/null\n${functions.join('\n')}\n${script}`],
      {
        encoding: 'utf8',
        env: { PATH: '/nonexistent' },
        cwd: '/',
      },
    );
    const records = output.split('\x1e\x1f').slice(0, -1);
    return records.map((record) => record.split('\x1f').slice(0, -1));
  } catch {
    return null;
  }
};

const PROGRAMS = new Set(['aa', 'bb', 'cc']);
const program = fc.constantFrom(...PROGRAMS);
const piece = fc.oneof(
  fc.stringMatching(/^[A-Za-z0-9_@%+:,./^-]{1,4}$/),
  fc.stringMatching(/^'[ a-z$`"\\!*~#&|;<>(){}]{0,5}'$/),
  fc.stringMatching(/^"[ a-z'*~#&|;<>(){}]{0,5}"$/),
  fc.constantFrom('\\', '$x', '*', '~', '`', '"', "'", '{a,b}', '!', '#', '=', '(', '>', '\t', '\r'),
);
const script = fc
  .array(
    fc.tuple(
      program,
      fc.array(
        fc.array(piece, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('')),
        { maxLength: 3 },
      ),
      fc.constantFrom(' && ', '&&\n', ' ; ', '\n', ';\n', ' | '),
    ),
    { minLength: 1, maxLength: 3 },
  )
  .map((parts) =>
    parts
      .map(([name, words, operator], index) => [name, ...words].join(' ') + (index < parts.length - 1 ? operator : ''))
      .join(''),
  );

describe.skipIf(!existsSync(BASH))('compared with bash', () => {
  it('whatever is accepted is, word for word, what bash starts', { timeout: 120_000 }, () => {
    const seen = { accepted: 0 };
    fc.assert(
      fc.property(script, (text) => {
        const words = parseScript(text);
        if (words === null) return;
        seen.accepted += 1;
        const real = heard(text, PROGRAMS);
        // The parts of a pipe run at the same time, in any order.
        const sorted = (list: readonly (readonly string[])[] | null) =>
          list?.map((line) => JSON.stringify(line)).toSorted();
        expect(sorted(real)).toEqual(sorted(words));
      }),
      { numRuns: 400 },
    );
    expect(seen.accepted).toBeGreaterThan(50);
  });
});
