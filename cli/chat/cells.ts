/** What the chat has to show for good: each cell is printed once and never touched again. Data only. */
import type { FactOf, PlanStep, RuntimeError } from '../../machines/protocol/index.ts';
import type { Background } from './background.ts';

export type Tone = 'plain' | 'dim' | 'good' | 'warn' | 'bad';

export type Cell =
  | { readonly kind: 'notice'; readonly tone: Tone; readonly text: string }
  /** The user's words, where they were delivered. `said` began the turn; `added` came in while it ran. */
  | { readonly kind: 'user'; readonly how: 'said' | 'added'; readonly text: string }
  /** One line of the answer; the answer streams, and a finished line never changes. */
  | {
      readonly kind: 'agent';
      readonly line: string;
      readonly isFirst: boolean;
      /** The language of the code that the line is of, '' where none is named; null: it is no code. */
      readonly code: string | null;
    }
  | { readonly kind: 'agentTable'; readonly lines: readonly string[]; readonly isFirst: boolean }
  | { readonly kind: 'agentEnd' }
  | { readonly kind: 'reasoning'; readonly text: string }
  | { readonly kind: 'call'; readonly fact: FactOf<'call.finished'> }
  /** Several commands that only looked around. */
  | { readonly kind: 'explored'; readonly facts: readonly FactOf<'call.finished'>[] }
  | { readonly kind: 'plan'; readonly steps: readonly PlanStep[]; readonly explanation: string | null }
  | { readonly kind: 'failed'; readonly error: RuntimeError; readonly receipt: Receipt }
  | { readonly kind: 'aborted'; readonly reason: FactOf<'turn.aborted'>['reason']; readonly receipt: Receipt }
  | { readonly kind: 'done'; readonly receipt: Receipt };

/** What became of everything when a turn ended. */
export interface Receipt {
  readonly tookMs: number;
  /** From the wish to interrupt to the end; null when nobody wished it. */
  readonly abortingMs: number | null;
  readonly stopped: FactOf<'turn.aborted'>['stopped'];
  readonly tokens: number;
  readonly savedTokens: number;
  readonly abortedCalls: number;
  readonly undelivered: FactOf<'turn.aborted'>['undelivered'];
  readonly changedFiles: readonly string[];
  /** Commands in the background, which no turn ends. */
  readonly goesOn: readonly Background[];
}
