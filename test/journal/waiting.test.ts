/** Words that waited when the process was killed: each has one outcome, in its order, over any number of lives (R8, R36). */
import { describe, expect, it } from 'vitest';
import type { FactOf, RuntimeEvent } from '../../machines/protocol/index.ts';
import { newLives, of } from './lives.ts';

const SLOW_MS = 120_000;
const text = (words: string) => [{ type: 'text', text: words }];
const say = (id: string) => ({ type: 'op.say', id, text: `words of ${id}` }) as const;
const queue = (id: string) => ({ type: 'op.queue', id, text: `words of ${id}` }) as const;
const named = <T extends RuntimeEvent['type']>(facts: readonly RuntimeEvent[], type: T) =>
  facts.filter((fact): fact is FactOf<T> => fact.type === type);
const readIn = (facts: readonly RuntimeEvent[]) =>
  named(facts, 'items.recorded').flatMap(({ items }) =>
    items.flatMap((item) => (item.type === 'user' && item.inputId !== undefined ? [item.inputId] : [])),
  );

/** A command runs, words go into the turn, and two wait for turns of their own. */
const left = async () => {
  const lives = newLives({ approval: 'never', sandbox: 'danger-full-access' });
  await lives.killed(
    [[{ type: 'shell', command: 'echo ran >> ran; sleep 600' }], text('unheard')],
    [say('first'), queue('one'), queue('two'), say('into')],
    of('call.started'),
  );
  return lives;
};

describe('words that waited when the process was killed', () => {
  it(
    'wait on, and nothing runs, until the user says something: then they are read after that, in their order',
    async () => {
      const lives = await left();
      await lives.killed([text('unheard')], [], of('input.queued', 2));
      const on = await lives.resume([text('said'), text('first of them'), text('second of them')]);
      await on.next(of('input.queued', 2));
      expect(on.session.view()).toMatchObject({ state: 'idle', queued: [{ inputId: 'one' }, { inputId: 'two' }] });
      expect(readIn(on.facts)).toEqual([]);
      await on.session.submit(say('go on'));
      await on.next(of('turn.completed', 3));
      await on.close();
      const facts = lives.facts();
      expect(readIn(facts)).toEqual(['first', 'go on', 'one', 'two']);
      // What went into the turn that was lost is the user's again, once.
      expect(named(facts, 'input.returned').map(({ inputId }) => inputId)).toEqual(['into']);
      expect(lives.replayed()).toMatchObject({ kind: 'identical', lives: 3 });
    },
    SLOW_MS,
  );

  it(
    'an interrupt gives them back; more that is queued goes behind them, and lets them run',
    async () => {
      const lives = await left();
      const on = await lives.resume([text('unheard')]);
      await on.next(of('input.queued', 2));
      expect(on.session.can({ type: 'op.interrupt', id: 'stop' })).toBeNull();
      expect(await on.session.submit({ type: 'op.interrupt', id: 'stop' })).toMatchObject({ kind: 'accepted' });
      expect(named(on.facts, 'input.returned').map(({ inputId }) => inputId)).toEqual(['into', 'one', 'two']);
      expect(on.session.view()).toMatchObject({ state: 'idle', queued: [] });
      await on.close();

      const others = await left();
      const then = await others.resume([text('one'), text('two'), text('three')]);
      await then.next(of('input.queued', 2));
      await then.session.submit(queue('three'));
      await then.next(of('turn.completed', 3));
      await then.close();
      expect(readIn(others.facts())).toEqual(['first', 'one', 'two', 'three']);
      expect(others.replayed()).toMatchObject({ kind: 'identical', lives: 2 });
    },
    SLOW_MS,
  );
});
