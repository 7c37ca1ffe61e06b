/**
 * The user's own programs that are asked at six places of a session. The machines know that there are some, and what they
 * said; which programs they are, and which of them a tool concerns, is the leaf's to know.
 */
import type { CallStatus, CallView } from './protocol/index.ts';

export const HOOKS = ['sessionStart', 'promptSubmit', 'beforeTool', 'afterTool', 'approvalRequested', 'stop'] as const;
export type HookName = (typeof HOOKS)[number];

/** What a machine must know of the hooks of one place. */
export interface HookPoint {
  /** How long the slowest of them may take. Milliseconds. */
  readonly waitMs: number;
  /** What cannot be asked counts as a no. */
  readonly isRequired: boolean;
}
/** A place without an entry has no hooks, and costs no step. */
export type HookPoints = Readonly<Partial<Record<HookName, HookPoint>>>;

interface OfCall {
  readonly turnId: string;
  readonly callId: string;
  readonly tool: string;
  /** JSON text, as the model wrote it. */
  readonly args: string;
  readonly view: CallView;
}

/** What is told to a hook. */
export type HookInput =
  | { readonly hook: 'sessionStart'; readonly source: 'startup' | 'resume' }
  | { readonly hook: 'promptSubmit'; readonly turnId: string; readonly prompt: string }
  | ({ readonly hook: 'beforeTool' } & OfCall)
  | ({ readonly hook: 'afterTool'; readonly status: CallStatus; readonly output: string } & OfCall)
  | ({ readonly hook: 'approvalRequested'; readonly why: string } & OfCall)
  /** `round`: how often this turn was sent on by a hook already. */
  | {
      readonly hook: 'stop';
      readonly turnId: string;
      readonly lastAgentMessage: string | null;
      readonly round: number;
    };

/** End what runs; `hook.done` follows. */
export type HookCommand = { readonly type: 'hook.cancel' };

export type HookVerdict =
  | { readonly kind: 'passed' }
  /** No, or not yet: the prompt is not taken, the tool not used, the turn not over. */
  | { readonly kind: 'blocked'; readonly reason: string }
  /** A person shall decide. */
  | { readonly kind: 'asked'; readonly reason: string }
  /** It was told to end, and has. */
  | { readonly kind: 'cancelled' };

/** Once, when none of their processes is left. */
export interface HookReport {
  readonly type: 'hook.done';
  readonly hook: HookName;
  readonly verdict: HookVerdict;
  /** For the model to know; empty: nothing. */
  readonly context: string;
  /** For the user: what a hook says to them, and what went wrong. */
  readonly warnings: readonly string[];
}
