/** The words of a call: what a plan's step means for it, what a decision means, what the ending of a process means. */
import type { CallPlan, ExecResult, Remote, Spawn, Talk } from '../sandbox/plan.ts';
import type { Answer, CallContext } from './call.contract.ts';
import { ABORTED_OUTPUT } from './history.ts';
import type { CallStatus, CallView, Decision, Question, Stopped } from './protocol/index.ts';

export const statusOf = ({ ending }: Pick<ExecResult, 'ending'>): CallStatus => {
  switch (ending.kind) {
    case 'exited':
      return ending.code === 0 ? 'completed' : 'failed';
    case 'timedOut':
      return 'timedOut';
    case 'cancelled':
      return 'aborted';
    case 'unknown':
      return 'unknown';
    case 'signalled':
    case 'unstarted':
    case 'setupFailed':
      return 'failed';
  }
};

/** The shell's convention: 128 + n for a death by signal, 124 for our own time limit (E.7.2, E.7.3). */
const SIGNALS: Readonly<Record<string, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGILL: 4,
  SIGABRT: 6,
  SIGBUS: 7,
  SIGFPE: 8,
  SIGKILL: 9,
  SIGSEGV: 11,
  SIGPIPE: 13,
  SIGTERM: 15,
  SIGSYS: 31,
};
export const exitCodeOf = ({ ending }: Pick<ExecResult, 'ending'>): number | undefined => {
  switch (ending.kind) {
    case 'exited':
      return ending.code;
    case 'timedOut':
      return 124;
    case 'signalled':
      return 128 + (SIGNALS[ending.signal] ?? 0);
    case 'cancelled':
      return ending.signal === null ? undefined : 128 + (SIGNALS[ending.signal] ?? 0);
    case 'unstarted':
    case 'setupFailed':
    case 'unknown':
      return undefined;
  }
};

export const inOneLine = (view: CallView): string => {
  if (view.kind === 'command') return view.command;
  if (view.kind === 'patch') return `patch of ${view.changes.map(({ path }) => path).join(', ')}`;
  return view.tool;
};

/** What the receipt of an interrupt says about a process that was ended by it. */
export const stoppedBy = (view: CallView, result: ExecResult): readonly Stopped[] => {
  const exit = exitCodeOf(result);
  const signal = result.ending.kind === 'cancelled' ? result.ending.signal : null;
  return [
    {
      what: inOneLine(view),
      ...(result.pid === null ? {} : { pid: result.pid }),
      ...(signal === null ? {} : { signal }),
      ...(exit === undefined ? {} : { exit }),
    },
  ];
};

export const UNPLANNED: CallPlan = { step: 'refuse', reason: 'the call was not planned' };
export const NOBODY =
  'This needs an approval, and nobody is here who could give it. Do not ask again; find another way.';
export const ABORTED = { status: 'aborted' as const, output: ABORTED_OUTPUT };

export const questionOf = ({ plan, ran, again }: CallContext): Question => {
  if (plan.step !== 'ask') throw new Error(`a plan at "${plan.step}" asks nothing`);
  const cause = ran?.result.denial?.evidence ?? again?.cause;
  return cause === undefined ? plan.question : { ...plan.question, cause };
};
export const spawnOf = (plan: CallPlan): Spawn => {
  if (plan.step !== 'run') throw new Error(`a plan at "${plan.step}" has nothing to start`);
  return plan.spawn;
};
export const talkOf = (plan: CallPlan): Talk => {
  if (plan.step !== 'talk') throw new Error(`a plan at "${plan.step}" has nobody to talk to`);
  return plan.talk;
};
export const remoteOf = (plan: CallPlan): Remote => {
  if (plan.step !== 'remote') throw new Error(`a plan at "${plan.step}" has nobody to ask`);
  return plan.remote;
};
export const remoteTimeOf = (plan: CallPlan): number => (plan.step === 'remote' ? plan.remote.timeoutMs : 0);
/** It was told so; whether it stopped, nobody knows. */
export const tooLate = (plan: CallPlan): Answer => ({
  status: 'timedOut',
  output: `the tool did not answer within ${remoteTimeOf(plan)} milliseconds; its server was told to stop, and may have done some of it`,
});
/** How long it is waited for before it goes on beside the turns, or before the answer is read. */
export const yieldTimeOf = (plan: CallPlan): number => {
  if (plan.step === 'talk') return plan.talk.yieldMs;
  return plan.step === 'run' ? (plan.spawn.terminal?.yieldMs ?? 0) : 0;
};
export const refusedOf = ({ ran }: Pick<CallContext, 'ran'>): readonly string[] => ran?.result.denial?.hosts ?? [];
export const approvalIdOf = ({ callId, asked }: CallContext): string => `${callId}:${asked}`;
export const afterYes = (plan: CallPlan): CallPlan => (plan.step === 'ask' ? plan.then : UNPLANNED);
export const afterDenial = (plan: CallPlan): CallPlan | null => (plan.step === 'run' ? plan.ifDenied : null);

/** A step that neither asks nor runs is an answer already. */
export const answered = (plan: CallPlan): Answer =>
  plan.step === 'answer'
    ? { status: plan.succeeded ? 'completed' : 'failed', output: plan.output }
    : { status: 'declined', output: plan.step === 'refuse' ? plan.reason : 'the plan led nowhere' };

export const refusalOf = (decision: Decision): string =>
  decision.kind === 'deny' && decision.reason
    ? `The user refused this and says: ${decision.reason}`
    : 'The user refused this. Do not try it again in another way; ask what they want instead, or go on without it.';

/** A no keeps what the first attempt had said, if there was one. */
export const declined = (why: string, { ran, answer }: CallContext) => ({
  status: 'declined' as const,
  output: ran === null ? why : `${answer.output}\n\n${why}`,
});
