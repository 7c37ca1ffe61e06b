import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COLOURS } from '../render/paint.ts';
import { strip } from '../render/strip.ts';
import { styleCode } from './code.ts';

const { dim, green, yellow, cyan } = COLOURS;

describe('a line of code', () => {
  it.each([
    ['ts', 'const a = "x"; // why', `${cyan('const')} a = ${green('"x"')}; ${dim('// why')}`],
    ['python', 'def f(n=10): # "no"', `${cyan('def')} f(n=${yellow('10')}): ${dim('# "no"')}`],
    ['sh', 'echo "a # b" # c', `echo ${green('"a # b"')} ${dim('# c')}`],
    ['sql', 'SELECT 1 -- one', `${cyan('SELECT')} ${yellow('1')} ${dim('-- one')}`],
    ['json', '{"a": true}', `{${green('"a"')}: ${cyan('true')}}`],
    ['nonsense', 'let it be', cyan('let it be')],
    ['diff', '+added', green('+added')],
  ])('%s', (language, line, expected) => {
    expect(styleCode(line, language, COLOURS)).toBe(expected);
  });

  it('is never changed but for its colours, and takes no time to speak of (property)', () => {
    fc.assert(
      fc.property(fc.constantFrom('ts', 'sh', 'sql', 'json', ''), fc.string({ maxLength: 2_000 }), (language, text) => {
        const line = strip(text).replaceAll('\n', ' ');
        expect(strip(styleCode(line, language, COLOURS))).toBe(line);
      }),
    );
  });
});
