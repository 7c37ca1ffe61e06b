/**
 * What the machines say to the actors that do I/O, and what they hear back. A leaf is born in a state, lives as long as
 * that state, speaks only after its birth is over, and reports its end exactly once. Everything here is JSON: it is what
 * the journal keeps and the replay feeds again.
 */
import type { ExecEnding, CallPlan, ExecResult, Remote, Spawn, Talk } from '../sandbox/plan.ts';
import type {
  CallStatus,
  CallView,
  FilesRestored,
  Grant,
  Item,
  PlanStep,
  RuntimeError,
  TokenUsage,
} from './protocol/index.ts';

// ---- plan: a tool reads its arguments, the planner writes the plan ------------------------------------------------
export interface PlanInput {
  readonly turnId: string;
  readonly callId: string;
  readonly tool: string;
  readonly args: string;
  readonly grants: readonly Grant[];
  /** It ran, and was refused these hosts. Absent: it did not run yet. */
  readonly refused?: readonly string[] | undefined;
  /** Whose call it is, where it is not the conversation's: it may be offered less. */
  readonly purpose?: 'review' | undefined;
  /** It asked in a turn that was lost, and nobody answered: whatever the rules are now, it does not run unasked. */
  readonly again?: Again | undefined;
}
/** How far a call had come whose question is asked again. */
export interface Again {
  /** Its questions so far; they number the next. */
  readonly times: number;
  /** What its first attempt ran into. Absent: it never ran. */
  readonly cause?: string | undefined;
}
export interface PlanReport {
  readonly type: 'plan.ready';
  readonly callId: string;
  readonly view: CallView;
  readonly plan: CallPlan;
  /** Must run alone. */
  readonly isExclusive: boolean;
  /** The call replaces the plan list of the turn. */
  readonly planUpdate?: { readonly explanation?: string | undefined; readonly plan: readonly PlanStep[] } | undefined;
}

// ---- exec: one process, from spawn to exit ------------------------------------------------------------------------
export interface ExecInput {
  readonly turnId: string;
  readonly callId: string;
  readonly spawn: Spawn;
}
/**
 * `exec.yield`: hand the process over to the session, if it may live there.
 * `exec.cancel`: SIGTERM to all of it, SIGKILL after KILL_AFTER_MS. `exec.kill`: SIGKILL to all of it, now.
 */
export type ExecCommand =
  { readonly type: 'exec.yield' } | { readonly type: 'exec.cancel' } | { readonly type: 'exec.kill' };
export interface ExecReport {
  readonly type: 'exec.exited';
  readonly callId: string;
  readonly result: ExecResult;
  /** What the model reads. */
  readonly output: string;
}

/** The process belongs to the session now, under this name; the leaf speaks no more. */
export interface ExecYielded {
  readonly type: 'exec.yielded';
  readonly callId: string;
  readonly terminalId: string;
  readonly pid: number | null;
  readonly output: string;
}

// ---- talk: words with a background terminal -----------------------------------------------------------------------
export interface TalkInput extends Talk {
  readonly turnId: string;
  readonly callId: string;
}
/** The waiting is over: say what there is. */
export type TalkCommand = { readonly type: 'talk.read' };
export interface TalkReport {
  readonly type: 'talk.heard';
  readonly callId: string;
  readonly terminalId: string;
  /** `ended`: and this was the last of it. */
  readonly state: 'running' | 'ended' | 'unknown';
  readonly status: CallStatus;
  readonly output: string;
}

// ---- watch: one background terminal, until its process is gone and its last words were read -----------------------
export interface WatchInput {
  readonly terminalId: string;
}
export type WatchCommand = { readonly type: 'watch.end' };
export interface WatchReport {
  readonly type: 'watch.ended';
  readonly terminalId: string;
  readonly ending: ExecEnding;
}

// ---- restore: the files go back to what they were before some words were heard ------------------------------------
export interface RestoreInput {
  readonly inputId: string;
  /** Commands that still run, and may write whatever they like. */
  readonly running: readonly string[];
}
export interface RestoreReport {
  readonly type: 'restore.done';
  readonly files: FilesRestored;
}

// ---- remote: one call of a tool of an MCP server; whoever stops this leaf cancels the call -------------------------
export interface RemoteInput extends Remote {
  readonly turnId: string;
  readonly callId: string;
}
export interface RemoteReport {
  readonly type: 'remote.answered';
  readonly callId: string;
  readonly status: CallStatus;
  /** What the model reads. */
  readonly output: string;
}

// ---- link: one MCP server, from its start until nothing is left of it ----------------------------------------------
export interface LinkInput {
  readonly server: string;
}
export type LinkCommand = { readonly type: 'link.end' };
export type LinkReport =
  /** It is there; or what it has has changed. */
  | { readonly type: 'link.listed'; readonly server: string; readonly tools: readonly string[] }
  /** It is gone; null: because it was told to. */
  | { readonly type: 'link.ended'; readonly server: string; readonly why: string | null };

// ---- sample: one model request ------------------------------------------------------------------------------------
export interface SampleInput {
  readonly turnId: string;
  /** Fences late words of an attempt that was given up. */
  readonly attempt: number;
  readonly purpose: 'regular' | 'compact' | 'review';
  readonly items: readonly Item[];
  readonly outputSchema?: Readonly<Record<string, unknown>> | undefined;
}
export type ModelItem = Extract<Item, { type: 'agent' | 'reasoning' | 'call' }>;
export type SampleReport =
  /** The response has begun. */
  | { readonly type: 'sample.opened'; readonly attempt: number }
  /** An item is complete. */
  | { readonly type: 'sample.item'; readonly attempt: number; readonly item: ModelItem }
  | {
      readonly type: 'sample.completed';
      readonly attempt: number;
      readonly usage: TokenUsage | null;
      /** The server itself asks for another request. */
      readonly mustContinue: boolean;
    }
  /** `partial`: what the agent had said of an item that was not finished. */
  | {
      readonly type: 'sample.failed';
      readonly attempt: number;
      readonly error: RuntimeError;
      readonly partial: string;
      /** How long the attempt took; the machine has no clock and must know what its retries cost. */
      readonly elapsedMs: number;
    }
  /** The answer to `sample.cut`: what had been said of the unfinished item. The request is closed. */
  | { readonly type: 'sample.stopped'; readonly attempt: number; readonly partial: string };
/** Close the request and hand over the half-answer. */
export type SampleCommand = { readonly type: 'sample.cut' };
