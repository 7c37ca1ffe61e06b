/** How one command is ended: hunted, or by taking away the pid namespace in which it lives. */
import { KILL_AFTER_MS } from '../../machines/deadlines.ts';
import { endAll, HUNT_MS, killAll, killAtOnce, send, sendToGroup, until } from './hunt.ts';
import type { Prey } from './prey.ts';
import { factsOf } from './procfs.ts';

export interface Grip {
  /** SIGTERM, time to obey, SIGKILL. Resolves when nobody is left; `force` ends the patience. */
  end(force: AbortSignal): Promise<void>;
  /** SIGKILL to all of it before this returns. */
  kill(): void;
  /** SIGINT, as Ctrl-C in a terminal sends it to everybody in the foreground. */
  interrupt(): void;
  /** After the leader's end: whoever it left behind. */
  clear(): Promise<void>;
}

export const gripOf = (prey: Prey): Grip => ({
  end: (force) => endAll(prey, force),
  kill: () => killAtOnce(prey),
  interrupt: () => void sendToGroup(prey.leader, 'SIGINT'),
  clear: () => killAll(prey),
});

/**
 * `leader` is the helper outside, `first` the first process inside. SIGTERM must not reach the helper: it would end at
 * once and take everybody along. It goes to the group of the first process, which itself is deaf to it, as every init is.
 */
export const gripOfNamespace = (leader: number, hasExited: () => boolean, first: () => number | null): Grip => {
  // When init is gone (or a zombie), the kernel has already ended all the others.
  const isEmpty = () => {
    const init = first();
    return hasExited() && (init === null || factsOf(init) === null);
  };
  const kill = () => {
    if (hasExited()) return; // then the kernel does it, and the numbers may belong to somebody else
    const init = first();
    if (init !== null) send(init, 'SIGKILL');
    sendToGroup(leader, 'SIGKILL');
  };
  return {
    kill,
    interrupt: () => {
      const init = first();
      if (init !== null && !isEmpty()) sendToGroup(init, 'SIGINT');
    },
    clear: async () => void (await until(isEmpty, HUNT_MS)),
    end: async (force) => {
      const init = first();
      for (const signal of ['SIGTERM', 'SIGCONT'] as const) sendToGroup(init ?? leader, signal);
      await until(() => force.aborted || hasExited(), KILL_AFTER_MS);
      kill();
      await until(isEmpty, HUNT_MS);
    },
  };
};
