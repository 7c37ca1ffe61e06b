/**
 * A fleet that is hurt, round by round, while clients go on asking: `node test/fleet/chaos.ts [ROUNDS] [SEED] [MINUTES]`.
 * Afterwards every session is judged by its log, and by what its commands left on disk.
 */
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isTurnEnding } from '../../machines/protocol/index.ts';
import { clientOf, start, type Program } from './programs.ts';
import { startPostgres, type TestPostgres } from './postgres.ts';
import { problemsOf, takeOversIn, type Loss } from './verdict.ts';

/** A client that hears nothing for so long says something else. Milliseconds. */
const PATIENCE_MS = 8_000;

export const FAULTS = ['kill', 'pause', 'cut', 'crash', 'server', 'drain'] as const;
export type Fault = (typeof FAULTS)[number];

export interface Plan {
  readonly rounds: number;
  readonly seed: number;
  readonly faults: readonly Fault[];
  readonly workers: number;
  readonly sessions: number;
  readonly leaseMs: number;
  /** No round begins after so many; absent: all of them do. */
  readonly minutes?: number;
}
export interface Report {
  readonly rounds: number;
  readonly seed: number;
  readonly faults: Readonly<Record<Fault, number>>;
  readonly turns: number;
  readonly lost: number;
  readonly ran: number;
  /** From the loss of a worker to the first word of the next one, for each session that was in the middle of something. Milliseconds. */
  readonly takeOverMs: readonly number[];
  readonly problems: readonly string[];
}

