/** A review (C.11): on a thread of its own, with one beginning and one end, whatever ends it. */
import { describe, expect, it } from 'vitest';
import type { FactOf, RuntimeEvent } from '../../machines/protocol/index.ts';
import type { SampleInput } from '../../machines/leaves.ts';
import { MAX_CONDENSINGS } from '../../machines/tasks/review.setup.ts';
import { judgeOf } from './invariants.ts';
import { createWorld, type World } from './world.ts';

const OPENS = 'session/open opens';
const SETTLES = 'session/turn/settle unchanged';
const TALK = 'session/turn/task/sample';
const THREAD = 'session/turn/task/regular';
const SAMPLE = `${THREAD}/sample`;
const CONDENSE = 'session/turn/task/compact/sample';
const FINDS = [`${SAMPLE} finds`, `${SAMPLE} completes`];
const TALKED = [OPENS, 'say', `${TALK} says`, `${TALK} completes`, SETTLES];
const BEGUN = [...TALKED, 'review'];

const told = (names: readonly string[], options: Parameters<typeof createWorld>[0] = {}): World => {
  const world = createWorld(options);
  const judge = judgeOf(world);
  for (const name of names) {
    world.play(name);
    judge.check();
  }
  return world;
};
const of = <T extends RuntimeEvent['type']>(world: World, type: T) =>
  world.facts().filter((fact): fact is FactOf<T> => fact.type === type);
const requests = (world: World): readonly SampleInput[] =>
  world.seen.flatMap((one) =>
    one.kind === 'born' && one.puppet.kind === 'sample' ? [one.puppet.input as SampleInput] : [],
  );
const lastRequest = (world: World): string => JSON.stringify(requests(world).at(-1));

describe('a review', () => {
  it('C.11.4: tells its findings, and leaves a note and the words of them', () => {
    const world = told([...BEGUN, ...FINDS, SETTLES]);
    const types = world.facts().map(({ type }) => type);
    expect(types.slice(types.indexOf('review.entered'))).toEqual([
      'review.entered',
      'tokens.counted',
      'review.exited',
      'items.recorded',
      'turn.completed',
    ]);
    expect(of(world, 'review.exited')).toMatchObject([{ review: { findings: [{ title: 'found' }] } }]);
    const words = 'Review of the uncommitted changes: 1 finding.\n\n- found';
    expect(of(world, 'turn.completed').at(-1)).toMatchObject({ lastAgentMessage: words });
    expect(world.context().history.slice(-2)).toMatchObject([
      { type: 'context', about: 'review', text: expect.stringContaining('<user_action>') },
      { type: 'agent', text: words },
    ]);
  });

  it('C.11.1: knows its request and nothing of the conversation; the conversation knows its findings only', () => {
    const world = told([...BEGUN, `${SAMPLE} says`, ...FINDS, SETTLES, 'say']);
    const [, review, next] = requests(world);
    expect(review).toMatchObject({ purpose: 'review', items: [{ type: 'user' }] });
    expect(review?.outputSchema).toBeDefined();
    expect(next?.items.map(({ type }) => type)).toEqual(['user', 'agent', 'context', 'agent', 'user']);
  });

  it.each([
    ['an interrupt', ['interrupt', `${SAMPLE} stops`, SETTLES], 'turn.aborted'],
    ['an interrupt that the model does not answer', ['interrupt', 'tick', SETTLES], 'turn.aborted'],
    ['a failed request', [`${SAMPLE} refuses`, SETTLES], 'turn.failed'],
    ['a request that breaks', [`${SAMPLE} crashes`, SETTLES], 'turn.failed'],
    ['no word at all', [`${SAMPLE} completes`, SETTLES], 'turn.failed'],
    ['a broken thread', [`${THREAD} breaks`, SETTLES], 'turn.failed'],
    ['a broken thread after the interrupt', ['interrupt', `${THREAD} breaks`, SETTLES], 'turn.aborted'],
    ['a broken review', ['session/turn/task breaks', SETTLES], 'turn.failed'],
    ['a broken turn', ['session/turn breaks'], 'turn.failed'],
    ['a compaction in its place', ['compact', `${SAMPLE} stops`, SETTLES], 'turn.aborted'],
    ['another review in its place', ['review', `${SAMPLE} stops`, SETTLES], 'turn.aborted'],
    ['the end of the session', ['close', `${SAMPLE} stops`, SETTLES], 'turn.aborted'],
  ])('A.5.9, B.5: ends without findings, once, by %s', (_, names, ending) => {
    const world = told([...BEGUN, ...names]);
    const facts = world.facts().filter((fact) => 'turnId' in fact && fact.turnId === 'turn-2');
    expect(facts.filter(({ type }) => type === 'review.exited')).toMatchObject([{ review: null }]);
    expect(facts.at(-1)?.type).toBe(ending);
    const note = expect.objectContaining({ about: 'review', text: expect.stringContaining('/review again') });
    expect(world.context().history).toContainEqual(note);
  });

  it('B.8: takes the place of a turn that runs, and its own place is taken', () => {
    const replaced = told([OPENS, 'say', 'review', `${TALK} stops`, SETTLES]);
    expect(of(replaced, 'turn.aborted')).toMatchObject([{ reason: 'replaced' }]);
    expect(of(replaced, 'review.entered')).toMatchObject([{ turnId: 'turn-2', target: 'the uncommitted changes' }]);
    const again = told([...BEGUN, 'interrupt', 'review', `${SAMPLE} stops`, SETTLES]);
    expect(of(again, 'review.entered')).toHaveLength(2);
  });

  it('B.4.2: takes no words: a steer is refused, and what is said waits for the next turn', () => {
    const world = told([...BEGUN, 'steer', 'say', ...FINDS, SETTLES]);
    expect(of(world, 'op.refused')).toMatchObject([{ reason: 'notSteerable' }]);
    expect(of(world, 'input.queued')).toHaveLength(1);
    expect(requests(world).map(({ purpose }) => purpose)).toEqual(['regular', 'review', 'regular']);
    expect(lastRequest(world)).toContain('- found');
  });
});

