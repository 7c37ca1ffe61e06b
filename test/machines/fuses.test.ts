/** What each level does when the one below it never answers: the fuses, which no tree of sound machines ever needs (R2, R6). */
import { fromCallback } from 'xstate';
import { describe, expect, it } from 'vitest';
import { CALL_PATIENCE_MS, CUT_PATIENCE_MS, SESSION_GRACE_MS, TURN_GRACE_MS } from '../../machines/deadlines.ts';
import { chartsOf } from '../../machines/charts.ts';
import { TALK_MS } from './choices.ts';
import { stageSession, type stagedSession } from './puppets.ts';
import { createWorld, type World } from './world.ts';

const OPENS = 'session/open opens';
const SAMPLE = 'session/turn/task/sample';
const CALL = 'session/turn/task/call0';

/** Lives, and does nothing that it is told. */
const deaf = fromCallback(() => undefined);

/** The whole tree, but for one kind of child of one machine. */
const withDeaf = (parent: 'session' | 'turn', child: string): typeof stagedSession => {
  const chart = stageSession();
  const { actors } = chartsOf(chart).get(parent)!.implementations;
  actors[child] = deaf;
  return chart;
};
const ticksUntil = (world: World, isDone: () => boolean): number => {
  const since = world.time.now();
  while (!isDone() && world.time.tick());
  return world.time.now() - since;
};
const last = (world: World) => world.facts().at(-1);

const settles = (world: World) => (): boolean => world.live().some(({ kind }) => kind === 'settle');

describe('a leaf that never answers', () => {
  it.each([
    ['a process', CALL_PATIENCE_MS, [`${SAMPLE} calls`, `${CALL}/plan run`, `${SAMPLE} completes`]],
    ['a request', CUT_PATIENCE_MS, []],
  ] as const)('R2: %s is waited for for %i ms, and no longer', (_, patienceMs, story) => {
    const world = createWorld();
    world.play(OPENS, 'say', ...story, 'interrupt');
    expect(ticksUntil(world, settles(world))).toBe(patienceMs);
  });

  it('E.13: a terminal is waited for as long as the call wants it, and then as long as any call waits', () => {
    const world = createWorld();
    world.play(OPENS, 'say', `${SAMPLE} calls`, `${SAMPLE} completes`, `${CALL}/plan talk`);
    const isOver = () => world.facts().some(({ type }) => type === 'call.finished');
    expect(ticksUntil(world, isOver)).toBe(TALK_MS + CALL_PATIENCE_MS);
    expect(isOver()).toBe(true);
  });
});

describe('a fuse', () => {
  it('R2: the turn ends without a task that never does', () => {
    const world = createWorld({ chart: withDeaf('turn', 'regular') });
    world.play(OPENS, 'say', 'interrupt');
    expect(ticksUntil(world, settles(world))).toBe(TURN_GRACE_MS);
    world.play('session/turn/settle unchanged');
    expect(last(world)?.type).toBe('turn.aborted');
    expect(world.state()).toBe('idle');
  });

  it('R6: the session closes without a turn that never ends, and says so for it', () => {
    const world = createWorld({ chart: withDeaf('session', 'turn') });
    world.play(OPENS, 'say', 'close');
    expect(ticksUntil(world, world.isOver)).toBe(SESSION_GRACE_MS);
    expect(
      world
        .facts()
        .slice(-2)
        .map(({ type }) => type),
    ).toEqual(['turn.failed', 'session.closed']);
  });

  it('B.9: the session closes without a terminal that never ends, and says that nothing is known of it', () => {
    const world = createWorld({ chart: withDeaf('session', 'terminal') });
    world.play(OPENS, 'say', `${SAMPLE} calls`, `${SAMPLE} completes`, `${CALL}/plan lasts`, 'tick');
    world.play(`${CALL}/exec goesOn`, `${SAMPLE} completes`, 'session/turn/settle unchanged', 'close');
    expect(ticksUntil(world, world.isOver)).toBe(SESSION_GRACE_MS);
    expect(world.facts().slice(-2)).toMatchObject([
      { type: 'terminal.ended', status: 'unknown' },
      { type: 'session.closed' },
    ]);
  });
});
