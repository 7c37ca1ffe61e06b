/** A few of the deliberate faults, and what must be true of all of them; `npm run test:mutation` tries each. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FAULTS, type JudgeName } from './faults.ts';
import { isCaught, tryFault } from './trial.ts';

const SAMPLE: readonly (readonly [name: string, judge: JudgeName])[] = [
  ['an answered question stays open for the session', 'tests'],
  ['what waits is dropped instead of given back', 'stories'],
  ['a cancelled call tells no end', 'walk'],
];

describe('a deliberate fault', () => {
  it.each(FAULTS.map((fault) => [fault.name, fault] as const))('can be made: %s', (_, { file, from, to }) => {
    const text = readFileSync(new URL(`../../machines/${file}`, import.meta.url), 'utf8');
    expect(text.split(from).length - 1).toBe(1);
    expect(to).not.toBe(from);
  });

  it('has a name of its own', () => expect(new Set(FAULTS.map(({ name }) => name)).size).toBe(FAULTS.length));

  it.each(SAMPLE)('%s: the %s notice', async (name, judge) => {
    const trial = await tryFault(
      FAULTS.find((fault) => fault.name === name)!,
      { judges: [judge] },
    );
    expect(trial.spoilt).toBeNull();
    expect(isCaught(trial)).toBe(true);
  });

  it('is not seen where there is none', async () => {
    expect(await tryFault(null, { judges: ['tests'] })).toEqual({ noticed: {}, spoilt: null });
  });

  it('that cannot be made says so, and counts as nothing', async () => {
    const trial = await tryFault({ name: 'none', file: 'call.machine.ts', from: 'not there', to: '' });
    expect(trial.spoilt).toBe('the text is not there any more');
    expect(isCaught(trial)).toBe(false);
  });
});
