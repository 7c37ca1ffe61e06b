import { createActor, setup } from 'xstate';
import { describe, expect, test } from 'vitest';
import { applied, createContexts, KEY_EVERY } from './context.ts';
import { changesBetween, type Change } from './diff.ts';
import { MAX_CHARS, plain } from './plain.ts';
import { createRecorder } from './recorder.ts';

const cyclic = (): Record<string, unknown> => {
  const ring: Record<string, unknown> = { name: 'ring' };
  ring['self'] = ring;
  ring['list'] = [ring, { ring }];
  return ring;
};

describe('any value as plain data (R40)', () => {
  test('what JSON cannot say becomes words', () => {
    const actor = createActor(setup({}).createMachine({ id: 'x' }), { id: 'someone' });
    const thing = {
      ...{ big: 12n, ring: cyclic(), act: function named() {}, when: new Date(0), nothing: Number.NaN },
      ...{ map: new Map([['k', 1]]), set: new Set([1]), bytes: new Uint8Array(3), error: new Error('no'), actor },
      get broken(): string {
        throw new Error('mine');
      },
    };
    const told = plain(thing);
    expect(JSON.parse(JSON.stringify(told))).toEqual(told);
    expect(told).toMatchObject({
      ...{ big: '12n', ring: { name: 'ring', self: '[above]', list: ['[above]', { ring: '[above]' }] } },
      ...{ act: '[function named]', when: '1970-01-01T00:00:00.000Z', nothing: 'NaN' },
      ...{ map: { '[map]': [['k', 1]] }, set: { '[set]': [1] }, bytes: '[3 bytes]', error: { message: 'no' } },
      ...{ actor: '[actor someone]', broken: '[threw Error: mine]' },
    });
  });

  test('what is huge stays small, and says how much it was', () => {
    const huge = { text: 'x'.repeat(5_000_000), list: Array.from({ length: 1_000_000 }, (_, n) => n) };
    const text = JSON.stringify(plain(huge));
    expect(text.length).toBeLessThan(2 * MAX_CHARS);
    expect(text).toContain('[5000000 characters]');
    expect(JSON.stringify(plain({ list: huge.list }))).toContain('more');
    const deep = Array.from({ length: 10_000 }).reduce<unknown>((inner) => ({ inner }), 'the end');
    expect(JSON.stringify(plain(deep)).length).toBeLessThan(300);
  });
});

describe('a context at any step', () => {
  const states = [
    { a: 1, list: [1, 2, 3], deep: { 'with.dot': 'x' } },
    { a: 2, list: [1, 2], deep: { 'with.dot': 'y' } },
    { list: [1, 2, { n: 1 }], deep: {} },
    { list: [0, 2, { n: 2 }], deep: { more: [] }, late: null },
  ];
  test('changes lead from each to the next', () => {
    states.reduce((before, after) => {
      expect(applied(before, changesBetween(before, after))).toEqual(after);
      return after as never;
    }, {} as never);
  });

  test('a jump far into a long story gives what walking there gives, from the context that was kept before it', () => {
    const steps = Array.from({ length: 3 * KEY_EVERY + 7 }, (_, n): readonly Change[] => [
      { op: 'set', path: `at.${n % 10}`, value: n },
      { op: 'set', path: 'last', value: n },
    ]);
    const at = createContexts(steps);
    for (const step of [2_999, 0, KEY_EVERY, 3 * KEY_EVERY + 6, 999, 1_001]) {
      const walked = steps.slice(0, step + 1).reduce<unknown>(applied, {});
      expect(at(step)).toEqual(walked);
    }
  });

  test('an app that copies everything is compared in part, and that is said', () => {
    const whole = () => ({ rows: Array.from({ length: 100_000 }, (_, n) => ({ n })) });
    expect(changesBetween(whole(), whole()).at(-1)).toEqual({ op: 'more', path: '' });
    expect(changesBetween(cyclic(), cyclic()).length).toBeLessThan(100);
  });
});

test('an app with cycles, a huge context and 1 000 actors is recorded, and does not notice (R40)', () => {
  const child = setup({ types: { events: {} as { type: 'ping' } } }).createMachine({
    id: 'child',
    initial: 'on',
    states: { on: { on: { ping: 'off' } }, off: {} },
  });
  const parent = setup({
    types: { context: {} as { ring: unknown; text: string }, events: {} as { type: 'grow'; ring: unknown } },
    actors: { child },
  }).createMachine({
    id: 'parent',
    context: { ring: cyclic(), text: '' },
    on: {
      grow: {
        actions: [({ context }) => void context, ({ self, event }) => void [self, event]],
      },
    },
    entry: ({ context }) => void context,
  });
  const recorder = createRecorder({ now: () => 0 });
  const root = createActor(parent, { id: 'parent', inspect: recorder.inspect });
  root.start();
  root.send({ type: 'grow', ring: cyclic() });
  for (let n = 0; n < 1_000; n += 1) {
    const actor = createActor(child, { id: `child${n}`, parent: root, inspect: recorder.inspect });
    actor.start();
    actor.send({ type: 'ping' });
  }
  // A kind that a later version of XState tells of.
  recorder.inspect({ type: '@xstate.future', actorRef: root, rootId: 'x' } as never);
  const story = recorder.story('many');
  expect(story.actors.length).toBeGreaterThan(1_000);
  expect(story.charts.map(({ outline }) => outline.name)).toEqual(['parent', 'child']);
  expect(story.rows.filter(({ after }) => after === 'off').length).toBe(1_000);
  expect(JSON.parse(JSON.stringify(story))).toEqual(story);
  expect(story.verdict).toEqual({ kind: 'observed' });
});
