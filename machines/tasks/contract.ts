/** What every kind of task is given, told, and tells; and how it ends. The turn knows its tasks by this page only. */
import type { DoneActorEvent, ErrorActorEvent } from 'xstate';
import type { Used } from '../call.contract.ts';
import type { HookPoints } from '../hook.contract.ts';
import type { Again } from '../leaves.ts';
import { asPort, type Port } from '../ports.ts';
import type {
  Accounting,
  CallItem,
  CallView,
  ContextItem,
  Decision,
  Grant,
  Item,
  RuntimeError,
  RuntimeEvent,
  Stopped,
} from '../protocol/index.ts';

/** Words for a turn that runs already. */
export interface Steered {
  readonly inputId: string;
  /** Not the user's words but the runtime's: what a command printed that the user ran meanwhile. */
  readonly about?: ContextItem['about'] | undefined;
  readonly text: string;
  readonly images?: readonly string[] | undefined;
}

/** What does not change while a session lives. */
export interface Settings {
  readonly isAttended: boolean;
  /** Fill of the window, in tokens, at which a compaction comes first. */
  readonly compactAt: number;
  readonly maxAttempts: number;
  /** Absent: none. */
  readonly hooks?: HookPoints | undefined;
}

/** What a task is about, for kinds that need a word: the line of a shell command. */
export interface Subject {
  /** The op that asked for it. */
  readonly id: string;
  readonly text: string;
  /** Who shall know what comes of it. */
  readonly audience: 'model' | 'user';
}
export const NO_SUBJECT: Subject = { id: '', text: '', audience: 'model' };

/** A call of a turn that was lost while it asked. It has no result yet. */
export interface AskedAgain extends Again, Pick<CallItem, 'callId' | 'tool' | 'args'> {}

export interface TaskInput {
  readonly turnId: string;
  readonly settings: Settings;
  readonly history: readonly Item[];
  readonly accounting: Accounting;
  readonly grants: readonly Grant[];
  /** Accepted by the turn, not yet delivered. */
  readonly steers: readonly Steered[];
  readonly outputSchema?: Readonly<Record<string, unknown>> | undefined;
  readonly subject: Subject;
  /** Calls to begin with, before anything is requested. Absent: none. */
  readonly asked?: readonly AskedAgain[] | undefined;
  /** What its requests are for, where it is not the conversation. */
  readonly purpose?: 'review' | undefined;
}

/** What is to be said and remembered when a task ends that could not do it itself. */
export interface Will {
  readonly fact: RuntimeEvent;
  readonly items: readonly Item[];
}

export type TaskCommand =
  | { readonly type: 'task.steer'; readonly steer: Steered; readonly policy: 'boundary' | 'preempt' }
  | { readonly type: 'task.cancel' }
  | {
      readonly type: 'approval.decided';
      readonly approvalId: string;
      readonly decision: Decision;
      readonly source?: string | undefined;
    };

export type TaskReported =
  | { readonly type: 'task.recorded'; readonly items: readonly Item[] }
  | { readonly type: 'task.counted'; readonly accounting: Accounting }
  /** This is all that need be remembered. */
  | { readonly type: 'task.compacted'; readonly history: readonly Item[]; readonly accounting: Accounting }
  /** Something for the model to know, whenever it is next told anything. */
  | { readonly type: 'task.left'; readonly id: string; readonly text: string }
  | { readonly type: 'task.opened'; readonly callId: string; readonly view: CallView }
  | { readonly type: 'task.shut'; readonly callId: string }
  | {
      readonly type: 'task.asked';
      readonly callId: string;
      readonly approvalId: string;
      readonly planHash: string;
    }
  | { readonly type: 'task.heard'; readonly approvalId: string }
  /** Told now, where it is not null. The will replaces the one before it; null: nothing is owed any more. */
  | { readonly type: 'task.willed'; readonly fact: RuntimeEvent | null; readonly will: Will | null }
  | ({ readonly type: 'task.used' } & Used)
  | { readonly type: 'task.granted'; readonly grants: readonly Grant[] };

/** `outgrown`: it stopped at the compaction threshold and has more to do. */
export type TaskOutput =
  | { readonly outcome: 'completed' | 'outgrown' | 'cancelled'; readonly stopped: readonly Stopped[] }
  | { readonly outcome: 'failed'; readonly error: RuntimeError; readonly stopped: readonly Stopped[] };

export type TaskDone = DoneActorEvent<TaskOutput, 'task'>;
export type TaskCrashed = ErrorActorEvent<unknown, 'task'>;
/** A task beside the primary one. */
export type AidDone = DoneActorEvent<TaskOutput, `aid${number}`>;
export type AidCrashed = ErrorActorEvent<unknown, `aid${number}`>;

export type TaskLogic = Port<TaskCommand, TaskInput, TaskOutput>;
export const asTask = asPort<TaskLogic>();
