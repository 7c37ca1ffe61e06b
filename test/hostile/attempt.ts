/** The shape of a hostile attempt, and what it may rely on. Whoever sees `BREACH` in an output has found a hole. */
import type { Command, Terrain } from '../../sandbox/plan.ts';
import type { SandboxPolicy } from '../../sandbox/policy.ts';
import type { Ran } from './run-spawn.ts';
import type { World } from './world.ts';

export type Mode = 'workspace-write' | 'read-only';

export interface Attempt {
  readonly name: string;
  /**
   * Run by bash inside the sandbox. Set for it: WS, OUT, HOME, BASE, HOSTTMP, TCP, UDP, USOCK, ABSTRACT, PARENT; and
   * `sys NUMBER ARGS…`, a raw system call that prints BREACH when it succeeds.
   */
  readonly script: string;
  /** Started instead of bash with the script. */
  readonly argv?: Command['argv'];
  readonly env?: (world: World) => Readonly<Record<string, string>>;
  readonly cwd?: (world: World) => string;
  readonly input?: string;
  /** Where it makes sense; default: both. */
  readonly modes?: readonly Mode[];
  readonly users?: readonly ('root' | 'ordinary')[];
  /** A limit of time after which it is ended. Milliseconds. */
  readonly timeoutMs?: number;
  readonly policy?: (world: World, mode: Mode) => SandboxPolicy;
  /** What must be found afterwards, from outside; a sentence means it was not. */
  readonly expect?: (ran: Ran, world: World, terrain: Terrain) => string | null;
  /** Why it cannot be tried on this machine. */
  readonly needs?: () => string | null;
}

export interface Group {
  readonly name: string;
  /** Where it makes a difference; default: both. */
  readonly modes?: readonly Mode[];
  readonly attempts: readonly Attempt[];
}

/** The short form: nothing but a script. */
export const scripts = (of: Readonly<Record<string, string>>): readonly Attempt[] =>
  Object.entries(of).map(([name, script]) => ({ name, script }));
