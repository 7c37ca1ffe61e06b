/** What hooks do to a session, a turn and a call, told as stories (C.12): each line of a story is a choice of the world. */
import { describe, expect, it } from 'vitest';
import type { SampleInput } from '../../machines/leaves.ts';
import { MAX_HOOK_ROUNDS } from '../../machines/limits.ts';
import type { RuntimeEvent } from '../../machines/protocol/index.ts';
import { judgeOf } from './invariants.ts';
import { createWorld, type World, type WorldOptions } from './world.ts';

const GREETED = ['session/open opens', 'session/hook passes'] as const;
const TURN = 'session/turn';
const HOOK = `${TURN}/hook`;
const SAMPLE = `${TURN}/task/sample`;
const CALL = `${TURN}/task/call0`;
const SETTLES = `${TURN}/settle unchanged`;
const HEARD = [...GREETED, 'say', `${HOOK} passes`] as const;
const PLANNED = [...HEARD, `${SAMPLE} calls`, `${SAMPLE} completes`, `${CALL}/plan run`] as const;

const told = (names: readonly string[], options: WorldOptions = { hooks: 'all' }): World => {
  const world = createWorld(options);
  const judge = judgeOf(world);
  for (const name of names) {
    world.play(name);
    judge.check();
  }
  return world;
};
const factsOf = <T extends RuntimeEvent['type']>(world: World, type: T) =>
  world.facts().filter((fact): fact is Extract<RuntimeEvent, { type: T }> => fact.type === type);
const born = (world: World, kind: string) =>
  world.seen.flatMap((one) => (one.kind === 'born' && one.puppet.kind === kind ? [one.puppet] : []));
const liveHooks = (world: World) => world.live().filter(({ kind }) => kind === 'hook');

describe('before a prompt', () => {
  it('the model is asked after a yes only; a no gives the words back, and says why', () => {
    const world = told([...GREETED, 'say']);
    expect(born(world, 'sample')).toHaveLength(0);
    world.play(`${HOOK} blocks`, SETTLES);
    expect(born(world, 'sample')).toHaveLength(0);
    const [failed] = factsOf(world, 'turn.failed');
    expect([failed?.error.kind, failed?.undelivered.length, world.state()]).toEqual(['blockedByHook', 1, 'idle']);
    expect(world.context().history).toEqual([]);
  });

  it('what it adds stands behind the words, and the request has both', () => {
    const world = told([...GREETED, 'say', `${HOOK} adds`]);
    const [request] = born(world, 'sample').map(({ input }) => (input as SampleInput).items);
    expect(request?.map(({ type }) => type)).toEqual(['user', 'context']);
  });

  it('an interrupt tells it to end, and waits for it; the words come back', () => {
    const world = told([...GREETED, 'say', 'interrupt']);
    expect(liveHooks(world).map(({ commands }) => commands)).toEqual([['hook.cancel']]);
    expect(factsOf(world, 'turn.aborted')).toHaveLength(0);
    world.play(`${HOOK} obeys`, SETTLES);
    expect(factsOf(world, 'turn.aborted')[0]?.undelivered).toHaveLength(1);
  });

  it('words for a turn that runs wait for one of their own', () => {
    const world = told([...HEARD, 'say', `${SAMPLE} completes`, `${HOOK} passes`, SETTLES]);
    expect(factsOf(world, 'input.queued')).toHaveLength(1);
    expect(liveHooks(world).map(({ input }) => (input as { hook: string }).hook)).toEqual(['promptSubmit']);
  });

  it('a turn that breaks while it is asked gives the words back (R8)', () => {
    const world = told([...GREETED, 'say', `${TURN} breaks`]);
    expect(factsOf(world, 'turn.failed')[0]?.undelivered).toHaveLength(1);
  });
});

describe('before a tool', () => {
  it('nothing runs until it has said something; a no is the result', () => {
    const world = told(PLANNED);
    expect(born(world, 'exec')).toHaveLength(0);
    world.play(`${CALL}/hook blocks`);
    expect([born(world, 'exec').length, factsOf(world, 'call.finished')[0]?.status]).toEqual([0, 'declined']);
  });

  it('a question of its own comes before the run, where somebody can be asked; else it is a no', () => {
    const world = told([...PLANNED, `${CALL}/hook asks`]);
    expect([born(world, 'exec').length, factsOf(world, 'approval.requested').length]).toEqual([0, 1]);
    world.play('approves 0');
    expect(born(world, 'exec')).toHaveLength(1);
    const alone = told([...PLANNED, `${CALL}/hook asks`], { hooks: 'all', isAttended: false });
    expect([born(alone, 'exec').length, factsOf(alone, 'call.finished')[0]?.status]).toEqual([0, 'declined']);
  });

  it.each(['crashes', 'tick'])('one that is lost (%s) is a no where it is required, and a warning elsewhere', (how) => {
    const lost = how === 'tick' ? 'tick' : `${CALL}/hook ${how}`;
    const soft = told([...PLANNED, lost]);
    expect([born(soft, 'exec').length, factsOf(soft, 'session.warned').length]).toEqual([1, 1]);
    const strict = told([...PLANNED, lost], { hooks: 'required' });
    expect([born(strict, 'exec').length, factsOf(strict, 'call.finished')[0]?.status]).toEqual([0, 'declined']);
  });

  it('an interrupt tells it to end, and waits for it', () => {
    const world = told([...PLANNED, 'interrupt']);
    expect(liveHooks(world).map(({ commands }) => commands)).toEqual([['hook.cancel']]);
    world.play(`${CALL}/hook obeys`, SETTLES);
    expect([born(world, 'exec').length, factsOf(world, 'call.finished')[0]?.status]).toEqual([0, 'aborted']);
  });
});

