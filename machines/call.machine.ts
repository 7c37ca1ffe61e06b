/**
 * One tool call, from the model's request to the answer the model gets. It walks a plan and decides nothing.
 *
 *   call
 *   ├─ planning             the tool reads its arguments, the planner writes the plan
 *   ├─ walking              looks at the next step
 *   ├─ asking               waits for a person; there is no clock here
 *   ├─ ready                may run as soon as the task says that its place is free
 *   ├─ running              the process lives exactly as long as this state
 *   │  ├─ executing         its exit decides: answered, or a denial that leads to the next step
 *   │  └─ cancelling        told to stop; only its exit, or CALL_PATIENCE_MS, ends the waiting
 *   ├─ answered ■           there is a result for the model: of a run, a refusal, or the tool itself
 *   ├─ cancelled ■          it was shown, and ended with the interrupt
 *   └─ withdrawn ■          cancelled before anything was shown
 *
 * Down:     call.go, call.cancel, approval.decided
 * Up:       call.planned, call.ready, call.asked, call.heard, call.granted; then the output
 * Sideways: call.started, approval.requested, approval.resolved, plan.updated, call.finished
 *
 * Promises:
 *   1. call.started and call.finished come in pairs, in that order, and nothing of the call comes after
 *   2. an approval waiter is a state: a decision that is late, doubled or for another question finds nobody
 *   3. a second run happens only after a second yes; nothing runs after call.cancel
 */
import { assign, sendTo, setup, type CallbackActorLogic, type ErrorActorEvent, type EventObject } from 'xstate';
import type { ExecPlan, ExecResult } from '../sandbox/plan.ts';
import type { Answer, CallCommand, CallContext, CallInput, CallOutput } from './call.contract.ts';
import {
  ABORTED,
  NOBODY,
  UNPLANNED,
  afterDenial,
  afterYes,
  answered,
  approvalIdOf,
  declined,
  exitCodeOf,
  questionOf,
  refusalOf,
  spawnOf,
  statusOf,
  stoppedBy,
} from './call.words.ts';
import { CALL_PATIENCE_MS } from './deadlines.ts';
import { messageOf, toParent } from './kit.ts';
import type { ExecCommand, ExecInput, ExecReport, PlanInput, PlanReport } from './leaves.ts';
import { MAX_MICROSTEPS } from './limits.ts';
import { actorPort, publishPort } from './ports.ts';
import type { Decision } from './protocol/index.ts';

type Crashed = ErrorActorEvent<unknown, string>;

const call = setup({
  types: {
    input: {} as CallInput,
    context: {} as CallContext,
    events: {} as CallCommand | PlanReport | ExecReport | Crashed,
    output: {} as CallOutput,
  },
  actors: {
    plan: actorPort<CallbackActorLogic<EventObject, PlanInput>>('plan'),
    exec: actorPort<CallbackActorLogic<ExecCommand, ExecInput>>('exec'),
  },
  delays: { patience: CALL_PATIENCE_MS },
  guards: {
    mustAsk: ({ context: { plan, isAttended } }) => plan.step === 'ask' && isAttended,
    mustAskNobody: ({ context: { plan } }) => plan.step === 'ask',
    mayRun: ({ context: { plan } }) => plan.step === 'run',
    isMine: ({ context }, approvalId: string) => approvalIdOf(context) === approvalId,
    isYes: ({ context }, { approvalId, kind }: { approvalId: string; kind: Decision['kind'] }) =>
      approvalIdOf(context) === approvalId && (kind === 'approve' || kind === 'approveForSession'),
    escalates: ({ context: { plan, isAttended } }, { denial }: ExecResult) => {
      const next = afterDenial(plan);
      return denial !== null && next !== null && (next.step !== 'ask' || isAttended);
    },
  },
  actions: {
    publish: publishPort,
    takePlan: assign((_, { view, plan }: PlanReport) => ({ view, plan })),
    follow: assign((_, plan: ExecPlan | null) => ({ plan: plan ?? UNPLANNED })),
    countQuestion: assign(({ context }) => ({ asked: context.asked + 1 })),
    answer: assign((_, answer: Answer) => ({ answer })),
    keepRun: assign(({ context }, { result, output }: ExecReport) => ({
      answer: { status: statusOf(result), output },
      ran: { result, inWords: spawnOf(context.plan).inWords },
    })),
    keepStopped: assign(({ context }, { result }: ExecReport) => ({ stopped: stoppedBy(context.view, result) })),
    abort: assign(() => ({ answer: ABORTED })),
  },
});

/** Grants travel up before the yes is acted upon, so that a call planned next already has them. */
const grant = call.enqueueActions(({ enqueue, context, event }) => {
  if (event.type !== 'approval.decided' || event.decision.kind !== 'approveForSession') return;
  const { offers } = questionOf(context);
  if (offers.length > 0) enqueue.sendTo(toParent, { type: 'call.granted', grants: offers });
});

