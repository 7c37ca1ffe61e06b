/** A few moments in each run of the tests; `npm run test:kills` takes two hundred. */
import { expect, it } from 'vitest';
import { killOnce, momentsOf } from './kills.ts';

const SEED = Date.now() % 1_000_000;

it.each(momentsOf(4, SEED))(
  `kill -9 %i ms into a session: nothing ran twice, no accepted word is missing, all is ended once, and it replays (R8, R36; seed ${SEED})`,
  async (afterMs) => {
    const { problems, folder } = await killOnce(afterMs);
    expect(problems, folder).toEqual([]);
  },
);
