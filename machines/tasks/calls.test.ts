import { describe, expect, it } from 'vitest';
import { newCall, NO_REPETITION, repeated, resultsOf, startable, type OpenCall } from './calls.ts';

/** `s` may run beside others, `x` must run alone, `?` is not planned yet; capitals are ready, `.` is done, `-` runs. */
const callOf = (sign: string, slot: number): OpenCall => ({
  ...newCall(`c${slot}`),
  isExclusive: sign === '?' ? null : sign.toLowerCase() === 'x',
  phase:
    sign === '.'
      ? 'done'
      : sign === '-'
        ? 'going'
        : sign === '?'
          ? 'planning'
          : /[A-Z]/.test(sign)
            ? 'ready'
            : 'planned',
});
const callsOf = (signs: string) => [...signs].map(callOf);

describe('the calls that may start', () => {
  it.each([
    ['', []],
    ['S', [0]],
    ['SSS', [0, 1, 2]],
    ['sS', [1]],
    ['X', [0]],
    ['x', []],
    ['XX', [0]],
    ['XS', [0]],
    ['SX', [0]],
    ['-X', []],
    ['.X', [1]],
    ['..SX', [2]],
    ['xS', []],
    ['?S', []],
    ['S?S', [0]],
    ['-S', [1]],
    ['.', []],
  ] as const)('of "%s" are %j', (signs, slots) => expect(startable(callsOf(signs))).toEqual(slots));
});

describe('the results (C.5.3)', () => {
  it('come in the order of the calls, and a call that never ended is aborted', () => {
    const output = { slot: 1, callId: 'c1', status: 'completed' as const, output: 'done', stopped: [] };
    const results = resultsOf(callsOf('S.').map((call, slot) => (slot === 1 ? { ...call, output } : call)));
    expect(results.map(({ callId, status }) => `${callId} ${status}`)).toEqual(['c0 aborted', 'c1 completed']);
  });
});

describe('a repetition', () => {
  const call = { tool: 'shell', args: '{}' };
  const result = (status: 'failed' | 'completed' | 'aborted') => ({
    type: 'result' as const,
    callId: 'c',
    output: '',
    status,
  });
  it('counts the same failure, and starts anew with a success, a stop or another call', () => {
    const once = repeated(NO_REPETITION, result('failed'), call);
    const twice = repeated(once, result('failed'), call);
    expect([once.times, twice.times]).toEqual([1, 2]);
    expect(repeated(twice, result('completed'), call)).toEqual(NO_REPETITION);
    expect(repeated(twice, result('aborted'), call)).toEqual(NO_REPETITION);
    expect(repeated(twice, result('failed'), { ...call, args: '1' }).times).toBe(1);
  });
});
