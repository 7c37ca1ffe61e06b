/**
 * Every promise of the books and the judge, in every state that the walk comes to, nearest first: replies, turns, calls,
 * questions, terminals and reviews in pairs; words delivered once; requests and memory as told; nothing begun after a stop,
 * everybody told to stop; an end in time from everywhere (behaviour I.1–I.4, R1–R3, R5–R8, R10, R12, R29). `npm run test:walk` goes
 * on for a minute; here the number of steps is fixed, so that a slow machine sees the same as a quick one.
 */
import { describe, expect, it } from 'vitest';
import { edgesOf, statesOf } from './edges.ts';
import { stagedSession } from './puppets.ts';
import { LONG_ROADS, ROOTS } from './roots.ts';
import { LISTED_NAMES, whyUnreached } from './unreached.ts';
import { walk } from './walk.ts';
import { judgeOf } from './invariants.ts';
import { createWorld } from './world.ts';

const SECONDS = Number(process.env['TURNSTILE_WALK_SECONDS'] ?? 0);
const STEPS = 5_000;
const limits = SECONDS > 0 ? { forMs: SECONDS * 1_000 } : { forMs: 240_000, maxSteps: STEPS };

describe('a walk through all that can happen', () => {
  it(
    'keeps every promise, and takes every row of every chart',
    () => {
      const walked = walk(ROOTS, limits);
      const edges = edgesOf(stagedSession).map(({ name }) => name);
      const states = statesOf(stagedSession);
      const missed = edges.filter((name) => !walked.edges.has(name));
      console.log(
        `${walked.states} states in ${walked.steps} steps, up to ${walked.depth} deep, ${walked.left} not gone on from; ` +
          `${walked.edges.size} of ${edges.length} rows taken, ${walked.entered.size} of ${states.length} states of the charts entered`,
      );
      for (const name of missed) console.log(`not taken: ${name} (${whyUnreached(name) ?? 'nobody knows why'})`);
      for (const story of walked.impossible) console.log(`no way there: ${story.join('; ')}`);
      expect(walked.broken).toBeNull();
      expect(walked.impossible).toEqual([]);
      expect(states.filter((id) => !walked.entered.has(id) && whyUnreached(id) === null)).toEqual([]);
      expect(missed.filter((name) => whyUnreached(name) === null)).toEqual([]);
    },
    300_000 + SECONDS * 1_000,
  );

  it('names only rows and states that stand in a chart and are not taken', () => {
    const known = new Set([...edgesOf(stagedSession).map(({ name }) => name), ...statesOf(stagedSession)]);
    expect(LISTED_NAMES.filter((name) => !known.has(name))).toEqual([]);
  });

  it.each(LONG_ROADS)('keeps every promise at the end of a long road: %s, %s, …', (...story) => {
    const world = createWorld();
    const judge = judgeOf(world);
    for (const name of story) expect(world.act(name)).toBe(true);
    judge.check();
    world.play('session/turn/settle unchanged');
    judge.check();
    expect(world.facts().at(-1)).toMatchObject({ type: 'turn.failed', error: { kind: 'limitReached' } });
  });
});
