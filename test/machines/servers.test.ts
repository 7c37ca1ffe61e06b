/** The life of a server of tools, told as stories (R26): each line of a story is a choice of the world. */
import { describe, expect, it } from 'vitest';
import { CALL_PATIENCE_MS } from '../../machines/deadlines.ts';
import { MAX_MCP_RETRIES, MCP_BACKOFF_MS, MCP_STEADY_MS } from '../../machines/limits.ts';
import { judgeOf } from './invariants.ts';
import { createWorld, type World } from './world.ts';

const OPENS = 'session/open opens';
const LINK = 'session/mcp-s/link';
const LISTED = [OPENS, `${LINK} lists`] as const;
const AGAIN = [`${LINK} dies`, 'tick', `${LINK} lists`] as const;

const told = (...names: readonly string[]): World => {
  const world = createWorld({ servers: 'one' });
  const judge = judgeOf(world);
  for (const name of names) {
    world.play(name);
    judge.check();
  }
  return world;
};
const states = (world: World) => world.facts().flatMap((fact) => (fact.type === 'mcp.changed' ? [fact.state] : []));
const births = (world: World) => world.seen.filter((one) => one.kind === 'born' && one.puppet.kind === 'link').length;
const repeated = <T>(times: number, of: readonly T[]): readonly T[] => Array.from({ length: times }, () => of).flat();

describe('a server that was there', () => {
  it('is started again after a pause, and its tools come back', () => {
    const world = told(...LISTED, `${LINK} dies`);
    expect([births(world), world.live().length, world.time.now()]).toEqual([1, 0, 0]);
    world.play('tick');
    expect([births(world), world.time.now()]).toEqual([2, MCP_BACKOFF_MS]);
    world.play(`${LINK} lists`);
    expect(states(world)).toEqual(['connecting', 'ready', 'connecting', 'ready']);
  });

  it(`is given up after ${MAX_MCP_RETRIES} losses in a row, whether it came back between them or not`, () => {
    for (const round of [AGAIN, AGAIN.slice(0, -1)]) {
      const world = told(...LISTED, ...repeated(MAX_MCP_RETRIES, round), `${LINK} dies`);
      expect([births(world), states(world).at(-1), world.context().servers]).toEqual([
        MAX_MCP_RETRIES + 1,
        'failed',
        [],
      ]);
      expect(world.time.pending()).toBe(0);
    }
  });

  it('has its losses forgotten when it was there for a while', () => {
    const world = told(...LISTED, ...repeated(MAX_MCP_RETRIES, AGAIN));
    const before = world.time.now();
    world.play('tick');
    expect(world.time.now() - before).toBe(MCP_STEADY_MS);
    world.play(`${LINK} dies`, 'tick');
    expect(births(world)).toBe(MAX_MCP_RETRIES + 2);
  });

  it.each([
    ['while it is there', []],
    ['while it is lost', [`${LINK} dies`]],
    ['while it comes back', [`${LINK} dies`, 'tick']],
  ] as const)('ends with the session, and that is no failure: %s', (_, story) => {
    const world = told(...LISTED, ...story, 'close');
    const link = world.live().find(({ kind }) => kind === 'link');
    if (link !== undefined) expect(link.commands).toEqual(['link.end']);
    if (link !== undefined) world.play(`${LINK} obeys`);
    expect([states(world).at(-1), world.isOver()]).toEqual(['closed', true]);
  });
});

describe('a server that', () => {
  it('never was there is not started again', () => {
    const world = told(OPENS, `${LINK} dies`);
    expect([states(world), births(world), world.context().servers]).toEqual([['connecting', 'failed'], 1, []]);
  });

  it('says nothing is told to end, and waited for no longer than CALL_PATIENCE_MS', () => {
    const world = told(OPENS, 'tick');
    expect(world.live().map(({ commands }) => commands)).toEqual([['link.end']]);
    const before = world.time.now();
    world.play('tick');
    expect([world.time.now() - before, states(world)]).toEqual([CALL_PATIENCE_MS, ['connecting', 'failed']]);
  });
});
