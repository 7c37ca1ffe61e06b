/** R27, R30, R32: what Landlock holds of a read-only policy, as root and as an ordinary user; what it does not is named. */
import { afterAll, describe, expect, it } from 'vitest';
import { landlock } from '../../sandbox/backends/landlock.backend.ts';
import { findHost, probeLandlock } from '../../sandbox/host.ts';
import { GROUPS } from './attempts/index.ts';
import { NOT_BY_LANDLOCK, onlyLandlock } from './attempts/landlock.ts';
import { judgeAll } from './batch.ts';
import type { Stage } from './judge.ts';
import { createWorld } from './world.ts';

const NOBODY = { uid: 65534, gid: 65534 };
const isRoot = process.getuid?.() === 0;
/** All groups as everybody: `TURNSTILE_DEEP=1`. Otherwise those that differ from what bubblewrap does most. */
const isDeep = process.env['TURNSTILE_DEEP'] === '1';
const SHORT: Readonly<Record<string, readonly string[]>> = {
  root: ['landlock', 'kernel', 'secrets', 'network'],
  ordinary: ['landlock', 'files'],
};

const host = await probeLandlock(findHost());
const problem = landlock.unavailable(host, { kind: 'readOnly', network: 'off', fallback: 'landlock' });
if (problem) console.warn(`Landlock is not tried: ${problem.reason} (${problem.layer})`);

const users = isRoot ? (['root', 'ordinary'] as const) : (['ordinary'] as const);
const table: string[] = [];

describe.skipIf(problem !== null)('Landlock against', () => {
  afterAll(() => console.log(['attempts that Landlock held:', ...table].join('\n')));

  for (const user of users) {
    for (const group of [onlyLandlock, ...GROUPS]) {
      if (group.name === 'resources' || (!isDeep && !SHORT[user]?.includes(group.name))) continue;
      const attempts = group.attempts.filter(
        ({ users: only, modes }) => (only ?? users).includes(user) && (modes ?? ['read-only']).includes('read-only'),
      );
      it(`${group.name}, ${user}: ${attempts.length} attempts`, { timeout: 300_000 }, async () => {
        process.env['HOSTILE_CANARY'] = 'HOSTILE_CANARY_VALUE';
        const as = user === 'ordinary' && isRoot ? NOBODY : undefined;
        await using world = await createWorld(as?.uid ?? process.getuid?.() ?? 0);
        const stage: Stage = { world, host, mode: 'read-only', backend: 'landlock', ...(as ? { as } : {}) };
        const surprises: string[] = [];
        const open: string[] = [];
        const tried = attempts.filter((attempt) => !attempt.needs?.());
        for (const [attempt, broken] of await judgeAll(tried, stage)) {
          const why = NOT_BY_LANDLOCK[attempt.name];
          if (why === undefined) surprises.push(`${attempt.name}: ${broken}`);
          else open.push(`${attempt.name}: ${why}`);
        }
        const held = attempts.length - surprises.length - open.length;
        table.push(`  ${`${group.name}, ${user}`.padEnd(44)} ${held} of ${attempts.length}`);
        for (const reason of open) table.push(`    open: ${reason}`);
        expect(surprises).toEqual([]);
      });
    }
  }
});