describe('the window of a review', () => {
  const windowOf = (world: World) => of(world, 'tokens.counted').at(-1)?.accounting.window;

  it('C.11: its tokens are those of the turn and the session; the window stays that of the conversation', () => {
    const world = told([...BEGUN, `${SAMPLE} finds`, `${SAMPLE} fills`, SETTLES]);
    const [before, after] = of(world, 'tokens.counted').map(({ accounting }) => accounting);
    expect(after?.window).toEqual(before?.window);
    expect(after?.turn.input).toBe(after?.last.input);
    expect(after?.session.input).toBe((before?.session.input ?? 0) + (after?.last.input ?? 0));
  });

  it('D.5: a review that does not fit fails, and leaves the window of the conversation alone', () => {
    const world = told([...BEGUN, `${SAMPLE} overflows`, SETTLES]);
    expect(of(world, 'turn.failed')).toMatchObject([{ error: { kind: 'contextWindowExceeded' } }]);
    expect(windowOf(world)?.full).toBe(false);
    world.play('say');
    expect(requests(world).at(-1)).toMatchObject({ purpose: 'regular' });
  });

  const outgrows = [`${SAMPLE} calls`, `${THREAD}/call0/plan answer`, `${SAMPLE} fills`];
  it('C.9: one that outgrows it is condensed, and goes on with its request and a summary', () => {
    const world = told([...BEGUN, ...outgrows, `${CONDENSE} says`, `${CONDENSE} completes`, ...FINDS, SETTLES]);
    expect(requests(world).map(({ purpose }) => purpose)).toEqual(['regular', 'review', 'compact', 'review']);
    expect(
      requests(world)
        .at(-1)
        ?.items.map(({ type }) => type),
    ).toEqual(['user', 'summary']);
    expect(of(world, 'history.compacted')).toEqual([]);
    expect(of(world, 'review.exited')).toMatchObject([{ review: { findings: [{}] } }]);
  });

  it('C.9.7: what was found is summed up by a compaction of the conversation, like what was said', () => {
    const world = told([...BEGUN, ...FINDS, SETTLES, 'compact', `${TALK} says`, `${TALK} completes`, SETTLES]);
    expect(world.context().history.map(({ type }) => type)).toEqual(['user', 'summary']);
  });

  it('and stops at once while it is condensed, or fails where that fails', () => {
    const stopped = told([...BEGUN, ...outgrows, 'interrupt', SETTLES]);
    expect(of(stopped, 'turn.aborted')).toHaveLength(1);
    for (const name of ['refuses', 'crashes']) {
      const world = told([...BEGUN, ...outgrows, `${CONDENSE} ${name}`, SETTLES]);
      expect(of(world, 'turn.failed')).toHaveLength(1);
    }
    const broken = told([...BEGUN, ...outgrows, 'session/turn/task/compact breaks', SETTLES]);
    expect(of(broken, 'turn.failed')).toHaveLength(1);
  });

  it('and is condensed so many times and no more', () => {
    const round = [...outgrows, `${CONDENSE} says`, `${CONDENSE} completes`];
    const world = told([
      ...BEGUN,
      ...Array.from({ length: MAX_CONDENSINGS }, () => round).flat(),
      ...outgrows,
      SETTLES,
    ]);
    expect(of(world, 'turn.failed')).toMatchObject([{ error: { kind: 'compactionFutile' } }]);
  });
});

describe('what a review runs', () => {
  const asks = [...BEGUN, `${SAMPLE} calls`, `${THREAD}/call0/plan ask`];

  it('C.11.2: is told, asked about and allowed like any other command', () => {
    const world = told([...asks, `${SAMPLE} completes`, 'approves 0', `${THREAD}/call0/exec ok`, ...FINDS, SETTLES]);
    const types = world.facts().map(({ type }) => type);
    expect(types).toEqual(expect.arrayContaining(['call.started', 'approval.requested', 'call.finished']));
    expect(of(world, 'approval.resolved')).toMatchObject([{ decision: { kind: 'approve' } }]);
    expect(of(world, 'turn.completed')).toHaveLength(2);
  });

  it('R12: a question that is open when it is stopped is cancelled; a permission for the session stays', () => {
    const world = told([...asks, 'interrupt', `${SAMPLE} stops`, SETTLES]);
    expect(of(world, 'approval.resolved')).toMatchObject([{ decision: 'cancelled' }]);
    const granted = told([...asks, 'grants 0']);
    expect(of(granted, 'grant.given')).toHaveLength(1);
    expect(granted.context().grants).toHaveLength(1);
  });

  it("B.8: a command of the user's beside it is for the conversation, not for the reviewer", () => {
    const aid = 'session/turn/aid0/call0';
    const world = told([
      ...BEGUN,
      'shell',
      `${aid}/plan run`,
      `${aid}/exec ok`,
      `${SAMPLE} continues`,
      ...FINDS,
      SETTLES,
    ]);
    expect(world.context().history).toContainEqual(expect.objectContaining({ about: 'shell' }));
    expect(lastRequest(world)).not.toContain('user_shell_command');
  });
});
