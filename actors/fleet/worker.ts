/**
 * A worker: takes sessions for which words wait, or whose worker is lost; runs them; gives them back. It decides nothing that
 * the log does not confirm, so any number of workers may share one.
 *
 *   place      sessions are claimed when there is room, tenants in turn; when there is none, those asleep anyway make some
 *   lose       a lease that was not renewed in time is somebody else's: processes of that session end, nothing more is written
 *   drain      no more claims; turns may end, for a while; then each session is closed in words, and given back
 */
import type { Runtime } from '../contract.ts';
import { createCommitter } from '../log/committer.ts';
import { LEASE_MS, POLL_MS } from '../log/limits.ts';
import type { Lease, SessionLog } from '../log/port.ts';
import { startHeart } from './heart.ts';
import { DRAIN_MS, IDLE_MS, ROOM_PART, SESSIONS, SESSIONS_A_TENANT, UNOPENED_MS } from './limits.ts';
import { openTenure, type Leaving, type Tenure } from './tenure.ts';
import { specIn, type SessionSpec } from './words.ts';

export interface WorkerOptions {
  readonly log: SessionLog;
  /** Unique in the fleet, and new with each process. */
  readonly owner: string;
  /** How a session of this kind is run. Equal specs share a runtime. */
  readonly runtimeFor: (spec: SessionSpec) => Promise<Runtime>;
  readonly tell: (message: string) => void;
  readonly sessions?: number | undefined;
  readonly perTenant?: number | undefined;
  readonly leaseMs?: number | undefined;
  readonly idleMs?: number | undefined;
}

export interface WorkerCounts {
  readonly held: number;
  readonly taken: number;
  readonly left: Readonly<Record<Leaving, number>>;
  readonly ops: number;
  readonly commits: number;
  readonly lines: number;
  readonly failedAppends: number;
}

export interface Worker {
  readonly counts: () => WorkerCounts;
  /** Whether the log was reached within the lease. */
  readonly isWell: () => boolean;
  readonly drain: () => Promise<void>;
}

/** Does not keep a process that wants to end. */
const patience = (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms).unref());
const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