const ask = call.enqueueActions(({ enqueue, context }) => {
  const { turnId, callId, slot, view } = context;
  const question = questionOf(context);
  const approvalId = approvalIdOf(context);
  enqueue.sendTo(toParent, { type: 'call.asked', slot, approvalId, planHash: question.planHash });
  enqueue({ type: 'publish', params: { type: 'approval.requested', turnId, approvalId, callId, view, question } });
});

const resolve = call.enqueueActions(({ enqueue, context, event }) => {
  const { turnId, callId, slot } = context;
  const approvalId = approvalIdOf(context);
  const answer = event.type === 'approval.decided' ? event : null;
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

const begin = call.enqueueActions(({ enqueue, context, event }) => {
  const { turnId, callId, slot, tool, view } = context;
  enqueue({ type: 'publish', params: { type: 'call.started', turnId, callId, tool, view } });
  if (event.type !== 'plan.ready') return;
  if (event.planUpdate) enqueue({ type: 'publish', params: { type: 'plan.updated', turnId, ...event.planUpdate } });
  enqueue.sendTo(toParent, { type: 'call.planned', slot, isExclusive: event.isExclusive, view });
});

const finish = call.enqueueActions(({ enqueue, context }) => {
  const { turnId, callId, view, answer, ran } = context;
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
    },
  });
});

const crashed = (what: string) => ({
  type: 'answer' as const,
  params: ({ event }: { event: { readonly error: unknown } }) => ({
    status: 'failed' as const,
    output: `${what}: ${messageOf(event.error)}`,
  }),
});

export const callMachine = call.createMachine({
  id: 'call',
  options: { maxIterations: MAX_MICROSTEPS },
  context: ({ input }) => ({
    ...input,
    view: { kind: 'tool', tool: input.tool, args: input.args },
    plan: UNPLANNED,
    asked: 0,
    answer: ABORTED,
    ran: null,
    stopped: [],
  }),
  initial: 'planning',
  states: {
    planning: {
      invoke: {
        src: 'plan',
        id: 'plan',
        input: ({ context: { turnId, callId, tool, args, grants } }) => ({ turnId, callId, tool, args, grants }),
        onError: { target: 'answered', actions: [crashed('the call could not be planned'), begin] },
      },
      on: {
        'plan.ready': { target: 'walking', actions: [{ type: 'takePlan', params: ({ event }) => event }, begin] },
        'call.cancel': 'withdrawn',
      },
    },
    walking: {
      always: [
        { guard: 'mustAsk', target: 'asking' },
        {
          guard: 'mustAskNobody',
          target: 'answered',
          actions: { type: 'answer', params: ({ context }) => declined(NOBODY, context) },
        },
        { guard: 'mayRun', target: 'ready' },
        { target: 'answered', actions: { type: 'answer', params: ({ context }) => answered(context.plan) } },
      ],
    },
    asking: {
      entry: ['countQuestion', ask],
      on: {
        'approval.decided': [
          {
            guard: {
              type: 'isYes',
              params: ({ event: { approvalId, decision } }) => ({ approvalId, kind: decision.kind }),
            },
            target: 'walking',
            actions: [grant, resolve, { type: 'follow', params: ({ context }) => afterYes(context.plan) }],
          },
          {
            guard: { type: 'isMine', params: ({ event }) => event.approvalId },
            target: 'answered',
            actions: [
              resolve,
              { type: 'answer', params: ({ context, event }) => declined(refusalOf(event.decision), context) },
            ],
          },
        ],
        'call.cancel': { target: 'cancelled', actions: [resolve, 'abort'] },
      },
    },
    ready: {
      entry: sendTo(toParent, ({ context: { slot } }) => ({ type: 'call.ready', slot })),
      on: {
        'call.go': 'running',
        'call.cancel': { target: 'cancelled', actions: 'abort' },
      },
    },
    running: {
      invoke: {
        src: 'exec',
        id: 'exec',
        input: ({ context: { turnId, callId, plan } }) => ({ turnId, callId, spawn: spawnOf(plan) }),
        onError: { target: '#call.answered', actions: crashed('the command could not be run') },
      },
      initial: 'executing',
      states: {
        executing: {
          on: {
            'exec.exited': [
              {
                guard: { type: 'escalates', params: ({ event }) => event.result },
                target: '#call.walking',
                actions: [
                  { type: 'keepRun', params: ({ event }) => event },
                  { type: 'follow', params: ({ context }) => afterDenial(context.plan) },
                ],
              },
              { target: '#call.answered', actions: { type: 'keepRun', params: ({ event }) => event } },
            ],
            'call.cancel': 'cancelling',
          },
        },
        cancelling: {
          entry: sendTo('exec', { type: 'exec.cancel' }),
          on: {
            'exec.exited': {
              target: '#call.cancelled',
              actions: [
                { type: 'keepRun', params: ({ event }) => event },
                { type: 'keepStopped', params: ({ event }) => event },
              ],
            },
          },
          after: { patience: { target: '#call.cancelled', actions: 'abort' } },
        },
      },
    },
    answered: { type: 'final', entry: finish },
    cancelled: { type: 'final', entry: finish },
    withdrawn: { type: 'final' },
  },
  output: ({ context: { slot, callId, answer, stopped } }) => ({ slot, callId, ...answer, stopped }),
});
