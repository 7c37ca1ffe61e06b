/** What every mode of the program is given, and what it hands back: an exit code. */
import type { CommandSpec } from './commands.ts';
import type { Flags } from './flags.ts';
import type { Streams } from './streams.ts';

export interface Invocation {
  readonly command: CommandSpec;
  readonly flags: Flags;
  readonly operands: readonly string[];
}

export interface Surroundings {
  readonly version: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The folder in which the program was started, absolute. */
  readonly cwd: string;
  readonly streams: Streams;
  /** Aborted when the program is asked to end; the reason is the signal's name. The mode then has seconds to return. */
  readonly stop: AbortSignal;
  /** Called when the program must leave before the mode returned: last words only, nothing that waits. */
  readonly beforeExit: (lastWords: () => void) => void;
  /** Whoever wants Ctrl-C for itself (the chat) takes it; the call hands it back. */
  readonly takeInterrupts: (onInterrupt: () => void) => () => void;
}

export type Mode = (invocation: Invocation, surroundings: Surroundings) => Promise<number>;

/** What ends a mode before it began: said in one line on stderr. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
