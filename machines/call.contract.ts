/** What a call is given at birth, told, and tells. The task that owns it and the machine itself meet here. */
import { asPort, type Port } from './ports.ts';
import type { CallPlan, ExecResult } from '../sandbox/plan.ts';
import type { HookPoints } from './hook.contract.ts';
import type { PlanInput } from './leaves.ts';
import type { CallStatus, CallView, Decision, Grant, PlanInWords, Stopped } from './protocol/index.ts';

export interface CallInput extends PlanInput {
  /** Its place among the calls of one response. */
  readonly slot: number;
  /** False: nobody can answer a question. */
  readonly isAttended: boolean;
  /** Absent: none. */
  readonly hooks?: HookPoints | undefined;
}

export type CallCommand =
  | { readonly type: 'call.go' }
  | { readonly type: 'call.cancel' }
  | {
      readonly type: 'approval.decided';
      readonly approvalId: string;
      readonly decision: Decision;
      readonly source?: string | undefined;
    };

export interface Used {
  readonly terminalId: string;
  /** `read`: its end is known to the model. */
  readonly how: 'begun' | 'talked' | 'read';
  readonly callId: string;
  readonly what: string;
  readonly pid: number | null;
}

export type CallReported =
  | {
      readonly type: 'call.planned';
      readonly slot: number;
      readonly isExclusive: boolean;
      readonly view: CallView;
    }
  | { readonly type: 'call.ready'; readonly slot: number }
  | { readonly type: 'call.asked'; readonly slot: number; readonly approvalId: string; readonly planHash: string }
  | { readonly type: 'call.heard'; readonly slot: number; readonly approvalId: string }
  /** A background terminal was used: one that begins with this call has a beginning. */
  | ({ readonly type: 'call.used' } & Used)
  | { readonly type: 'call.granted'; readonly grants: readonly Grant[] };

export interface CallOutput {
  readonly slot: number;
  readonly callId: string;
  readonly status: CallStatus;
  /** What the model reads. */
  readonly output: string;
  readonly stopped: readonly Stopped[];
}

/** How it ended, and what the model reads. */
export interface Answer {
  readonly status: CallStatus;
  readonly output: string;
}

export interface CallContext extends CallInput {
  readonly view: CallView;
  readonly plan: CallPlan;
  /** How often the user was asked; it numbers the questions. */
  readonly asked: number;
  readonly answer: Answer;
  /** How the newest process ended, for the log and for the question that may follow. */
  readonly ran: { readonly result: ExecResult; readonly inWords: PlanInWords } | null;
  readonly stopped: readonly Stopped[];
  /** What hooks have to say; the model reads it behind the answer. */
  readonly notes: readonly string[];
}

export type CallLogic = Port<CallCommand, CallInput, CallOutput>;
export const asCall = asPort<CallLogic>();
