/** The promises of a turn, told as stories: each line of a story is a choice of the world. */
import { describe, expect, it } from 'vitest';
import type { SampleInput } from '../../machines/leaves.ts';
import type { RuntimeEvent } from '../../machines/protocol/index.ts';
import { checkHistory } from './books.ts';
import { judgeOf } from './invariants.ts';
import { createWorld, type World } from './world.ts';

const OPENS = 'session/open opens';
const TASK = 'session/turn/task';
const SAMPLE = `${TASK}/sample`;
const CALL = `${TASK}/call0`;
const AID = 'session/turn/aid0/call0';
/** Longest time from an interrupt to the ending. Milliseconds. */
const BOUND_MS = 3_000;

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
const factsOf = <T extends RuntimeEvent['type']>(world: World, type: T) =>
  world.facts().filter((fact): fact is Extract<RuntimeEvent, { type: T }> => fact.type === type);
const born = (world: World, kind: string) =>
  world.seen.flatMap((one) => (one.kind === 'born' && one.puppet.kind === kind ? [one.puppet] : []));
const refusals = (world: World) => factsOf(world, 'op.refused').map(({ reason }) => reason);

describe('a full context window (R16)', () => {
  const world = told(OPENS, 'say', `${SAMPLE} overflows`, 'session/turn/settle unchanged');

  it('is asked once, counted, then told as a failure, with nothing after it', () => {
    expect(born(world, 'sample')).toHaveLength(1);
    expect(typesOf(world).slice(-2)).toEqual(['tokens.counted', 'turn.failed']);
    expect(factsOf(world, 'tokens.counted').at(-1)?.accounting.window.full).toBe(true);
    expect(factsOf(world, 'turn.failed')[0]?.error.kind).toBe('contextWindowExceeded');
    expect(world.state()).toBe('idle');
  });

  it('is compacted before the next words are sent', () => {
    world.play('say');
    expect(born(world, 'sample').map(({ input }) => (input as SampleInput).purpose)).toEqual(['regular', 'compact']);
  });
});

describe('a denied run (R29)', () => {
  const denied = [OPENS, 'say', `${SAMPLE} calls`, `${CALL}/plan escalating`, `${CALL}/exec denied`] as const;

  it('runs a second time after a yes, and only then', () => {
    const world = told(...denied);
    expect(born(world, 'exec')).toHaveLength(1);
    expect(factsOf(world, 'approval.requested')).toHaveLength(1);
    world.play('approves 0');
    expect(born(world, 'exec')).toHaveLength(2);
    expect(factsOf(world, 'approval.resolved')[0]?.decision).toEqual({ kind: 'approve' });
    world.play(`${CALL}/exec ok`);
    expect(factsOf(world, 'call.finished')[0]?.status).toBe('completed');
  });

  it.each(['denies 0', 'aborts 0', 'interrupt', 'mistakes 0', 'decide unknown'])(
    'does not run again by "%s"',
    (name) => {
      const world = told(...denied);
      world.play(name);
      expect(born(world, 'exec')).toHaveLength(1);
    },
  );

  it('takes a decision once, for its question and its plan (R10)', () => {
    const world = told(...denied, 'mistakes 0', 'decide unknown', 'approves 0', 'approves 0', 'denies 0');
    expect(refusals(world)).toEqual(['planMismatch', 'unknownApproval', 'staleApproval', 'staleApproval']);
    expect(factsOf(world, 'approval.resolved')).toHaveLength(1);
  });
});

describe('a client that answers twice in one breath (R10)', () => {
  it('is heard once: the second answer comes too late', () => {
    const story = [OPENS, 'say', `${SAMPLE} calls`, `${CALL}/plan ask`];
    const answers: string[] = [];
    const world: World = createWorld({
      onFact: (fact) => {
        if (fact.type !== 'op.accepted' || fact.opId !== answers[0]) return;
        answers.push(world.tell({ type: 'op.decide', approvalId, decision: { kind: 'deny' } }));
      },
    });
    world.play(...story);
    const approvalId = factsOf(world, 'approval.requested')[0]!.approvalId;
    answers.push(`op-${world.seen.filter(({ kind }) => kind === 'op').length + 1}`);
    world.tell({ type: 'op.decide', approvalId, decision: { kind: 'approve' } });
    expect(answers).toHaveLength(2);
    expect(refusals(world)).toEqual(['staleApproval']);
  });
});

