/** Commands that go on beside the turns, in the whole tree: who owns them, who ends them, and what is said of it. */
import { describe, expect, test } from 'vitest';
import { MAX_TERMINALS, RECENT_TERMINALS } from '../../machines/limits.ts';
import { evicted } from '../../machines/session.terminals.ts';
import type { Terminal } from '../../machines/terminal.contract.ts';
import { judgeOf } from './invariants.ts';
import { createWorld } from './world.ts';

const SAMPLE = 'session/turn/task/sample';
const CALL = 'session/turn/task/call0';
const WATCH = 'session/termturn-1.c/watch';

/** A command that was handed over, in the middle of its turn. */
const withTerminal = () => {
  const world = createWorld();
  const judge = judgeOf(world);
  const play = (...names: readonly string[]) => {
    for (const name of names) {
      world.play(name);
      judge.check();
    }
  };
  play('session/open opens', 'say', `${SAMPLE} calls`, `${SAMPLE} completes`, `${CALL}/plan lasts`, 'tick');
  play(`${CALL}/exec goesOn`);
  const types = () => world.facts().map(({ type }) => type);
  const ended = () => world.facts().flatMap((fact) => (fact.type === 'terminal.ended' ? [fact.status] : []));
  return { world, judge, play, types, ended };
};

describe('a background terminal (E.13)', () => {
  test('is born with the yield; its call is over, the model is told, and it outlives the turn', () => {
    const { world, judge, play, types, ended } = withTerminal();
    expect(world.facts()).toContainEqual(
      expect.objectContaining({ type: 'call.finished', status: 'completed', output: 'so far' }),
    );
    play(`${SAMPLE} completes`, 'session/turn/settle unchanged');
    expect(world.state()).toBe('idle');
    expect(world.context().terminals).toMatchObject([{ terminalId: 'turn-1.c', phase: 'running' }]);
    play(`${WATCH} exits`);
    expect(types().at(-1)).toBe('terminal.ended');
    expect(world.context().terminals).toMatchObject([{ phase: 'ended' }]);
    judge.end();
    expect(ended()).toEqual(['completed']);
  });

  test('survives an interrupt after its yield (B.5.5)', () => {
    const { world, judge, play, ended } = withTerminal();
    play('interrupt', `${SAMPLE} stops`, 'session/turn/settle unchanged');
    expect(ended()).toEqual([]);
    expect(world.context().terminals).toHaveLength(1);
    judge.end();
    expect(ended()).toEqual(['unknown']);
  });

  test('a command that is still waited for ends with the interrupt: it is the call’s own', () => {
    const world = createWorld();
    world.play('session/open opens', 'say', `${SAMPLE} calls`, `${SAMPLE} completes`, `${CALL}/plan lasts`);
    world.play('interrupt', `${CALL}/exec yields`, 'session/turn/settle unchanged');
    expect(world.facts().some(({ type }) => type === 'terminal.started')).toBe(false);
    expect(world.state()).toBe('idle');
  });

  test('one that was handed over at the very moment of the interrupt has an owner', () => {
    const world = createWorld();
    world.play('session/open opens', 'say', `${SAMPLE} calls`, `${SAMPLE} completes`, `${CALL}/plan lasts`, 'tick');
    world.play('interrupt', `${CALL}/exec goesOn`, 'session/turn/settle unchanged');
    expect(world.context().terminals).toHaveLength(1);
    judgeOf(world).end();
  });

  test('/stop ends it, and the model is told with the next turn', () => {
    const { world, judge, play, ended } = withTerminal();
    play(`${SAMPLE} completes`, 'session/turn/settle unchanged');
    world.tell({ type: 'op.stop', terminalId: 'nobody' });
    expect(world.facts().at(-1)).toMatchObject({ type: 'op.refused', reason: 'unknownTerminal' });
    world.tell({ type: 'op.stop' });
    play(`${WATCH} obeys`);
    expect(ended()).toEqual(['aborted']);
    world.tell({ type: 'op.stop' });
    judge.check();
    expect(world.facts().at(-1)).toMatchObject({ type: 'op.refused', reason: 'unknownTerminal' });
    play('say');
    expect(JSON.stringify(world.facts().at(-2))).toContain('Session turn-1.c was ended');
    judge.end();
  });

  test('one that does not obey is given up in time', () => {
    const { world, play, ended } = withTerminal();
    play(`${SAMPLE} completes`, 'session/turn/settle unchanged');
    world.tell({ type: 'op.stop' });
    play('tick');
    expect(ended()).toEqual(['unknown']);
    expect(world.live()).toEqual([]);
  });

  test.each([['idle'], ['running'], ['aborting']])('close in %s waits for it, and closes last (B.9)', (where) => {
    const { world, play, types, ended } = withTerminal();
    if (where === 'idle') play(`${SAMPLE} completes`, 'session/turn/settle unchanged');
    if (where === 'aborting') play('interrupt');
    play('close');
    expect(world.isOver()).toBe(false);
    play(`${WATCH} obeys`);
    if (where !== 'idle') play(`${SAMPLE} stops`, 'session/turn/settle unchanged');
    expect(world.isOver()).toBe(true);
    expect(ended()).toEqual(['aborted']);
    expect(types().at(-1)).toBe('session.closed');
  });

  test('one that is handed over after the close is told to stop at once (B.9)', () => {
    const world = createWorld();
    world.play('session/open opens', 'say', `${SAMPLE} calls`, `${SAMPLE} completes`, `${CALL}/plan lasts`, 'tick');
    world.play('close', `${CALL}/exec goesOn`);
    judgeOf(world).check();
    expect(world.live().find(({ kind }) => kind === 'watch')?.commands).toEqual(['watch.end']);
    world.play(`${WATCH} obeys`, 'session/turn/settle unchanged');
    expect(world.isOver()).toBe(true);
  });

  test('talking to it needs no question, and the last words make it go', () => {
    const { world, judge, play } = withTerminal();
    play(`${WATCH} exits`, `${SAMPLE} calls`, `${SAMPLE} completes`, `${CALL}/plan talk`, `${CALL}/talk hearsended`);
    expect(world.context().terminals).toEqual([]);
    judge.end();
  });

  test.each(['crashes', 'breaks'])('a leaf or a machine that %s is told as unknown, once', (how) => {
    const { world, judge, play, ended } = withTerminal();
    play(`${SAMPLE} completes`, 'session/turn/settle unchanged');
    const path = how === 'crashes' ? WATCH : 'session/termturn-1.c';
    play(`${path} ${how}`);
    expect(ended()).toEqual(['unknown']);
    expect(world.live()).toEqual([]);
    judge.end();
    expect(ended()).toEqual(['unknown']);
  });
});

describe('who makes room (E.13)', () => {
  const many = (count: number, ended: readonly number[] = []): readonly Terminal[] =>
    Array.from({ length: count }, (_, at) => ({
      terminalId: String(at),
      what: '',
      phase: ended.includes(at) ? 'ended' : 'running',
    }));
  test('nobody as long as there is room', () => expect(evicted(many(MAX_TERMINALS))).toBe(null));
  test('the one that was not used for longest', () => expect(evicted(many(MAX_TERMINALS + 1))?.terminalId).toBe('0'));
  test('first one that ended, unless it was used lately', () => {
    expect(evicted(many(MAX_TERMINALS + 1, [30]))?.terminalId).toBe('30');
    expect(evicted(many(MAX_TERMINALS + 1, [MAX_TERMINALS + 1 - RECENT_TERMINALS]))?.terminalId).toBe('0');
  });
});
