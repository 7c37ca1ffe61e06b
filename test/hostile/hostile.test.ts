/** R27, R30, R32, R33: more than two hundred attempts to get out of the sandbox, as root and as an ordinary user, judged from outside. */
import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findHost, probe } from '../../sandbox/host.ts';
import type { Attempt, Mode } from './attempt.ts';
import { GROUPS } from './attempts/index.ts';
import { judgeAll } from './batch.ts';
import type { Stage } from './judge.ts';
import { createWorld } from './world.ts';

const NOBODY = { uid: 65534, gid: 65534 };
const isRoot = process.getuid?.() === 0;

const host = await probe(findHost());
const problem =
  host.platform === 'linux'
    ? (host.probes['bubblewrap'] ?? (host.helpers['bwrap'] ? null : { reason: 'not installed' }))
    : { reason: 'not Linux' };
if (problem) console.warn(`the hostile suite is skipped: ${problem.reason}`);

type User = 'root' | 'ordinary';
/** Read-only differs from the other only in what may be written, so one user is enough for it. */
const users: readonly User[] = isRoot ? ['root', 'ordinary'] : ['ordinary'];
const modesOf = (user: User): readonly Mode[] => (isRoot && user === 'ordinary' ? ['workspace-write'] : modes);
const modes: readonly Mode[] = ['workspace-write', 'read-only'];

const isFor = (attempt: Attempt, user: User, mode: Mode): boolean =>
  (attempt.users ?? ['root', 'ordinary']).includes(user) && (attempt.modes ?? modes).includes(mode);

const table: string[] = [];
const setCanary = (): void => void (process.env['HOSTILE_CANARY'] = 'HOSTILE_CANARY_VALUE');

describe.skipIf(problem !== null)('the sandbox against', () => {
  beforeAll(() => {
    setCanary();
    expect(execFileSync('perl', ['-e', 'print 1'], { encoding: 'utf8' })).toBe('1');
  });
  afterAll(() => console.log(['attempts that were held:', ...table].join('\n')));

  for (const user of users) {
    for (const mode of modesOf(user)) {
      for (const group of GROUPS) {
        const attempts = group.attempts.filter((attempt) => isFor(attempt, user, mode));
        if (!(group.modes ?? modes).includes(mode)) continue;
        it(`${group.name}, ${mode}, ${user}: ${attempts.length} attempts`, { timeout: 300_000 }, async () => {
          const as = user === 'ordinary' && isRoot ? NOBODY : undefined;
          await using world = await createWorld(as?.uid ?? process.getuid?.() ?? 0);
          const stage: Stage = { world, host, mode, ...(as ? { as } : {}) };
          const missing = new Map(attempts.map((attempt) => [attempt, attempt.needs?.() ?? null] as const));
          const skipped = attempts.flatMap((one) => (missing.get(one) ? [`${one.name}: ${missing.get(one)}`] : []));
          const tried = attempts.filter((attempt) => missing.get(attempt) === null);
          const broken = (await judgeAll(tried, stage)).map(([{ name }, found]) => `${name}: ${found}`);
          const held = attempts.length - broken.length - skipped.length;
          table.push(`  ${`${group.name}, ${mode}, ${user}`.padEnd(44)} ${held} of ${attempts.length}`);
          for (const reason of skipped) table.push(`    skipped ${reason}`);
          expect(broken).toEqual([]);
        });
      }
    }
  }
});
