/**
 * Which processes belong to a command: its process group and session, everybody who carries its mark in the environment,
 * and the children of those. A process leaves its group with one call; it leaves its environment only on purpose.
 *
 * Looking at every process of the machine would cost milliseconds per command, and almost no command leaves anybody
 * behind. So first: how many process ids were given out since it began? A few are asked one by one, and none means none.
 * On macOS there is no /proc: the group and the tree of parents as `ps` tells them (untested).
 */
import { spawnSync } from 'node:child_process';
import { allPids, carries, factsOf, lastPid, pidLimit, type ProcessFacts } from './procfs.ts';

export interface Prey {
  /** Leader of the process group. */
  readonly leader: number;
  /** Unguessable; in the environment of everything the command starts. */
  readonly mark: string;
  /** The last process id before the command began. */
  readonly after: number | null;
  /** `performance.now()` at that moment. */
  readonly since: number;
}

/** Up to so many ids are asked one by one. */
const ASK_EACH = 256;
/** Faster than any machine gives out process ids. Per millisecond. */
const PIDS_PER_MS = 200;

/** The ids given out since the command began, or null: too many, or they may have gone round. */
const idsSince = ({ after, since }: Prey): number[] | null => {
  const last = lastPid();
  const limit = pidLimit();
  if (last === null || after === null || (performance.now() - since) * PIDS_PER_MS > limit - ASK_EACH) return null;
  const count = last >= after ? last - after : last + limit - after;
  if (count > ASK_EACH) return null;
  return Array.from({ length: count }, (_, index) => (after + 1 + index) % limit);
};

const factsFromPs = (): ProcessFacts[] => {
  const { stdout } = spawnSync('ps', ['-axo', 'pid=,ppid=,pgid=,stat='], { encoding: 'utf8' });
  return (stdout ?? '').split('\n').flatMap((line) => {
    const [pid, parent, group, state] = line.trim().split(/\s+/);
    if (!pid || state?.startsWith('Z')) return [];
    return [{ pid: Number(pid), parent: Number(parent), group: Number(group), session: 0 }];
  });
};

const withChildren = (all: readonly ProcessFacts[], found: Set<number>): number[] => {
  for (let before = -1; before < found.size;) {
    before = found.size;
    for (const { pid, parent } of all) if (found.has(parent)) found.add(pid);
  }
  return [...found];
};

/** Everybody of the command who lives, the leader included. */
export const survivors = (prey: Prey): number[] => {
  const isTold = lastPid() !== null;
  const all = isTold
    ? (idsSince(prey) ?? allPids()).flatMap((pid) => (pid === process.pid ? [] : (factsOf(pid) ?? [])))
    : factsFromPs();
  const isPrey = ({ pid, group, session }: ProcessFacts) =>
    group === prey.leader || session === prey.leader || (isTold && carries(pid, prey.mark));
  return withChildren(all as ProcessFacts[], new Set(all.filter(isPrey).map(({ pid }) => pid)));
};
