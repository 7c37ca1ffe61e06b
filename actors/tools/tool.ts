/**
 * The contract of a tool. To add one: write `<name>.tool.ts`, then add its line to `registry.ts`.
 *
 * A tool reads its arguments (zod) and says what it wants done. It starts nothing and asks nobody: the planner decides.
 * Arguments that do not fit are answered to the model with a sentence that says what to mend.
 */
import type { CallView, PlanStep } from '../../machines/protocol/index.ts';
import type { Command, Talk } from '../../sandbox/plan.ts';
import type { ToolSpec } from '../providers/provider.ts';

/** What a tool may know of the place in which it works. */
export interface Workplace {
  readonly cwd: string;
  /** The environment of commands, already filtered. */
  readonly env: Readonly<Record<string, string>>;
  readonly shell: string;
  /** argv prefix that starts our own patch binary; it reads the patch from standard input. */
  readonly patchBinary: readonly [string, ...string[]];
  /** What no command may read, absolute; nothing is read for the model there either. */
  readonly hidden: () => readonly string[];
  /** Where a command would find a path, after every link was followed; null: it would not. */
  readonly sight: (real: string) => string | null;
}

/** What a call comes to. */
export type Intent =
  /** Start a process. `view` is what the user sees. */
  | {
      readonly kind: 'command';
      readonly command: Command;
      readonly view: CallView;
      readonly escalation: { readonly justification: string } | null;
    }
  /** Words for a background terminal. */
  | { readonly kind: 'talk'; readonly talk: Talk; readonly view: CallView }
  /** Nothing to start: `output` is the answer. */
  | {
      readonly kind: 'answer';
      readonly output: string;
      readonly succeeded: boolean;
      readonly view: CallView;
      readonly plan?: { readonly explanation?: string; readonly steps: readonly PlanStep[] };
    };

export interface Tool {
  readonly spec: ToolSpec;
  /** Other names by which models call it. */
  readonly aliases: readonly string[];
  /** May run beside other calls. Otherwise it runs alone. */
  readonly isParallel: boolean;
  /** `args` is the model's JSON text. Never throws: bad arguments are an answer. May read files; changes nothing. */
  intend(args: string, workplace: Workplace): Intent | Promise<Intent>;
  /** Optional: what the model reads after the process ended, where it is not the standard text (see `results.ts`). */
  readonly isPatch?: boolean;
}
