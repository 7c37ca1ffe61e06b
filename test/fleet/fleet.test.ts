/** Workers that are lost, and what their sessions make of it. R36; `node test/fleet/chaos.ts 50` is the long form. */
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RuntimeEvent, Stamped } from '../../machines/protocol/index.ts';
import { chaos } from './chaos.ts';
import { startPostgres, type TestPostgres } from './postgres.ts';
import { clientOf, start, type Program } from './programs.ts';

const held: { postgres: TestPostgres | null } = { postgres: null };
beforeAll(async () => {
  held.postgres = await startPostgres();
}, 60_000);
afterAll(async () => held.postgres?.[Symbol.asyncDispose]());

const commandLine = (pid: string): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1');
  } catch {
    return ''; // gone meanwhile
  }
};
/** Processes with this word among their arguments. */
const withWord = (word: string): readonly string[] =>
  readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && commandLine(pid).split('\0').includes(word));
const until = async (fact: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await fact())) await sleep(50);
};

describe('a worker that is lost', () => {
  it.each(['SIGSTOP', 'SIGKILL'] as const)(
    'by %s leaves its session to another, which never runs its command again, and its processes end',
    async (signal) => {
      if (held.postgres === null) return console.info('skipped: there is no PostgreSQL here');
      const root = mkdtempSync(join(tmpdir(), 'turnstile-lost-'));
      const work = join(root, 'work');
      mkdirSync(work);
      const env = { HOME: root, TURNSTILE_LOG: held.postgres.database(), TURNSTILE_LEASE_MS: '2000' };
      const worker = (name: string) => start(['worker', '--yolo'], { ...env, TURNSTILE_HOME: join(root, name) }, work);
      const programs: Program[] = [];
      try {
        const server = await start(['serve'], { ...env, TURNSTILE_HOME: join(root, 'server') }, work);
        const first = await worker('first');
        programs.push(server, first);
        const client = clientOf(() => server.line);
        await client.create('s');
        const word = `61.${Math.floor(Math.random() * 1e9)}`;
        await client.ask('s', { type: 'op.say', id: 'a', text: `run sleep ${word}` });
        await until(() => withWord(word).length > 0);
        first.child.kill(signal);
        programs.push(await worker('second'));

        const facts: Stamped<RuntimeEvent>[] = [];
        for await (const fact of client.follow('s', 0, AbortSignal.timeout(120_000))) {
          facts.push(fact);
          if (fact.type === 'turn.aborted') break;
        }
        expect(facts.at(-1)).toMatchObject({ type: 'turn.aborted', reason: 'lost' });
        expect(facts.filter(({ type }) => type === 'call.finished')).toMatchObject([{ status: 'unknown' }]);
        if (signal === 'SIGSTOP') {
          expect(withWord(word)).not.toEqual([]); // nobody else may touch it; its own worker does, as soon as it can
          first.child.kill('SIGCONT');
        }
        await until(() => withWord(word).length === 0);
        expect(first.child.exitCode).toBe(null); // it was not the end of the worker itself, if it was only paused
        await client.ask('s', { type: 'op.say', id: 'b', text: 'say hi' });
        const journal = await (await client.get('/v1/sessions/s/journal')).text();
        expect(journal.match(/"kind":"effect",/g)).toHaveLength(1);
      } finally {
        for (const { child } of programs) child.kill('SIGCONT');
        await Promise.all(programs.map(({ end }) => end('SIGKILL')));
        rmSync(root, { recursive: true, force: true });
      }
    },
    180_000,
  );

  it('R36: no op is lost, no command runs twice, each call has one output and each turn one end', async () => {
    const seed = Date.now() % 1_000_000;
    const report = await chaos({ rounds: 2, seed, faults: ['cut', 'kill'], workers: 2, sessions: 3, leaseMs: 3_000 });
    if (report === null) return;
    expect(report.problems, `seed ${seed}`).toEqual([]);
    expect(report.turns).toBeGreaterThan(6);
    // Nobody takes over what may still be somebody's.
    for (const ms of report.takeOverMs) expect(ms).toBeGreaterThan(1_500);
  }, 180_000);
});
