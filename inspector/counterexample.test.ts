import { describe, expect, test } from 'vitest';
import { possibleIn, sentBy } from './acts.ts';
import { aligned } from './align.ts';
import { brokenIn, messagesIn } from './marks.ts';
import { regressionTest } from './regression.ts';
import type { Row } from './story.ts';

const input = (type: string, from = 'user', body: unknown = {}): Row => ({
  ...{ kind: 'input', seq: 1, t: 0, actor: 0, from, type, cause: null, body },
});
const note = (type: string, body: unknown): Row => ({ ...input(type), kind: 'note', body });

describe('a counterexample', () => {
  test('shares with its origin the longest run of inputs that both have', () => {
    const long = ['say', 'opens', 'calls', 'say', 'interrupt', 'exits'].map((type) => input(type));
    const short = ['opens', 'say', 'exits'].map((type) => input(type));
    expect(aligned(short, long)).toEqual([
      [0, 1],
      [1, 3],
      [2, 5],
    ]);
    expect(aligned(short, [])).toEqual([]);
  });

  test('two very long stories are paired as far as both begin alike', () => {
    const many = Array.from({ length: 3_000 }, (_, n) => input(`e${n}`));
    expect(aligned(many, [...many.slice(0, 2_500), ...many.slice(2_600)]).length).toBe(2_500);
  });

  test('marks the last thing that the machines heard, and becomes a test that plays it by name', () => {
    const rows = [
      input('op.say'),
      input('plan.ready'),
      note('broken', { promise: "T1: it's over", names: ['say', 'plan run'] }),
    ];
    const broken = brokenIn({ rows, head: { input: { settings: { isAttended: false } } } });
    expect(broken).toEqual({ row: 1, promise: "T1: it's over", names: ['say', 'plan run'], isAttended: false });
    if (broken === null) throw new Error('nothing is marked');
    const text = regressionTest('story-1', broken);
    expect(text).toContain(String.raw`test('T1: it\'s over'`);
    expect(text).toContain('isAttended: false');
    expect(text).toContain("  'plan run',\n");
    expect(regressionTest('story-1', { ...broken, names: [] })).toBeNull();
  });
});

test('a message is where it was delivered; one that was taken back is no place to fork at', () => {
  const recorded = (inputId: string): Row => ({
    ...input('items.recorded', '', { items: [{ type: 'user', inputId, text: inputId }] }),
    kind: 'fact',
  });
  const rows = [
    input('op.say', 'user', { id: 'a' }),
    recorded('a'),
    input('op.queue', 'user', { id: 'b' }),
    recorded('b'),
  ];
  const user = (inputId: string) => ({ type: 'user', inputId, text: inputId });
  expect(messagesIn(rows, [user('a'), { type: 'agent', text: 'x' }, user('b')])).toEqual([
    { row: 1, before: 0, text: 'a' },
    { row: 3, before: 1, text: 'b' },
  ]);
  expect(messagesIn(rows, [user('b')])).toEqual([{ row: 3, before: 0, text: 'b' }]);
});

describe('what a page may send', () => {
  test('an op gets its id and its source here, whatever the page says', () => {
    expect(sentBy({ type: 'op.say', text: 'x', id: 'mine', source: 'chat' }, 'ours')).toEqual({
      ...{ kind: 'op', op: { type: 'op.say', text: 'x', id: 'ours', source: 'inspector' } },
    });
    for (const op of [null, 'op.say', {}, { type: 'op.shell' }, { type: 'op.close' }, { type: 'op.decide' }])
      expect(sentBy(op, 'ours').kind).toBe('refused');
  });

  test('each kind says whether it would be taken now, and why not', () => {
    const idle = possibleIn({
      can: ({ type }) => (type === 'op.interrupt' ? 'noActiveTurn' : null),
      view: () => ({ turnId: null }),
    });
    const reasons = Object.fromEntries(idle.map(({ type, reason }) => [type, reason]));
    expect(reasons).toMatchObject({ 'op.say': null, 'op.shell': 'only the terminal may ask for this' });
    expect(reasons['op.interrupt']).toMatch(/\w/);
  });
});