/** A generator that a seed repeats; mulberry32. */
const randomOf = (seed: number) => {
  const state = { at: seed >>> 0 };
  return () => {
    state.at = (state.at + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state.at ^ (state.at >>> 15), 1 | state.at);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
};

/** `ready` once every round is survived. Null without PostgreSQL. */
export const chaos = async (plan: Plan): Promise<Report | null> => {
  const { rounds, seed, leaseMs } = plan;
  const postgres: TestPostgres | null = await startPostgres();
  if (postgres === null) return null;
  const random = randomOf(seed);
  const root = mkdtempSync(join(tmpdir(), 'turnstile-chaos-'));
  const work = join(root, 'work');
  mkdirSync(work);
  const url = postgres.database();
  const env = { HOME: root, TURNSTILE_LOG: url, TURNSTILE_LEASE_MS: String(leaseMs), TURNSTILE_IDLE_MS: '3000' };
  const home = (name: string) => ({ ...env, TURNSTILE_HOME: join(root, name) });
  const count = { workers: 0 };
  const startWorker = () =>
    start(['worker', '--dangerously-bypass-approvals-and-sandbox'], home(`worker-${++count.workers}`), work);
  const startServer = (port = '0') => start(['serve', '--port', port], home('server'), work);

  const server = { program: await startServer() };
  const address = server.program.line;
  const workers: Program[] = [];
  for (let n = 0; n < plan.workers; n += 1) workers.push(await startWorker());
  const client = clientOf(() => address);

  const stop = new AbortController();
  const hangUp = new AbortController();
  const sessions = Array.from({ length: plan.sessions }, (_, n) => ({
    ...{ id: `s${n}`, kept: [] as string[], seen: [] as number[], ends: 0, lost: 0 },
    news: Promise.withResolvers<void>(),
  }));
  type Client = (typeof sessions)[number];
  const listen = async (session: Client): Promise<void> => {
    for await (const fact of client.follow(session.id, 0, hangUp.signal)) {
      session.seen.push(fact.seq);
      if (!isTurnEnding(fact)) continue;
      session.ends += 1;
      if (fact.type === 'turn.aborted' && fact.reason === 'lost') session.lost += 1;
      session.news.resolve();
      session.news = Promise.withResolvers();
    }
  };
  const talk = async (session: Client): Promise<void> => {
    for (let n = 0; !stop.signal.aborted; n += 1) {
      const id = `${session.id}-op${n}`;
      const { ends } = session;
      const marks = join(work, `${session.id}.ran`);
      await client.ask(session.id, {
        type: 'op.say',
        id,
        text: `run echo ${id} >> ${marks}; sleep 0.${n % 5}; echo done`,
      });
      session.kept.push(id);
      // Words that were accepted and not begun when a worker was lost are held until the user says something.
      const patience = AbortSignal.timeout(PATIENCE_MS);
      const enough = new Promise<void>((resolve) => patience.addEventListener('abort', () => resolve()));
      while (session.ends === ends && !patience.aborted) await Promise.race([session.news.promise, enough]);
      await sleep(100); // a person reads
    }
  };
  for (const { id } of sessions) await client.create(id, { tenant: `tenant ${id}` });
  const listening = sessions.map(listen);
  const talking = sessions.map(talk);

  const losses: Loss[] = [];
  const done = { rounds: 0 };
  const faults: Record<Fault, number> = { kill: 0, pause: 0, cut: 0, crash: 0, server: 0, drain: 0 };
  const hurt = async (fault: Fault): Promise<void> => {
    faults[fault] += 1;
    const at = Math.floor(random() * workers.length);
    const worker = workers[at];
    if (worker === undefined) return;
    switch (fault) {
      case 'kill': {
        losses.push({ pid: worker.child.pid ?? 0, at: Date.now() });
        worker.child.kill('SIGKILL');
        await worker.ended;
        await sleep(leaseMs); // nobody else comes to help before the lease is over
        workers[at] = await startWorker();
        return;
      }
      case 'pause': {
        losses.push({ pid: worker.child.pid ?? 0, at: Date.now() });
        worker.child.kill('SIGSTOP');
        await sleep(leaseMs * 1.5);
        worker.child.kill('SIGCONT');
        return;
      }
      case 'cut':
        postgres.sql(
          url,
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'turnstile'",
        );
        return;
      case 'crash':
        return postgres.restart();
      case 'server':
        await server.program.end('SIGKILL');
        server.program = await startServer(address.split(':').at(-1));
        return;
      case 'drain':
        await worker.end('SIGTERM');
        workers[at] = await startWorker();
        return;
    }
  };
  const answers = () => sessions.map(({ ends }) => ends);
  const allAnswer = async (): Promise<void> => {
    const before = answers();
    const patience = performance.now() + 60_000;
    while (sessions.some(({ ends }, n) => ends <= (before[n] ?? 0))) {
      if (performance.now() > patience) {
        const dumb = sessions.filter(({ ends }, n) => ends <= (before[n] ?? 0)).map(({ id }) => id);
        throw new Error(`no answer from ${dumb.join(' ')}: ${workers.map((w) => w.said()).join('')}`);
      }
      await sleep(50);
    }
  };

  try {
    await allAnswer();
    const patience = performance.now() + (plan.minutes ?? Infinity) * 60_000;
    for (let round = 0; round < rounds && performance.now() < patience; round += 1) {
      done.rounds += 1;
      const fault = plan.faults[round % plan.faults.length] ?? 'kill';
      await sleep(random() * 400);
      await hurt(fault);
      await allAnswer();
      if (process.stdout.isTTY) process.stdout.write(`round ${round + 1}: ${fault}, ${answers().join(' ')}\n`);
    }
    stop.abort();
    await Promise.all(talking);
    if (process.env['TURNSTILE_TOLD']) console.info(workers.map((worker) => worker.said()).join('---\n'));
    for (const worker of workers) await worker.end('SIGTERM');
    await server.program.end('SIGTERM');
    hangUp.abort();
    await Promise.all(listening);
    const judged = sessions.map(({ id, kept, seen }) => {
      const rows = postgres.sql(
        url,
        `SELECT json_agg(line ORDER BY position) FROM turnstile.record WHERE session = '${id}'`,
      );
      const marks = join(work, `${id}.ran`);
      const lines = JSON.parse(rows) as string[];
      const ran = existsSync(marks) ? readFileSync(marks, 'utf8').split('\n').filter(Boolean) : [];
      return {
        ran: ran.length,
        problems: problemsOf({ id, kept, seen, ran, lines }),
        takeOverMs: takeOversIn(lines, losses),
      };
    });
    return {
      ...{ ...done, seed, faults },
      turns: sessions.reduce((sum, { ends }) => sum + ends, 0),
      lost: sessions.reduce((sum, { lost }) => sum + lost, 0),
      ran: judged.reduce((sum, { ran }) => sum + ran, 0),
      takeOverMs: judged.flatMap(({ takeOverMs }) => takeOverMs),
      problems: judged.flatMap(({ problems }) => problems),
    };
  } catch (error) {
    appendFileSync(join(root, 'said'), workers.map((worker) => worker.said()).join('---\n'));
    throw error;
  } finally {
    stop.abort();
    hangUp.abort();
    for (const { child } of [...workers, server.program]) child.kill('SIGKILL');
    await postgres[Symbol.asyncDispose]();
    rmSync(root, { recursive: true, force: true });
  }
};

if (import.meta.main) {
  const [rounds = '50', seed = String(Date.now() % 1_000_000), minutes = '60'] = process.argv.slice(2);
  console.info(`seed ${seed}`);
  const leaseMs = Number(process.env['TURNSTILE_LEASE_MS'] ?? 3_000);
  const report = await chaos({
    ...{ rounds: Number(rounds), seed: Number(seed), leaseMs },
    ...{ faults: FAULTS, workers: 3, sessions: 9, minutes: Number(minutes) },
  });
  const sorted = report?.takeOverMs.toSorted((a, b) => a - b) ?? [];
  const worst = Math.round(sorted.at(-1) ?? 0);
  const { takeOverMs: _, ...rest } = report ?? { takeOverMs: [] };
  console.info(
    JSON.stringify(
      { ...rest, takeOvers: sorted.length, median: Math.round(sorted[sorted.length >> 1] ?? 0), worst },
      null,
      2,
    ),
  );
  process.exit(report === null || report.problems.length > 0 ? 1 : 0);
}
