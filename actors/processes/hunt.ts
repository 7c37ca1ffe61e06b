/**
 * Ends all of a command, and looks until nobody is left. Linux; elsewhere only the process group and the tree of parents
 * (see prey.ts). A process that cleared its environment and left the session and lost its parent is not found: only a
 * pid namespace holds that one, and there SIGKILL to its first process is enough.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { KILL_AFTER_MS } from '../../machines/deadlines.ts';
import { survivors, type Prey } from './prey.ts';
import { isDeafToTerm } from './procfs.ts';

/** How long SIGKILL is repeated before a hunt gives up: a process inside a dead disk cannot die. */
export const HUNT_MS = 400;
/** Rounds of a hunt that cannot wait. */
const ROUNDS_AT_ONCE = 20;
const FIRST_PAUSE_MS = 2;
const LONGEST_PAUSE_MS = 20;

/** True if there was somebody. */
export const send = (pid: number, signal: NodeJS.Signals): boolean => {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
};

export const sendToGroup = (leader: number, signal: NodeJS.Signals): boolean => send(-leader, signal);

/** SIGKILL to everybody, again as long as new ones appear. For the moment when nothing can be awaited. */
export const killAtOnce = (prey: Prey): void => {
  const seen = new Set<number>();
  for (let round = 0; round < ROUNDS_AT_ONCE; round++) {
    sendToGroup(prey.leader, 'SIGKILL');
    const fresh = survivors(prey).filter((pid) => !seen.has(pid));
    if (fresh.length === 0) return;
    for (const pid of fresh) {
      seen.add(pid);
      send(pid, 'SIGKILL');
    }
  }
};

/** Looks again and again, quickly at first, until `isOver` or the time is up. */
export const until = async (isOver: () => boolean, withinMs: number): Promise<boolean> => {
  const deadline = performance.now() + withinMs;
  for (let wait = FIRST_PAUSE_MS; ; wait = Math.min(wait * 2, LONGEST_PAUSE_MS)) {
    if (isOver()) return true;
    if (performance.now() >= deadline) return false;
    await pause(wait);
  }
};

/** SIGKILL until nobody is left. */
export const killAll = async (prey: Prey): Promise<void> => {
  await until(() => {
    const left = survivors(prey);
    if (left.length > 0) killAtOnce(prey);
    return left.length === 0;
  }, HUNT_MS);
};

/** SIGTERM to everybody, and as much time as they need to obey; then SIGKILL, and sooner if only the deaf remain. */
export const endAll = async (prey: Prey, force: AbortSignal): Promise<void> => {
  const asked = survivors(prey);
  for (const signal of ['SIGTERM', 'SIGCONT'] as const) {
    sendToGroup(prey.leader, signal); // one that was stopped must go on to be able to obey
    for (const pid of asked) send(pid, signal);
  }
  await until(() => force.aborted || survivors(prey).every(isDeafToTerm), KILL_AFTER_MS);
  await killAll(prey);
};
