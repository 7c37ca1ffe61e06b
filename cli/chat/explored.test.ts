import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FactOf } from '../../machines/protocol/index.ts';
import { NO_COLOURS } from '../render/paint.ts';
import type { Cell } from './cells.ts';
import { drawCell } from './draw.ts';
import { group, isLook } from './explored.ts';
import type { Happening } from './view.ts';

const fact = (command: string, exitCode = 0): FactOf<'call.finished'> => ({
  type: 'call.finished',
  turnId: 't1',
  callId: command,
  status: exitCode === 0 ? 'completed' : 'failed',
  view: { kind: 'command', command, argv: [command], cwd: '/w' },
  output: `output of ${command}`,
  exitCode,
  durationMs: 100,
});
const cell = (command: string, exitCode = 0): Cell => ({ kind: 'call', fact: fact(command, exitCode) });
const said: Happening = { type: 'agent.delta', turnId: 't1', text: 'x', seq: 1, at: 1 };

describe('what only looked around', () => {
  it.each([
    ['cat a.ts', true],
    ['rg -n "two words" src', true],
    ['git status --short', true],
    ['git push', false],
    ['cat a > b', false],
    ['ls; rm x', false],
    ['find . $(rm x)', false],
    ['catalogue', false],
  ])('%s: %s', (command, expected) => {
    expect(isLook(fact(command))).toBe(expected);
  });

  it('does not hide a failure', () => {
    expect(isLook(fact('cat nowhere', 1))).toBe(false);
  });

  it('is told together, before what comes after it', () => {
    const [held, none] = group([], [cell('ls'), cell('cat a')], null);
    expect(none).toEqual([]);
    const [empty, cells] = group(held, [], said);
    expect(empty).toEqual([]);
    expect(cells.flatMap((one) => drawCell(one, NO_COLOURS))).toEqual([
      '● Explored',
      '  ls',
      '  cat a',
      '  └ 2 commands · 0.2 s',
      '',
    ]);
  });

  it('is an ordinary cell when it stands alone', () => {
    const [held] = group([], [cell('ls')], null);
    expect(group(held, [cell('make')], null)).toEqual([[], [cell('ls'), cell('make')]]);
  });

  it('keeps every call, in its order (property)', () => {
    const commands = fc.array(fc.constantFrom('ls', 'cat a', 'make', 'rg x', 'npm test'), { maxLength: 40 });
    fc.assert(
      fc.property(commands, fc.array(fc.boolean(), { maxLength: 40 }), (given, ends) => {
        let held: ReturnType<typeof group>[0] = [];
        const out: Cell[] = [];
        given.forEach((command, i) => {
          const [next, cells] = group(held, [cell(command)], ends[i] === true ? said : null);
          held = next;
          out.push(...cells);
        });
        out.push(...group(held, [], said)[1]);
        const told = out.flatMap((one) =>
          one.kind === 'call' ? [one.fact] : one.kind === 'explored' ? one.facts : [],
        );
        expect(told.map(({ callId }) => callId)).toEqual(given);
      }),
    );
  });
});
