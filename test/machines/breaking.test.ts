/** A machine that breaks takes with it what it began, and its turn ends all the same (R6, R7). */
import { describe, expect, it } from 'vitest';
import { judgeOf } from './invariants.ts';
import { createWorld, type World } from './world.ts';

const OPENS = 'session/open opens';
const SAMPLE = 'session/turn/task/sample';
const CALL = 'session/turn/task/call0';
const AID = 'session/turn/aid0';

const told = (...names: readonly string[]): World => {
  const world = createWorld();
  const judge = judgeOf(world);
  for (const name of names) {
    world.play(name);
    judge.check();
  }
  return world;
};
const typesOf = (world: World): readonly string[] => world.facts().map(({ type }) => type);

describe('a machine that breaks', () => {
  it.each([
    ['the turn', ['session/turn breaks']],
    ['its task', ['session/turn/task breaks', 'session/turn/settle unchanged']],
  ])('%s: its request, its calls and its questions end with it', (_, breaks) => {
    const world = told(OPENS, 'say', `${SAMPLE} calls`, `${CALL}/plan ask`, `${SAMPLE} calls`, ...breaks);
    expect(world.live()).toEqual([]);
    expect(typesOf(world).filter((type) => /^(approval|call|turn)\.(resolved|finished|failed)$/.test(type))).toEqual([
      'approval.resolved',
      'call.finished',
      'turn.failed',
    ]);
    expect(world.state()).toBe('idle');
    world.play('say', `${SAMPLE} completes`, 'session/turn/settle unchanged');
    expect(typesOf(world).at(-1)).toBe('turn.completed');
  });

  it('a call that asked for the user: its question is closed with it (R12)', () => {
    const world = told(OPENS, 'say', 'shell', `${AID}/call0/plan ask`, `${AID}/call0 breaks`);
    expect(typesOf(world).slice(-2)).toEqual(['approval.resolved', 'call.finished']);
    expect(world.live().map(({ kind }) => kind)).toEqual(['sample']);
  });

  it('a call while it runs: the model reads that it broke, and the turn goes on', () => {
    const world = told(OPENS, 'say', `${SAMPLE} calls`, `${CALL}/plan run`, `${CALL} breaks`, `${SAMPLE} completes`);
    expect(world.live().map(({ path }) => path)).toEqual([SAMPLE]);
    expect(world.facts().find(({ type }) => type === 'call.finished')).toMatchObject({ status: 'failed' });
  });
});
