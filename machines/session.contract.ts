/** What a session is given at birth, and what it keeps. */
import type { CallbackActorLogic, DoneActorEvent, ErrorActorEvent, EventObject } from 'xstate';
import type { Accounting, CallView, Grant, Item, Op, PlanInWords } from './protocol/index.ts';
import type { HookCommand, HookInput, HookReport } from './hook.contract.ts';
import type { RestoreInput, RestoreReport } from './leaves.ts';
import type { McpOutput, McpServer } from './mcp.contract.ts';
import type { Terminal, TerminalOutput, TerminalReported } from './terminal.contract.ts';
import type { Gone } from './terminal.words.ts';
import type { Settings, Steered, Subject, Will } from './tasks/contract.ts';
import type { TaskKind } from './tasks/registry.ts';
import type { Continuation, TurnOutput, TurnReported } from './turn.contract.ts';

/** What a saved session brings along. */
export interface Remembered {
  readonly history: readonly Item[];
  readonly accounting: Accounting;
  readonly grants: readonly Grant[];
  /** Turns so far; their numbers go on from there. */
  readonly turns: number;
  /** Accepted before, and never delivered: given back to the user. */
  readonly undelivered: readonly Steered[];
  /** Accepted before, for a turn of their own, oldest first. Absent: none. */
  readonly queue?: readonly Steered[];
  /** Whose question is asked again. Absent: nobody's. */
  readonly continues?: Continuation;
  /** Background terminals that the model may take for alive: they ended, and nobody told it. Absent: none. */
  readonly gone?: readonly Gone[];
}

export interface SessionInput {
  readonly threadId: string;
  readonly cwd: string;
  readonly model: string;
  readonly provider: string;
  readonly approvalPolicy: string;
  readonly windowSize: number;
  readonly settings: Settings;
  readonly outputSchema?: Readonly<Record<string, unknown>> | undefined;
  /** Servers of tools; absent: none. */
  readonly servers?: readonly McpServer[] | undefined;
  readonly remembered: Remembered | null;
}

/** The place was looked at: which sandbox works here, what the model must know. */
export interface Opened {
  readonly type: 'session.opened';
  readonly sandbox: PlanInWords;
  readonly surroundings: readonly Item[];
  readonly warnings: readonly string[];
}
export interface OpenInput {
  readonly threadId: string;
  /** The surroundings that the model was told of last; null: of none. */
  readonly history: readonly Item[];
}
export type OpenLogic = CallbackActorLogic<EventObject, OpenInput>;
export type RestoreLogic = CallbackActorLogic<EventObject, RestoreInput>;
export type HookLogic = CallbackActorLogic<HookCommand, HookInput>;

export interface Job {
  readonly task: TaskKind;
  readonly subject: Subject;
}

export interface OpenApproval {
  readonly callId: string;
  readonly approvalId: string;
  readonly planHash: string;
  /** `decided`: the decision went down; `answered`: whoever asked has heard it, or asks no more. */
  readonly state: 'open' | 'decided' | 'answered';
}

export interface SessionContext extends Omit<SessionInput, 'remembered' | 'windowSize' | 'servers'> {
  readonly history: readonly Item[];
  readonly accounting: Accounting;
  readonly grants: readonly Grant[];
  readonly surroundings: readonly Item[];
  /** Words that wait for a turn of their own. */
  readonly queue: readonly Steered[];
  /** Words that waited when a former process was lost: they go on waiting until the user says something. */
  readonly held: readonly Steered[];
  /** What the next turn goes on with, before anything else. */
  readonly continues: Continuation | null;
  /** Commands that came when their turn was ending. */
  readonly jobs: readonly Job[];
  /** What replaces the turn that is being aborted. */
  readonly next: Job | null;
  readonly turn: { readonly turnId: string; readonly task: TaskKind } | null;
  readonly turns: number;
  readonly approvals: readonly OpenApproval[];
  /** Given to the turn and not yet seen in its records; and the calls it has begun and not finished. */
  readonly steered: readonly Steered[];
  readonly open: readonly { readonly callId: string; readonly view: CallView }[];
  /** What is to be said when the turn is lost. */
  readonly will: Will | null;
  /** Commands that go on beside the turns; the one used last stands last. */
  readonly terminals: readonly Terminal[];
  /** Those that are not gone yet. */
  readonly servers: readonly McpServer[];
  /** The turns that are being taken back. */
  readonly rewinding: number;
  /** Asked while the session was starting, or while files were brought back. */
  readonly deferred: readonly Op[];
  /** To be given back once somebody listens. */
  readonly undelivered: readonly Steered[];
}

export type TurnDone = DoneActorEvent<TurnOutput, 'turn'>;
export type TerminalDone = DoneActorEvent<TerminalOutput, `term${string}`>;
export type McpDone = DoneActorEvent<McpOutput, `mcp-${string}`>;
export type ChildCrashed = ErrorActorEvent<unknown, string>;
export type SessionEvent =
  | Op
  | Opened
  | HookReport
  | RestoreReport
  | TurnReported
  | TurnDone
  | TerminalReported
  | TerminalDone
  | McpDone
  | ChildCrashed;

export type SessionState =
  'starting' | 'hooking' | 'idle' | 'rewinding' | 'running' | 'aborting' | 'shuttingDown' | 'closed';
