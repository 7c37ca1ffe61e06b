/** What a worker and a server have in common on the command line: the log, and how a session is run here. */
import { randomBytes } from 'node:crypto';
import { readFileSync, realpathSync } from 'node:fs';
import { hostname } from 'node:os';
import { isAbsolute, relative, resolve } from 'node:path';
import { startWorker, type Worker, type WorkerCounts } from '../../actors/fleet/worker.ts';
import type { SessionSpec } from '../../actors/fleet/words.ts';
import { openLog } from '../../actors/log/open.ts';
import type { SessionLog } from '../../actors/log/port.ts';
import { homeOf, resolveConfig } from '../config.ts';
import type { Flags } from '../flags.ts';
import { UsageError, type Surroundings } from '../mode.ts';
import { preloadRuntime } from '../open.ts';

export const numberIn = (given: string | undefined, flag: string, least: number): number | undefined => {
  if (given === undefined) return undefined;
  const value = Number(given);
  if (Number.isInteger(value) && value >= least) return value;
  throw new UsageError(`--${flag}: ${given} is no whole number from ${least}`);
};

export const logFor = async (flags: Flags, { env, cwd }: Surroundings): Promise<SessionLog> => {
  try {
    return await openLog({ url: flags.log ?? env['TURNSTILE_LOG'], home: homeOf(env, cwd), now: Date.now });
  } catch (error) {
    throw new UsageError(`the log cannot be opened: ${error instanceof Error ? error.message : String(error)}`);
  }
};

/** Of a file, so that it is in no list of processes; else of the environment; else a new one, which somebody must be told. */
export const tokenFor = (
  flags: Flags,
  { env, cwd }: Surroundings,
): { readonly token: string; readonly isNew: boolean } => {
  const given = flags.tokenFile === undefined ? env['TURNSTILE_TOKEN'] : readToken(resolve(cwd, flags.tokenFile));
  return given ? { token: given, isNew: false } : { token: randomBytes(32).toString('base64url'), isNew: true };
};
const readToken = (file: string): string => {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new UsageError(`--token-file: ${error instanceof Error ? error.message : String(error)}`);
  }
};

/** Sessions work in this folder or below it, links followed. */
export const mayWorkIn =
  (root: string) =>
  (cwd: string): string | null => {
    try {
      const inside = relative(realpathSync(root), realpathSync(resolve(root, cwd)));
      return isAbsolute(cwd) && !inside.startsWith('..') && !isAbsolute(inside) ? null : `spec.cwd: not below ${root}`;
    } catch {
      return `spec.cwd: there is no such folder`;
    }
  };

export const workerFor = async (log: SessionLog, flags: Flags, surroundings: Surroundings): Promise<Worker> => {
  const { env, cwd, version, streams } = surroundings;
  const sessions = numberIn(flags.sessions, FLAG_SESSIONS, 1);
  const perTenant = numberIn(flags.perTenant, FLAG_TENANT, 1);
  const leaseMs = numberIn(env['TURNSTILE_LEASE_MS'], 'TURNSTILE_LEASE_MS', 200);
  const idleMs = numberIn(env['TURNSTILE_IDLE_MS'], 'TURNSTILE_IDLE_MS', 0);
  const { createRuntime } = await preloadRuntime();
  const runtimeFor = async (spec: SessionSpec) => {
    const own: Flags = {
      ...flags,
      ...(spec.cwd === undefined ? {} : { cd: spec.cwd }),
      ...(spec.approval === undefined ? {} : { approval: spec.approval }),
    };
    const { runtime } = await resolveConfig({ flags: own, env, cwd, version, isAttended: spec.isUnattended !== true });
    return createRuntime({ ...runtime, keepsJournal: true });
  };
  await runtimeFor({}).then((runtime) => runtime[Symbol.asyncDispose]()); // a bad configuration is told now
  return startWorker({
    ...{ log, runtimeFor, sessions, perTenant, leaseMs, idleMs },
    owner: `${hostname()}-${process.pid}-${randomBytes(4).toString('hex')}`,
    tell: (message) => streams.err(`turnstile: ${message}\n`),
  });
};
const FLAG_SESSIONS = 'sessions';
const FLAG_TENANT = 'per-tenant';

export const metricsOf = (counts: WorkerCounts | null, streams: number): string => {
  const rows: readonly (readonly [string, number])[] = [
    ['turnstile_streams', streams],
    ...(counts === null
      ? []
      : ([
          ['turnstile_sessions_held', counts.held],
          ['turnstile_sessions_taken_total', counts.taken],
          ...Object.entries(counts.left).map(([how, n]) => [`turnstile_sessions_left_total{how="${how}"}`, n] as const),
          ['turnstile_ops_total', counts.ops],
          ['turnstile_commits_total', counts.commits],
          ['turnstile_lines_total', counts.lines],
          ['turnstile_failed_appends_total', counts.failedAppends],
        ] as const)),
  ];
  const memory = process.memoryUsage.rss();
  return [...rows, ['process_resident_memory_bytes', memory] as const].map(([name, n]) => `${name} ${n}\n`).join('');
};

export const untilStopped = (stop: AbortSignal): Promise<void> =>
  stop.aborted
    ? Promise.resolve()
    : new Promise((done) => stop.addEventListener('abort', () => done(), { once: true }));
