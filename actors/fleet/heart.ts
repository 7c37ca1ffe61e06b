/**
 * One heartbeat for everything that a worker holds. It also knows what cannot be asked from inside: whether we still are who
 * we think we are. A worker that slept longer than its lease finds itself late, and acts on nothing before it has asked.
 *
 *   fresh    renewed within the lease, measured from before the renewal was sent, with a margin for clocks
 *   late     not so: whoever wants to act waits for the next renewal, and for what it takes away
 */
import { ABANDON_LEASES, HEARTBEATS_A_LEASE } from '../log/limits.ts';
import type { Renewed, SessionLog } from '../log/port.ts';

/** Clocks differ, and a process can be paused between a look and an act. Part of the lease. */
const MARGIN = 0.15;

export interface HeartOptions {
  readonly log: Pick<SessionLog, 'renew'>;
  readonly owner: string;
  readonly leaseMs: number;
  /** Everything that is not named is lost. */
  readonly onLate: (held: Extract<Renewed, { kind: 'late' }>['held']) => void;
  /** The log could not be reached for so long that nothing here can still be ours. */
  readonly onAbandoned: () => void;
}

export interface Heart {
  readonly isFresh: () => boolean;
  /** Resolves after the next renewal, when what it took away is gone. */
  readonly next: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

export const startHeart = async (options: HeartOptions): Promise<Heart> => {
  const { log, owner, leaseMs, onLate, onAbandoned } = options;
  const life = new AbortController();
  const state = { freshUntil: -Infinity, abandonAt: Infinity, beat: Promise.withResolvers<void>() };

  const renew = async (): Promise<void> => {
    const sentAt = performance.now();
    const renewed = await log.renew(owner, leaseMs);
    if (renewed.kind === 'late') onLate(renewed.held);
    state.freshUntil = sentAt + leaseMs * (1 - MARGIN);
    state.abandonAt = sentAt + leaseMs * ABANDON_LEASES;
    const { beat } = state;
    state.beat = Promise.withResolvers();
    beat.resolve();
  };
  const pause = () =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, leaseMs / HEARTBEATS_A_LEASE);
      life.signal.addEventListener('abort', () => {
        clearTimeout(timer);
        resolve();
      });
    });
  const run = async (): Promise<void> => {
    while (!life.signal.aborted) {
      await pause();
      if (life.signal.aborted) return;
      try {
        await renew();
      } catch {
        if (performance.now() > state.abandonAt) onAbandoned();
      }
    }
  };

  await renew();
  const running = run();
  return {
    isFresh: () => performance.now() < state.freshUntil,
    next: () => state.beat.promise,
    stop: async () => {
      life.abort();
      await running;
      await log.renew(owner, 0).catch(() => undefined); // nobody needs to wait for our lease to end
    },
  };
};
