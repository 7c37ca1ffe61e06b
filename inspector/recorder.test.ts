import { createActor, fromCallback, setup } from 'xstate';
import { describe, expect, test } from 'vitest';
import { createRecorder } from './recorder.ts';
import { redacted, reportOf } from './redact.ts';
import { toStately } from './stately.ts';

/** An app that is not ours: a door that opens for the right word, with a leaf that rings. */
const door = setup({
  types: {
    events: {} as { type: 'push'; word: string } | { type: 'ring' },
    context: {} as { pushes: readonly string[] },
  },
  actors: { bell: fromCallback(({ sendBack }) => sendBack({ type: 'ring' })) },
  guards: { isRight: ({ event }) => event.type === 'push' && event.word === 'please' },
}).createMachine({
  id: 'door',
  context: { pushes: [] },
  initial: 'shut',
  states: {
    shut: { on: { push: [{ guard: 'isRight', target: 'open' }, {}] } },
    open: { invoke: { src: 'bell', id: 'bell' }, on: { ring: 'rung' } },
    rung: { type: 'final' },
  },
});

const run = (maxEvents?: number) => {
  const recorder = createRecorder({ now: () => 7, ...(maxEvents === undefined ? {} : { maxEvents }) });
  const actor = createActor(recorder.instrument(door), { id: 'door', inspect: recorder.inspect });
  actor.start();
  actor.send({ type: 'push', word: 'now' });
  actor.send({ type: 'push', word: 'please' });
  return recorder;
};

describe('an observer for any XState app', () => {
  test('events from outside, guards with their answers, states, actors with their lives', () => {
    const story = run().story('a door');
    const told = story.rows.map(({ kind, type, after, guards }) => ({ kind, type, after, guards }));
    expect(told).toEqual([
      { kind: 'step', type: 'xstate.init', after: 'shut', guards: [] },
      { kind: 'input', type: 'push', after: 'shut', guards: [{ name: 'isRight', value: false }] },
      { kind: 'input', type: 'push', after: 'open', guards: [{ name: 'isRight', value: true }] },
      { kind: 'input', type: 'ring', after: 'rung', guards: [] },
    ]);
    expect(story.actors).toMatchObject([
      { path: 'door', machine: 'door', status: 'done' },
      { path: 'door/bell', machine: null, parent: 0, born: 3, status: 'stopped' },
    ]);
    expect(JSON.parse(JSON.stringify(story))).toEqual(story);
  });

  test('it keeps no more than it was told to', () => {
    expect(run(2).story('short').rows.length).toBe(2);
  });

  test('the same in the three messages of Stately, without contexts', () => {
    const messages = toStately(run().story('a door'));
    expect(new Set(messages.map(({ type }) => type))).toEqual(
      new Set(['@xstate.actor', '@xstate.event', '@xstate.snapshot']),
    );
    expect(JSON.stringify(messages)).not.toContain('please');
  });
});

test('what leaves as a page is cleaned once more, in keys and values, and counted', () => {
  const story = run().story('please');
  const { story: clean, found } = redacted(story, (text) => text.replaceAll('please', '[secret:0123abcd]'));
  expect(JSON.stringify(clean)).not.toContain('please');
  expect(found).toMatchObject([{ token: '[secret:0123abcd]', isNew: true }]);
  expect(found[0]?.count).toBeGreaterThan(1);
  const [headline, named = ''] = reportOf({ story: clean, found });
  expect(headline).toMatch(/^redaction: 1 secret stands as a token in \d+ places$/);
  expect(named).toContain('the journal itself still has it');
});
