/** The words of a call that XState must know: its holes, guards and actions. The chart stands in `call.machine.ts`. */
import { assign, setup, type CallbackActorLogic, type ErrorActorEvent, type EventObject } from 'xstate';
import type { CallPlan, ExecResult } from '../sandbox/plan.ts';
import type { Answer, CallCommand, CallContext, CallInput, CallOutput } from './call.contract.ts';
import {
  ABORTED,
  UNPLANNED,
  afterDenial,
  approvalIdOf,
  exitCodeOf,
  inOneLine,
  questionOf,
  spawnOf,
  statusOf,
  remoteTimeOf,
  stoppedBy,
  yieldTimeOf,
} from './call.words.ts';
import { CALL_PATIENCE_MS } from './deadlines.ts';
import type { HookCommand, HookInput, HookName, HookReport, HookVerdict } from './hook.contract.ts';
import { hookTimeOf } from './hook.words.ts';
import { messageOf, toParent } from './kit.ts';
import type {
  ExecCommand,
  ExecInput,
  ExecReport,
  ExecYielded,
  PlanInput,
  PlanReport,
  RemoteInput,
  RemoteReport,
  TalkCommand,
  TalkInput,
  TalkReport,
} from './leaves.ts';
import { actorPort, publishPort } from './ports.ts';
import type { Decision } from './protocol/index.ts';

type Crashed = ErrorActorEvent<unknown, string>;
export interface Said {
  readonly of: HookName;
  readonly hook: HookName;
  readonly verdict: HookVerdict;
}

export const call = setup({
  types: {
    input: {} as CallInput,
    context: {} as CallContext,
    events: {} as
      CallCommand | PlanReport | ExecReport | ExecYielded | TalkReport | RemoteReport | HookReport | Crashed,
    output: {} as CallOutput,
  },
  actors: {
    plan: actorPort<CallbackActorLogic<EventObject, PlanInput>>('plan'),
    exec: actorPort<CallbackActorLogic<ExecCommand, ExecInput>>('exec'),
    talk: actorPort<CallbackActorLogic<TalkCommand, TalkInput>>('talk'),
    remote: actorPort<CallbackActorLogic<EventObject, RemoteInput>>('remote'),
    hook: actorPort<CallbackActorLogic<HookCommand, HookInput>>('hook'),
  },
  delays: {
    patience: CALL_PATIENCE_MS,
    yieldTime: ({ context }) => yieldTimeOf(context.plan),
    remoteTime: ({ context }) => remoteTimeOf(context.plan),
    beforeTime: ({ context }) => hookTimeOf(context.hooks, 'beforeTool'),
    afterTime: ({ context }) => hookTimeOf(context.hooks, 'afterTool'),
  },
  guards: {
    mustAsk: ({ context: { plan, isAttended } }) => plan.step === 'ask' && isAttended,
    mustAskNobody: ({ context: { plan } }) => plan.step === 'ask',
    mayRun: ({ context: { plan } }) => plan.step === 'run',
    mayTalk: ({ context: { plan } }) => plan.step === 'talk',
    mayReach: ({ context: { plan } }) => plan.step === 'remote',
    mayYield: ({ context: { plan } }) => plan.step === 'run' && plan.spawn.terminal !== undefined,
    hasHooks: ({ context: { hooks } }, hook: HookName) => hooks?.[hook] !== undefined,
    mustHear: ({ context: { hooks } }, { step }: CallPlan) => hooks?.beforeTool !== undefined && step !== 'refuse',
    isRequired: ({ context: { hooks } }, hook: HookName) => hooks?.[hook]?.isRequired === true,
    isOf: (_, { of, hook }: Said) => of === hook,
    hasBlocked: (_, { of, hook, verdict }: Said) => of === hook && verdict.kind === 'blocked',
    isMine: ({ context }, approvalId: string) => approvalIdOf(context) === approvalId,
    isYes: ({ context }, { approvalId, kind }: { approvalId: string; kind: Decision['kind'] }) =>
      approvalIdOf(context) === approvalId && kind.startsWith('approve'),
    asks: (_, { step }: CallPlan) => step === 'ask',
    wantsHosts: ({ context: { plan, isAttended } }, { denial }: ExecResult) =>
      isAttended && plan.step === 'run' && plan.ifRefused !== undefined && (denial?.hosts ?? []).length > 0,
    escalates: ({ context: { plan, isAttended } }, { denial }: ExecResult) => {
      const next = afterDenial(plan);
      return denial !== null && next !== null && (next.step !== 'ask' || isAttended);
    },
  },
  actions: {
    publish: publishPort,
    takePlan: assign((_, { view, plan }: PlanReport) => ({ view, plan })),
    follow: assign((_, plan: CallPlan | null) => ({ plan: plan ?? UNPLANNED })),
    countQuestion: assign(({ context }) => ({ asked: context.asked + 1 })),
    answer: assign((_, { status, output }: Answer) => ({ answer: { status, output } })),
    keepRun: assign(({ context }, { result, output }: ExecReport) => ({
      answer: { status: statusOf(result), output },
      ran: { result, inWords: spawnOf(context.plan).inWords },
    })),
    keepStopped: assign(({ context }, { result }: ExecReport) => ({ stopped: stoppedBy(context.view, result) })),
    abort: assign(() => ({ answer: ABORTED })),
  },
});