describe('a steer (B.4)', () => {
  it.each([
    ['steer', 'left', 'completes'],
    ['preempt', 'now', 'stops'],
  ])('"%s" is read by the next request of the same turn', (name, text, ends) => {
    const world = told(OPENS, 'say', name, `${SAMPLE} ${ends}`);
    const requests = born(world, 'sample').map(({ input }) => input as SampleInput);
    expect(requests.map(({ turnId }) => turnId)).toEqual(['turn-1', 'turn-1']);
    expect(requests.at(-1)?.items).toContainEqual(expect.objectContaining({ type: 'user', text }));
  });
});

describe('a command beside the task', () => {
  const both = [OPENS, 'say', 'shell', `${AID}/plan run`] as const;

  it('lives at the same time as the task', () => {
    expect(
      told(...both)
        .live()
        .map(({ kind }) => kind)
        .sort(),
    ).toEqual(['exec', 'sample']);
  });

  it('is stopped with it, and the turn waits for both', () => {
    const world = told(...both, 'interrupt', `${SAMPLE} stops`);
    expect(world.live().map(({ path }) => path)).toEqual([`${AID}/exec`]);
    expect(world.live()[0]?.commands).toEqual(['exec.cancel']);
    world.play(`${AID}/exec yields`, 'session/turn/settle unchanged');
    expect(typesOf(world).at(-1)).toBe('turn.aborted');
    expect(typesOf(world).indexOf('call.finished')).toBeLessThan(typesOf(world).indexOf('turn.aborted'));
  });

  it.each([
    ['shell', 1],
    ['shell hidden', 0],
  ] as const)('%s: its output is read by the model %i times', (name, times) => {
    const world = told(
      OPENS,
      'say',
      name,
      `${AID}/plan run`,
      `${AID}/exec ok`,
      `${SAMPLE} continues`,
      `${SAMPLE} continues`,
    );
    const texts = (born(world, 'sample').at(-1)?.input as SampleInput).items.flatMap((item) =>
      item.type === 'context' || item.type === 'user' ? [item] : [],
    );
    const read = texts.filter(({ text }) => text.includes('<user_shell_command>'));
    expect(born(world, 'sample')).toHaveLength(3);
    expect(read.map(({ type }) => type)).toEqual(Array.from({ length: times }, () => 'context'));
  });
});

describe('an interrupt (R1, R2)', () => {
  const asks = [OPENS, 'say', `${SAMPLE} calls`] as const;
  const runs = [...asks, `${CALL}/plan run`] as const;
  const stories: readonly (readonly [path: string, state: unknown, story: readonly string[]])[] = [
    [TASK, { requesting: 'streaming' }, [OPENS, 'say']],
    [TASK, { requesting: 'cutting' }, [OPENS, 'say', 'preempt']],
    [TASK, { requesting: 'closing' }, [OPENS, 'say', 'preempt', 'interrupt']],
    [TASK, 'acting', [...runs, `${SAMPLE} completes`]],
    [TASK, 'settling', [...runs, `${SAMPLE} drops`]],
    [TASK, 'backingOff', [OPENS, 'say', `${SAMPLE} drops`]],
    [TASK, 'failing', [...runs, `${SAMPLE} refuses`]],
    [TASK, 'summarising', [OPENS, 'compact']],
    [TASK, 'running', [OPENS, 'shell', `${CALL}/plan run`]],
    [CALL, 'planning', asks],
    [CALL, 'asking', [...asks, `${CALL}/plan ask`]],
    [`${TASK}/call1`, 'ready', [...runs, `${SAMPLE} repeats`, `${TASK}/call1/plan run!`]],
    [CALL, { running: 'executing' }, runs],
    ['session/turn', { active: 'attending' }, [OPENS, 'say', 'shell', `${AID}/plan run`, `${SAMPLE} completes`]],
  ];
  it.each(stories)('in %s %j ends the turn in time, and the next words work', (path, state, story) => {
    const world = told(...story);
    const machine = world.machines().find((one) => world.pathOf(one) === path);
    expect(machine?.getSnapshot().value).toEqual(state);
    const since = world.time.now();
    if (world.state() === 'running') world.play('interrupt');
    while (world.state() !== 'idle') world.play('tick');
    expect(world.time.now() - since).toBeLessThanOrEqual(BOUND_MS);
    expect(typesOf(world).at(-1)).toBe('turn.aborted');
    expect(
      factsOf(world, 'call.finished')
        .map(({ callId }) => callId)
        .sort(),
    ).toEqual(
      factsOf(world, 'call.started')
        .map(({ callId }) => callId)
        .sort(),
    );
    checkHistory(world.context().history, 'after the interrupt');
    world.play('say', `${SAMPLE} says`, `${SAMPLE} completes`, 'session/turn/settle unchanged');
    expect(typesOf(world).at(-1)).toBe('turn.completed');
  });
});