export const startWorker = async (options: WorkerOptions): Promise<Worker> => {
  const { log, owner, runtimeFor, tell, idleMs = IDLE_MS } = options;
  const { sessions = SESSIONS, perTenant = SESSIONS_A_TENANT, leaseMs = LEASE_MS } = options;
  const tenures = new Map<string, Tenure | 'opening'>();
  const runtimes = new Map<string, { readonly runtime: Promise<Runtime>; users: number }>();
  const counts = { taken: 0, left: { asleep: 0, closed: 0, lost: 0 }, ops: 0 };
  const state: { kind: 'working' | 'draining'; looking: 'resting' | 'busy' | 'again' } = {
    ...{ kind: 'working', looking: 'resting' },
  };
  const open = (): readonly Tenure[] => [...tenures.values()].filter((tenure) => tenure !== 'opening');

  const committer = createCommitter({
    log,
    owner,
    onTrouble: (trouble) => tell(trouble === null ? 'the log can be reached again' : `the log: ${trouble}`),
  });
  const heart = await startHeart({
    log,
    owner,
    leaseMs,
    onLate: (held) => {
      const ours = new Set(held.map(({ id, epoch }) => `${id} ${epoch}`));
      const lost = open().filter(({ lease }) => !ours.has(`${lease.id} ${lease.epoch}`));
      if (lost.length > 0) tell(`the lease was renewed too late; ${lost.length} sessions are others' by now`);
      for (const tenure of lost) void tenure.leave('lost');
    },
    onAbandoned: () => {
      for (const tenure of open()) void tenure.leave('lost');
    },
  });

  const borrow = (spec: string) => {
    const known = runtimes.get(spec) ?? { runtime: runtimeFor(specIn(spec)), users: 0 };
    runtimes.set(spec, known);
    known.users += 1;
    return {
      runtime: known.runtime,
      giveBack: () => {
        known.users -= 1;
        if (known.users > 0) return;
        runtimes.delete(spec);
        void known.runtime.then((runtime) => runtime[Symbol.asyncDispose]()).catch(() => undefined);
      },
    };
  };

  /** As long as we live, nobody else may take what we hold; so what we let go must be known to be free. */
  const freeing = new Set<Promise<void>>();
  const free = async (lease: Lease): Promise<void> => {
    try {
      await log.release(lease);
    } catch {
      await patience(POLL_MS);
      if (state.kind === 'working') return free(lease);
    }
  };
  const giveBack = (lease: Lease): void => {
    const freed = free(lease).finally(() => freeing.delete(freed));
    freeing.add(freed);
  };

  const take = async (lease: Lease): Promise<void> => {
    tenures.set(lease.id, 'opening');
    counts.taken += 1;
    const borrowed = borrow(lease.spec);
    const onLeft = (how: Leaving): void => {
      if (how !== 'lost') giveBack(lease);
      const tenure = tenures.get(lease.id);
      if (tenure !== undefined && tenure !== 'opening') counts.ops += tenure.ops();
      counts.left[how] += 1;
      tenures.delete(lease.id);
      borrowed.giveBack();
    };
    try {
      const runtime = await borrowed.runtime;
      const tenure = await openTenure({ log, lease, committer, heart, runtime, onLeft });
      if (tenures.has(lease.id)) tenures.set(lease.id, tenure);
      if (state.kind === 'draining') await tenure.leave('closed');
    } catch (error) {
      // Not here, and perhaps nowhere; but somebody who looks at it must find out why.
      tell(`session ${lease.id} cannot be opened: ${wordsOf(error)}`);
      await patience(UNOPENED_MS);
      giveBack(lease);
      if (tenures.has(lease.id)) onLeft('lost');
    }
  };

  const makeRoom = (): void => {
    const quiet = open().filter((tenure) => tenure.idleMs() > 0);
    const byAge = quiet.toSorted((a, b) => b.idleMs() - a.idleMs());
    for (const tenure of byAge.slice(0, Math.ceil(sessions * ROOM_PART))) void tenure.leave('asleep');
  };
  const claim = async (): Promise<void> => {
    const room = sessions - tenures.size;
    if (room <= 0) return makeRoom();
    for (const lease of await log.claim(owner, { max: room, perTenant })) void take(lease);
  };
  const look = (): void => {
    if (state.kind === 'draining') return;
    if (state.looking !== 'resting') return void (state.looking = 'again');
    state.looking = 'busy';
    const rest = (): void => {
      const isAsked = state.looking === 'again';
      state.looking = 'resting';
      if (isAsked) look();
    };
    claim().then(rest, rest); // a log that cannot be reached is asked again with the next tick
  };

  const wake = (id: string): void => {
    const tenure = tenures.get(id);
    if (tenure === undefined) look();
    else if (tenure !== 'opening') tenure.wake();
  };
  const unsubscribe = log.subscribe(({ kind, id }) => {
    if (kind === 'inbox') wake(id);
  });
  const tick = setInterval(() => {
    for (const tenure of open()) if (tenure.idleMs() > idleMs) void tenure.leave('asleep');
    log.waiting(owner).then(
      (ids) => ids.forEach((id) => wake(id)),
      () => undefined,
    );
    look();
  }, POLL_MS);
  look();

  const drain = async (): Promise<void> => {
    state.kind = 'draining';
    unsubscribe();
    clearInterval(tick);
    const until = performance.now() + DRAIN_MS;
    const isBusy = () => tenures.size > open().length || open().some((tenure) => tenure.idleMs() === 0);
    while (isBusy() && performance.now() < until) await new Promise((resolve) => setTimeout(resolve, 20));
    await Promise.all(open().map((tenure) => tenure.leave(tenure.idleMs() > 0 ? 'asleep' : 'closed')));
    await Promise.all(freeing);
    await heart.stop(); // and with it the lease of whatever could not be given back
    committer.close();
    await Promise.all([...runtimes.values()].map(async ({ runtime }) => (await runtime)[Symbol.asyncDispose]()));
  };

  return {
    counts: () => {
      const { commits, lines, failures } = committer.counts();
      const ops = counts.ops + open().reduce((sum, tenure) => sum + tenure.ops(), 0);
      return {
        held: tenures.size,
        taken: counts.taken,
        left: counts.left,
        ops,
        commits,
        lines,
        failedAppends: failures,
      };
    },
    isWell: () => heart.isFresh(),
    drain: () => drain(),
  };
};