/** Grants travel up before the yes is acted upon, so that a call planned next already has them. */
export const grant = call.enqueueActions(({ enqueue, context, event }) => {
  if (event.type !== 'approval.decided') return;
  const { offers, keeps } = questionOf(context);
  const grants = { approveForSession: offers, approveAndKeep: keeps?.grants ?? [], approve: [], deny: [], abort: [] };
  const given = grants[event.decision.kind];
  if (given.length > 0) enqueue.sendTo(toParent, { type: 'call.granted', grants: given });
});

/** What a run came to, and what was refused to it: whatever becomes of the call. */
export const tellHosts = call.enqueueActions(({ enqueue, context: { turnId, callId }, event }) => {
  if (event.type !== 'exec.exited') return;
  const { contacted = [], refused = [] } = event.result.network ?? {};
  const tell = (type: 'network.contacted' | 'network.refused', hosts: readonly string[]) => {
    if (hosts.length > 0) enqueue({ type: 'publish', params: { type, turnId, callId, hosts } });
  };
  tell('network.contacted', contacted);
  tell('network.refused', refused);
});

export const ask = call.enqueueActions(({ enqueue, context }) => {
  const { turnId, callId, slot, view } = context;
  const question = questionOf(context);
  const approvalId = approvalIdOf(context);
  enqueue.sendTo(toParent, { type: 'call.asked', slot, approvalId, planHash: question.planHash });
  enqueue({ type: 'publish', params: { type: 'approval.requested', turnId, approvalId, callId, view, question } });
});

type Decided = Extract<CallCommand, { type: 'approval.decided' }>;
/** A person's, or that of a hook that says no before they do. */
const answerIn = (event: HookReport | { readonly type: string }): Pick<Decided, 'decision' | 'source'> | null => {
  if (event.type === 'approval.decided') return event as Decided;
  if (event.type !== 'hook.done' || !('verdict' in event) || event.verdict.kind !== 'blocked') return null;
  return { decision: { kind: 'deny', reason: event.verdict.reason }, source: 'hook' };
};

export const resolve = call.enqueueActions(({ enqueue, context, event }) => {
  const { turnId, callId, slot } = context;
  const approvalId = approvalIdOf(context);
  const answer = answerIn(event);
  enqueue.sendTo(toParent, { type: 'call.heard', slot, approvalId });
  enqueue({
    type: 'publish',
    params: {
      type: 'approval.resolved',
      turnId,
      approvalId,
      callId,
      decision: answer?.decision ?? 'cancelled',
      ...(answer?.source === undefined ? {} : { source: answer.source }),
    },
  });
});

/** The session owns the process from here on; the call is over, and the command is not. */
export const handOver = call.enqueueActions(({ enqueue, context: { callId, view }, event }) => {
  if (event.type !== 'exec.yielded') return;
  const { terminalId, pid, output } = event;
  enqueue.assign({ answer: { status: 'completed', output }, ran: null });
  enqueue.sendTo(toParent, { type: 'call.used', how: 'begun', terminalId, callId, what: inOneLine(view), pid });
});
export const takeWords = call.enqueueActions(({ enqueue, context: { callId }, event }) => {
  if (event.type !== 'talk.heard') return;
  const { terminalId, state, status, output } = event;
  enqueue.assign({ answer: { status, output } });
  if (state === 'unknown') return;
  const how = state === 'ended' ? 'read' : 'talked';
  enqueue.sendTo(toParent, { type: 'call.used', how, terminalId, callId, what: '', pid: null });
});

export const begin = call.enqueueActions(({ enqueue, context, event }) => {
  const { turnId, callId, slot, tool, view } = context;
  enqueue({ type: 'publish', params: { type: 'call.started', turnId, callId, tool, view } });
  if (event.type !== 'plan.ready') return;
  if (event.planUpdate) enqueue({ type: 'publish', params: { type: 'plan.updated', turnId, ...event.planUpdate } });
  enqueue.sendTo(toParent, { type: 'call.planned', slot, isExclusive: event.isExclusive, view });
});

export const finish = call.enqueueActions(({ enqueue, context, event }) => {
  const { turnId, callId, view, answer, ran } = context;
  const goesOn =
    event.type === 'exec.yielded' ? { terminalId: event.terminalId, ran: spawnOf(context.plan).inWords } : {};
  const exitCode = ran === null ? undefined : exitCodeOf(ran.result);
  enqueue({
    type: 'publish',
    params: {
      type: 'call.finished',
      turnId,
      callId,
      status: answer.status,
      view,
      output: ran?.result.output ?? answer.output,
      ...(exitCode === undefined ? {} : { exitCode }),
      ...(ran === null ? {} : { durationMs: ran.result.durationMs, ran: ran.inWords }),
      ...goesOn,
    },
  });
});

export const crashed = (what: string) => ({
  type: 'answer' as const,
  params: ({ event }: { event: { readonly error: unknown } }) => ({
    status: 'failed' as const,
    output: `${what}: ${messageOf(event.error)}`,
  }),
});
