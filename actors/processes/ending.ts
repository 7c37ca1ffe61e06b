/** How a command ended, from what the system said of it. */
import { statSync } from 'node:fs';
import { constants } from 'node:os';
import type { ExecEnding, Spawn } from '../../sandbox/plan.ts';
import type { SandboxStatus } from './status.ts';

/** What is known when all is over. */
export interface Facts {
  /** Why we ended it; null: it ended by itself. */
  readonly cause: 'cancelled' | 'timedOut' | null;
  readonly code: number | null;
  readonly signal: string | null;
  /** Where a sandbox reports: what it said. */
  readonly status: SandboxStatus | null;
  readonly output: string;
}

/** What a failed start says of itself. */
export interface StartFailure {
  readonly code?: string | undefined;
  readonly message: string;
}

const isThere = (path: string) => statSync(path, { throwIfNoEntry: false }) !== undefined;

const SIGNALS: ReadonlyMap<number, string> = new Map(Object.entries(constants.signals).map(([name, n]) => [n, name]));
/** The exit code by which a shell tells of a signal. */
export const codeOfSignal = (signal: string): number =>
  128 + ((constants.signals as Readonly<Record<string, number>>)[signal] ?? 0);

/** Why there is no process. Asks the disk: for the system a missing folder and a missing program are one error. */
export const unstarted = ({ argv: [file], cwd }: Spawn, { code, message }: StartFailure): ExecEnding => {
  const reason = (): string => {
    try {
      if (code === 'ENOENT' && !isThere(cwd)) return `no such folder: ${cwd}`;
      if (code === 'ENOENT' && file.includes('/') && isThere(file)) return `the interpreter of ${file} is missing`;
      if (code === 'ENOENT') return `no such program: ${file}`;
      if (code === 'ENOTDIR' || !statSync(cwd).isDirectory()) return `not a folder: ${cwd}`;
    } catch {
      return message;
    }
    if (code === 'EACCES') return `not allowed to run ${file} in ${cwd}`;
    if (code === 'E2BIG') return `the arguments and the environment of ${file} are too long for this system (E2BIG)`;
    return message;
  };
  return { kind: 'unstarted', reason: reason() };
};

/** What a launcher prints when the sandbox stands, but there is nothing to run in it. */
const MISSING: readonly [RegExp, string][] = [
  [/^(?:bwrap|landlock|gate): execvp (.+): No such file or directory$/m, 'no such program'],
  [/^(?:bwrap|landlock|gate): execvp (.+): Permission denied$/m, 'not allowed to run'],
  [/^(?:bwrap|landlock): Can't chdir to (.+): No such file or directory$/m, 'no such folder'],
];

/** The helper ended without saying how the command did: the command never ran, and all the output is the helper's. */
const notRun = (output: string): ExecEnding => {
  for (const [pattern, words] of MISSING) {
    const name = pattern.exec(output)?.[1];
    if (name !== undefined) return { kind: 'unstarted', reason: `${words}: ${name}` };
  }
  return { kind: 'setupFailed', reason: output.trim() || 'the sandbox helper said nothing' };
};

/**
 * A sandbox reports 128 + n both for a command that signal n ended and for one that exited with that number, as a shell
 * does whose own command was killed. Both tell of a signal, so both are `signalled`.
 */
const signalIn = (code: number | null): string | null => (code === null ? null : (SIGNALS.get(code - 128) ?? null));

export const endingOf = ({ timeoutMs }: Spawn, { cause, code, signal, status, output }: Facts): ExecEnding => {
  const killedBy = signal ?? (status === null ? null : signalIn(status.exitCode));
  if (cause === 'timedOut') return { kind: 'timedOut', afterMs: timeoutMs };
  if (cause === 'cancelled') return { kind: 'cancelled', signal: killedBy };
  if (killedBy !== null) return { kind: 'signalled', signal: killedBy };
  if (status !== null && status.exitCode === null) return notRun(output);
  return { kind: 'exited', code: status?.exitCode ?? code ?? 0 };
};
