/**
 * What a session of a fleet costs: `node test/figures/fleet.ts [SESSIONS…]`. Each count is measured with PostgreSQL and three
 * workers, and with files and one process, through HTTP, as a client sees it; the turns are short answers of the embedded model.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startPostgres } from '../fleet/postgres.ts';
import { clientOf, start, TOKEN, type Program } from '../fleet/programs.ts';
import { rounded } from './kit.ts';

const OPS = 400;
const AT_ONCE = 24;
const TICK_MS = 10;

const cpuOf = (pid: number | undefined): number => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
};
const memoryOf = (pid: number | undefined): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0);
const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);
const part = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0;

/** All of them, so many at once. */
const inTurn = async <T>(values: readonly T[], work: (value: T) => Promise<void>): Promise<void> => {
  const left = [...values];
  const one = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) await work(next);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
};

const measure = async (name: string, count: number, address: string, running: readonly Program[]): Promise<void> => {
  const client = clientOf(() => address);
  const pids = running.map(({ child }) => child.pid);
  const ids = Array.from({ length: count }, (_, n) => `n${count}-${n}`);
  const isDone = async (id: string, turns: number): Promise<boolean> =>
    ((await (await client.get(`/v1/sessions/${id}/journal`)).text()).match(/"type":"turn.completed"/g) ?? []).length >=
    turns;
  const say = async (id: string, op: string): Promise<number> => {
    const at = performance.now();
    await client.ask(id, { type: 'op.say', id: op, text: 'say hi' });
    return performance.now() - at;
  };
  const before = { memory: sum(pids.map(memoryOf)) };
  await inTurn(ids, async (id) => client.create(id, { tenant: id }));
  const first: number[] = [];
  await inTurn(ids, async (id) => void first.push(await say(id, 'op0')));
  for (const id of ids) while (!(await isDone(id, 1))) await sleep(50);
  const memory = (sum(pids.map(memoryOf)) - before.memory) / count;

  const turns = Math.ceil(OPS / count);
  const cpu = sum(pids.map(cpuOf));
  const at = performance.now();
  const latencies: number[] = [];
  await inTurn(ids, async (id) => {
    for (let n = 1; n <= turns; n += 1) {
      latencies.push(await say(id, `op${n}`));
      while (!(await isDone(id, n + 1))) await sleep(20);
    }
  });
  const seconds = (performance.now() - at) / 1000;
  const ops = turns * count;
  const cost = (sum(pids.map(cpuOf)) - cpu) / ops;
  const ms = (values: readonly number[], share: number) => rounded(part(values, share));
  console.info(
    `${name} | ${count} sessions | ${rounded(ops / seconds)} ops/s | op → accepted p50 ${ms(latencies, 0.5)} ms, p99 ${ms(latencies, 0.99)} ms | first op p50 ${ms(first, 0.5)} ms | ${rounded(cost, 1)} ms of processor an op | ${rounded(memory)} KiB a session`,
  );
};

const fleet = async (count: number): Promise<void> => {
  const root = mkdtempSync(join(tmpdir(), 'turnstile-figures-'));
  const work = join(root, 'work');
  mkdirSync(work);
  const postgres = await startPostgres();
  const own = { HOME: root, TURNSTILE_TOKEN: TOKEN, TURNSTILE_IDLE_MS: '600000' };
  const running: Program[] = [];
  try {
    if (postgres !== null) {
      const env = { ...own, TURNSTILE_LOG: postgres.database() };
      const at = (name: string) => ({ ...env, TURNSTILE_HOME: join(root, name) });
      running.push(await start(['serve'], at('server'), work));
      for (const name of ['a', 'b', 'c'])
        running.push(await start(['worker', '--yolo', '--sessions', '1000'], at(name), work));
      await measure('PostgreSQL', count, running[0]?.line ?? '', running);
      const [bytes, lines] = postgres
        .sql(env.TURNSTILE_LOG, "SELECT pg_total_relation_size('turnstile.record'), count(*) FROM turnstile.record")
        .split('|')
        .map(Number);
      console.info(
        `  ${rounded((bytes ?? 0) / (lines ?? 1))} bytes a line with its index, ${rounded(lines ?? 0)} lines`,
      );
      await Promise.all(running.splice(0).map(({ end }) => end('SIGTERM')));
    }
    const home = { ...own, TURNSTILE_HOME: join(root, 'files') };
    running.push(await start(['serve', '--yolo', '--sessions', '1000', '--per-tenant', '1000'], home, work));
    await measure('files', count, running[0]?.line ?? '', running);
  } finally {
    await Promise.all(running.map(({ end }) => end('SIGTERM')));
    await postgres?.[Symbol.asyncDispose]();
    rmSync(root, { recursive: true, force: true });
  }
};

const counts = process.argv.slice(2).map(Number);
for (const count of counts.length === 0 ? [10, 100, 1_000] : counts) await fleet(count);
process.exit(0);
