/** What a turn is given at birth, told, and tells. The session that owns it and the machine itself meet here. */
import type { EventObject, CallbackActorLogic } from 'xstate';
import type { Used } from './call.contract.ts';
import { asPort, type Port } from './ports.ts';
import type { Accounting, CallView, Decision, Grant, Item, RuntimeError, Stopped } from './protocol/index.ts';
import type { AskedAgain, Settings, Steered, Subject, Will } from './tasks/contract.ts';
import type { TaskKind } from './tasks/registry.ts';

/** A turn that was lost with its process while it asked: what is left to do of it. */
export interface Continuation {
  readonly turnId: string;
  /** They have no result yet. */
  readonly calls: readonly AskedAgain[];
}

export interface TurnInput {
  readonly turnId: string;
  readonly task: TaskKind;
  readonly subject: Subject;
  /** What the model must know before the words: the folder, the rules of the project, or what changed of them. */
  readonly surroundings: readonly Item[];
  /** The user's words that open the turn. */
  readonly words: readonly Steered[];
  readonly history: readonly Item[];
  readonly accounting: Accounting;
  readonly grants: readonly Grant[];
  readonly settings: Settings;
  readonly outputSchema?: Readonly<Record<string, unknown>> | undefined;
  /** Absent: it begins with what it is given. */
  readonly continues?: Continuation | undefined;
}

export type AbortReason = 'interrupted' | 'replaced' | 'shutdown';

export type TurnCommand =
  | { readonly type: 'turn.steer'; readonly steer: Steered; readonly policy: 'boundary' | 'preempt' }
  /** Run a command of the user's beside the task. */
  | { readonly type: 'turn.assist'; readonly subject: Subject }
  | { readonly type: 'turn.interrupt'; readonly reason: AbortReason }
  | {
      readonly type: 'approval.decided';
      readonly approvalId: string;
      readonly decision: Decision;
      readonly source?: string | undefined;
    };

/** What the session must know while the turn runs, so that it knows it also when the turn is lost. */
export type TurnReported =
  | { readonly type: 'turn.recorded'; readonly items: readonly Item[] }
  | { readonly type: 'turn.compacted'; readonly history: readonly Item[] }
  | { readonly type: 'turn.counted'; readonly accounting: Accounting }
  | { readonly type: 'turn.opened'; readonly callId: string; readonly view: CallView }
  | { readonly type: 'turn.shut'; readonly callId: string }
  | {
      readonly type: 'turn.asked';
      readonly callId: string;
      readonly approvalId: string;
      readonly planHash: string;
    }
  | { readonly type: 'turn.heard'; readonly approvalId: string }
  | { readonly type: 'turn.willed'; readonly will: Will | null }
  | ({ readonly type: 'turn.used' } & Used)
  | { readonly type: 'turn.granted'; readonly grants: readonly Grant[] };

export type Outcome = 'completed' | 'aborted' | 'failed';

export interface TurnOutput {
  readonly turnId: string;
  readonly outcome: Outcome;
  /** Words that came too late for this turn and that the session runs next. */
  readonly unread: readonly Steered[];
  /** Commands of the user that came too late for it. */
  readonly unrun: readonly Subject[];
}

/** All of it is over: nothing of the turn lives, and this is what it changed on disk. */
export interface SettleInput {
  readonly turnId: string;
}
export interface Settled {
  readonly type: 'turn.settled';
  readonly turnId: string;
  /** Unified; empty: nothing changed. */
  readonly diff: string;
}
export type SettleLogic = CallbackActorLogic<EventObject, SettleInput>;

/** The state of a turn: made with it, dropped with it. */
export interface TurnContext extends Omit<TurnInput, 'surroundings'> {
  /** Not taken yet: a hook is to hear them first. Empty: there is nothing to hear. */
  readonly words: readonly Steered[];
  /** How often a hook sent the turn on. */
  readonly rounds: number;
  /** Calls for the first task to begin with. */
  readonly asked: readonly AskedAgain[];
  /** Added since the turn began, or since its last compaction. */
  readonly items: readonly Item[];
  /** Tasks owed after the one that runs. */
  readonly owed: readonly TaskKind[];
  /** The children that live: the primary task (`task`) and those beside it (`aid0` …). */
  readonly running: readonly string[];
  /** How many tasks were started beside the primary one; it numbers them. */
  readonly aids: number;
  /** Compactions since the window was last counted below the threshold. */
  readonly futile: number;
  /** Commands of the user that came when nothing was started any more. */
  readonly late: readonly Subject[];
  /** Accepted and not yet delivered. The task has a copy; an item with its id is the receipt. */
  readonly pending: readonly Steered[];
  readonly open: readonly { readonly callId: string; readonly view: CallView }[];
  readonly approvals: readonly { readonly approvalId: string; readonly callId: string }[];
  /** What the task owes to those who listen, to be carried out when the turn ends. */
  readonly will: Will | null;
  readonly stopped: readonly Stopped[];
  /** Fixed when `finishing` is entered. */
  readonly outcome: Outcome;
  readonly reason: AbortReason;
  readonly error: RuntimeError | null;
}

export type TurnLogic = Port<TurnCommand, TurnInput, TurnOutput>;
export const asTurn = asPort<TurnLogic>();