describe('after a tool', () => {
  const ran = [...PLANNED, `${CALL}/hook passes`, `${CALL}/exec ok`];
  const result = (world: World) =>
    world.context().history.flatMap((item) => (item.type === 'result' ? [item.output] : []));

  it('what it objects to and what it adds is read behind the answer', () => {
    expect(result(told([...ran, `${CALL}/hook blocks`]))).toEqual(['ok\n\nA hook of the user objects: no']);
    expect(result(told([...ran, `${CALL}/hook adds`]))).toEqual(['ok\n\nA hook of the user adds:\nby the way']);
  });

  it('an interrupt meanwhile takes nothing back of what was done', () => {
    const world = told([...ran, 'interrupt', `${CALL}/hook obeys`, SETTLES]);
    expect(result(world)).toEqual(['ok']);
    expect(factsOf(world, 'call.finished')[0]?.status).toBe('completed');
  });
});

describe('beside a question', () => {
  const asked = [...PLANNED.slice(0, -1), `${CALL}/plan ask`, `${CALL}/hook passes`];

  it('its no is an answer, and the question is closed with it; its yes is none', () => {
    const world = told([...asked, `${CALL}/hook blocks`]);
    expect(factsOf(world, 'approval.resolved')).toMatchObject([{ source: 'hook', decision: { kind: 'deny' } }]);
    expect(born(world, 'exec')).toHaveLength(0);
    expect(factsOf(told([...asked, `${CALL}/hook passes`]), 'approval.resolved')).toEqual([]);
  });

  it('whoever answers first ends it', () => {
    const world = told([...asked, 'approves 0']);
    expect([liveHooks(world).length, born(world, 'exec').length]).toEqual([0, 1]);
  });
});

describe('at the end of a turn', () => {
  const round = [`${SAMPLE} says`, `${SAMPLE} completes`];

  it(`sends it on ${MAX_HOOK_ROUNDS} times and no oftener; the model reads why`, () => {
    const rounds = Array.from({ length: MAX_HOOK_ROUNDS + 1 }, () => [...round, `${HOOK} blocks`]).flat();
    const world = told([...HEARD, ...rounds, SETTLES]);
    expect(born(world, 'sample')).toHaveLength(MAX_HOOK_ROUNDS + 1);
    expect(factsOf(world, 'turn.completed')).toHaveLength(1);
    expect(JSON.stringify(born(world, 'sample')[1]?.input)).toContain('A hook of the user objects: no');
  });

  it('an interrupt tells it to end, and the turn is an aborted one', () => {
    const world = told([...HEARD, ...round, 'interrupt']);
    expect(liveHooks(world).map(({ commands }) => commands)).toEqual([['hook.cancel']]);
    world.play(`${HOOK} obeys`, SETTLES);
    expect(factsOf(world, 'turn.aborted')).toHaveLength(1);
  });
});

describe('at the beginning of a session', () => {
  it('ops wait; what it adds is known to the first turn', () => {
    const world = told(['session/open opens', 'say']);
    expect(factsOf(world, 'op.accepted')).toHaveLength(0);
    world.play('session/hook adds', `${HOOK} passes`);
    expect(born(world, 'sample').map(({ input }) => (input as SampleInput).items[0])).toMatchObject([
      { type: 'context', about: 'hook' },
    ]);
  });

  it.each(['interrupt', 'close'])('an %s tells it to end', (op) => {
    const world = told(['session/open opens', op]);
    expect(liveHooks(world).map(({ commands }) => commands)).toEqual([['hook.cancel']]);
  });
});

it('without hooks nobody is asked, and no state more is entered', () => {
  const world = told(
    [
      ...['session/open opens', 'say', `${SAMPLE} calls`, `${SAMPLE} completes`, `${CALL}/plan run`],
      ...[`${CALL}/exec ok`, `${SAMPLE} completes`, SETTLES],
    ],
    {},
  );
  expect([born(world, 'hook').length, factsOf(world, 'hook.ran').length, world.state()]).toEqual([0, 0, 'idle']);
});
