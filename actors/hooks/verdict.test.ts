import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HOOKS, type HookName } from '../../machines/hook.contract.ts';
import type { ExecEnding } from '../../sandbox/plan.ts';
import { saidBy, together } from './verdict.ts';
import type { HookConfig } from './words.ts';

const config = (hook: HookName, isRequired = false): HookConfig => ({
  ...{ hook, isRequired, matcher: null, command: 'guard', timeoutMs: 1, runsAs: 'sandbox' },
});
const exited = (code: number, stdout = '', stderr = '') => ({
  ...{ ending: { kind: 'exited', code } as ExecEnding, stdout, stderr, isTooLong: false },
});
const json = (answer: object) => exited(0, JSON.stringify(answer));
const kinds = (answer: object) => HOOKS.map((hook) => saidBy(config(hook), json(answer)).verdict.kind);

describe('what a hook may say', () => {
  it('code 2 is a no with the reason on standard error, where there is something to decide', () => {
    for (const hook of HOOKS) {
      const { verdict, warnings } = saidBy(config(hook), exited(2, '{"decision":"approve"}', ' why\n'));
      if (hook !== 'sessionStart') expect(verdict).toEqual({ kind: 'blocked', reason: 'why' });
      else expect([verdict.kind, warnings.join()]).toEqual(['passed', expect.stringContaining('why')]);
    }
    expect(saidBy(config('stop'), exited(2)).verdict).toEqual({ kind: 'blocked', reason: 'no reason was given' });
  });

  it('the words of both worlds say no: decision, permissionDecision, decision.behavior, continue', () => {
    const no = ['passed', ...Array<string>(5).fill('blocked')];
    expect(kinds({ decision: 'block', reason: 'r' })).toEqual(no);
    expect(kinds({ decision: 'deny' })).toEqual(no);
    expect(kinds({ hookSpecificOutput: { permissionDecision: 'deny' } })).toEqual(no);
    expect(kinds({ hookSpecificOutput: { decision: { behavior: 'deny', message: 'm' } } })).toEqual(no);
    expect(kinds({ continue: false })).toEqual([...no.slice(0, 5), 'passed']);
  });

  it('asks for a person before a tool only', () => {
    expect(kinds({ decision: 'ask' }).filter((kind) => kind === 'asked')).toHaveLength(1);
    expect(saidBy(config('beforeTool'), json({ decision: 'ask', reason: 'r' })).verdict).toEqual({
      kind: 'asked',
      reason: 'r',
    });
  });

  it('a yes is nothing', () => {
    expect(new Set(kinds({ decision: 'approve', hookSpecificOutput: { permissionDecision: 'allow' } }))).toEqual(
      new Set(['passed']),
    );
  });

  it('what it prints without JSON is known to the model at the two beginnings only', () => {
    expect(HOOKS.map((hook) => saidBy(config(hook), exited(0, ' words \n')).context)).toEqual([
      ...['words', 'words', '', '', '', ''],
    ]);
    expect(saidBy(config('afterTool'), json({ additionalContext: 'more', systemMessage: 'psst' }))).toEqual({
      ...{ verdict: { kind: 'passed' }, context: 'more', warnings: ['psst'] },
    });
  });

  it.each([
    ['a code', exited(1, '', 'oops'), /code 1; it said: oops/],
    ['half of JSON', exited(0, '{"decision":'), /is none/],
    ['a word that is not in the list', json({ decision: 'maybe' }), /not understood: decision/],
    ['a wrong type', json({ hookSpecificOutput: { decision: 'deny' } }), /not understood/],
    ['too much', { ...exited(0), isTooLong: true }, /more than \d+ bytes/],
    ['its time', { ...exited(0), ending: { kind: 'timedOut', afterMs: 5 } as ExecEnding }, /longer than 5/],
    ['a signal', { ...exited(0), ending: { kind: 'signalled', signal: 'SIGSEGV' } as ExecEnding }, /SIGSEGV/],
    ['no start', { ...exited(0), ending: { kind: 'unstarted', reason: 'r' } as ExecEnding }, /not be started/],
  ])('fails by %s: a warning, and a no where it is required', (_, end, words) => {
    const soft = saidBy(config('beforeTool'), end);
    expect([soft.verdict.kind, soft.warnings.length]).toEqual(['passed', 1]);
    expect(soft.warnings[0]).toMatch(words);
    expect(saidBy(config('beforeTool', true), end).verdict).toMatchObject({ kind: 'blocked' });
  });

  it('whatever it prints, it never fails, and a required one never passes without an exit 0', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), fc.string(), fc.nat(255), (stdout, stderr, code) => {
        const { verdict } = saidBy(config('beforeTool', true), exited(code, stdout, stderr));
        if (code !== 0) expect(verdict.kind).toBe('blocked');
      }),
    );
  });
});

it('of several, one no is a no, else one question is a question; what they add is added', () => {
  const said = (kind: 'passed' | 'blocked' | 'asked', context = '') => ({
    verdict: kind === 'passed' ? { kind } : { kind, reason: kind },
    ...{ context, warnings: [] },
  });
  expect(together([said('passed', 'a'), said('asked'), said('blocked', 'b')])).toMatchObject({
    ...{ verdict: { kind: 'blocked' }, context: 'a\n\nb' },
  });
  expect(together([said('passed'), said('asked')]).verdict.kind).toBe('asked');
  expect(together([]).verdict.kind).toBe('passed');
});
