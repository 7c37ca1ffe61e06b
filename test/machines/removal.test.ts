/** A row that is taken out of a chart is missed: a promise breaks, or the walk tells another story. `TURNSTILE_DEEP=1` takes out each. */
import { describe, expect, it } from 'vitest';
import { withoutRow } from './removal.ts';
import { ROOTS } from './roots.ts';
import { QUIET } from './unreached.ts';
import { walk } from './walk.ts';

const isDeep = process.env['TURNSTILE_DEEP'] === '1';
/** Of so many rows one is taken out; the same ones each time. */
const EVERY = 12;
const STEPS = isDeep ? 5_000 : 1_500;

describe('a chart without one of its rows', () => {
  it('is noticed', () => {
    const { edges, broken } = walk(ROOTS, { forMs: 240_000, maxSteps: STEPS });
    expect(broken).toBeNull();
    const chosen = [...edges].filter((_, n) => isDeep || n % EVERY === 0);
    const outcomes = chosen.map(([name, root]) => ({ name, ...withoutRow(name, root) }));
    const count = (by: string): number => outcomes.filter((outcome) => outcome.by === by).length;
    console.log(
      `${chosen.length} rows taken out: ${count('promise')} broke a promise, ${count('story')} told another story`,
    );
    if (isDeep) for (const outcome of outcomes) console.log(JSON.stringify(outcome));
    expect(outcomes.filter(({ by, name }) => by === 'nobody' && !(name in QUIET)).map(({ name }) => name)).toEqual([]);
  }, 600_000);
});
