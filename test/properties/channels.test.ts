/**
 * Stories of chance in which what a leaf says is on its way for a while: words of different leaves overtake one another, and
 * arrive when their speaker is gone already; those of one leaf keep their order (R3, R6, behaviour I.1–I.3). `TURNSTILE_DEEP=1`
 * tells many more.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeOf } from '../machines/invariants.ts';
import { createWorld } from '../machines/world.ts';
import { tellStory } from './stories.ts';

const isDeep = process.env['TURNSTILE_DEEP'] === '1';
const STORIES = isDeep ? 10_000 : 250;
/** More than where words arrive at once: each of them takes two. */
const MAX_STEPS = 80;

const OPENS = 'session/open';
const SAMPLE = 'session/turn/task/sample';
const CALL = 'session/turn/task/call0';

/** Each is said, and arrives before anything else happens. */
const heard = (...said: readonly string[]): readonly string[] =>
  said.flatMap((name) => (name.includes(' ') ? [name, `${name.slice(0, name.lastIndexOf(' '))} arrives`] : [name]));

describe('words on their way', () => {
  it(
    'keep every promise in any order',
    () =>
      fc.assert(
        fc.property(
          fc.array(fc.nat(100_000), { maxLength: MAX_STEPS, size: 'max' }),
          fc.boolean(),
          (story, isAttended) => void tellStory(story, [], { delivery: 'channels', isAttended }),
        ),
        { numRuns: STORIES },
      ),
    isDeep ? 3_600_000 : 180_000, // a fuse for a machine that is busy
  );

  it('that arrive when their speaker was given up are heard by nobody', () => {
    const world = createWorld({ delivery: 'channels' });
    const judge = judgeOf(world);
    const play = (...names: readonly string[]): void => {
      for (const name of names) {
        world.play(name);
        judge.check();
      }
    };
    play(...heard(`${OPENS} opens`, 'say', `${SAMPLE} calls`, `${CALL}/plan run`, `${SAMPLE} completes`));
    play('interrupt', `${CALL}/exec yields`, 'tick', ...heard('session/turn/settle unchanged'));
    expect(world.state()).toBe('idle');
    const before = world.facts().length;
    play(`${CALL}/exec arrives`);
    expect(world.facts().slice(before)).toEqual([]);
  });

  it('of two leaves overtake one another, those of one do not', () => {
    const world = createWorld({ delivery: 'channels' });
    world.play(...heard(`${OPENS} opens`, 'say', `${SAMPLE} calls`, `${CALL}/plan run`));
    world.play(`${SAMPLE} says`, `${SAMPLE} completes`, `${CALL}/exec ok`, `${CALL}/exec arrives`);
    const told = () => world.facts().map((fact) => (fact.type === 'items.recorded' ? fact.items[0]?.type : fact.type));
    expect(told().at(-1)).toBe('call.finished');
    world.play(`${SAMPLE} arrives`);
    expect(told().at(-1)).toBe('agent');
    world.play(`${SAMPLE} arrives`);
    expect(told()).toContain('result');
  });
});
