import { describe, expect, it } from 'vitest';
import { judgeOf } from '../test/machines/invariants.ts';
import { createWorld } from '../test/machines/world.ts';

const replies = (world: ReturnType<typeof createWorld>) =>
  world.facts().flatMap((fact) => (fact.type === 'op.accepted' || fact.type === 'op.refused' ? [fact] : []));

describe('a session that is still starting', () => {
  it('answers what was asked behind a close (R3)', () => {
    const world = createWorld();
    const judge = judgeOf(world);
    world.play('close', 'rewind', 'say', 'session/open opens');
    judge.check();
    expect(
      replies(world)
        .map(({ opId, type }) => `${opId} ${type}`)
        .sort(),
    ).toEqual(['op-1 op.accepted', 'op-2 op.refused', 'op-3 op.refused']);
    expect(world.facts().at(-1)?.type).toBe('session.closed');
  });

  it('takes no refused op for one that opens a turn before the close (R3)', () => {
    const world = createWorld();
    world.play('shell nothing', 'close', 'say', 'session/open opens');
    judgeOf(world).check();
    expect(replies(world).map(({ type }) => type)).toEqual(['op.refused', 'op.refused', 'op.accepted']);
  });

  it('runs what was asked before a close, and refuses what came after it (R3)', () => {
    const world = createWorld();
    world.play('say', 'close', 'say', 'session/open opens');
    judgeOf(world).check();
    expect(replies(world).map(({ type }) => type)).toEqual(['op.accepted', 'op.accepted', 'op.refused']);
  });
});
