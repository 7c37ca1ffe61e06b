/**
 * One tool call, from the model's request to the answer the model gets. It walks a plan and decides nothing.
 *
 *   call
 *   ├─ planning             the tool reads its arguments, the planner writes the plan
 *   ├─ hooking              the user's own programs are asked; they may refuse, or have a person asked
 *   │  ├─ hearing           their answer is waited for
 *   │  └─ ending            told to end; only their end, or CALL_PATIENCE_MS, ends the waiting
 *   ├─ replanning           it was refused hosts: whether to ask about them, the planner says
 *   ├─ walking              looks at the next step
 *   ├─ asking               waits for a person; there is no clock here
 *   ├─ ready                may run as soon as the task says that its place is free
 *   ├─ running              the process lives exactly as long as this state
 *   │  ├─ executing         its exit decides: answered, or a denial that leads to the next step
 *   │  ├─ lending           it may go on in the background: it is waited for a while
 *   │  ├─ yielding          it was asked to go over to the session; it may still end first
 *   │  └─ cancelling        told to stop; only its exit, or CALL_PATIENCE_MS, ends the waiting
 *   ├─ talking              with a background terminal; what was written is written
 *   │  ├─ listening         an answer is waited for
 *   │  └─ reading           what there is by now is asked for
 *   ├─ reaching             a tool of an MCP server works; to leave this state is to tell it to stop
 *   ├─ checking             it has run; the user's own programs hear of it, and may object
 *   │  ├─ hearing           their answer is waited for
 *   │  └─ ending            told to end; what the tool did stands
 *   ├─ answered ■           there is a result for the model: of a run, a refusal, or the tool itself
 *   ├─ cancelled ■          it was shown, and ended with the interrupt
 *   └─ withdrawn ■          cancelled before anything was shown
 *
 * Down:     call.go, call.cancel, approval.decided
 * Up:       call.planned, call.ready, call.asked, call.heard, call.used, call.granted; then the output
 * Sideways: call.started, network.contacted, network.refused, approval.requested, approval.resolved, plan.updated, hook.ran,
 *           session.warned, call.finished
 *
 * Promises:
 *   1. call.started and call.finished come in pairs, in that order, and nothing of the call comes after
 *   2. an approval waiter is a state: a decision that is late, doubled or for another question finds nobody
 *   3. a second run happens only after a second yes; nothing runs after call.cancel
 *   4. a hook takes away and never gives: what its words come to is a refusal, a question, or the plan as it was
 */
import { sendTo } from 'xstate';
import {
  ABORTED,
  NOBODY,
  UNPLANNED,
  afterDenial,
  afterYes,
  answered,
  declined,
  refusalOf,
  refusedOf,
  remoteOf,
  spawnOf,
  talkOf,
  tooLate,
} from './call.words.ts';
import { ask, begin, call, crashed, finish, grant, handOver, resolve, takeWords, tellHosts } from './call.setup.ts';
import { alsoAsk, askedBeside, checking, hooking, hush } from './call.hooks.ts';
import { withNotes } from './hook.words.ts';
import { toParent } from './kit.ts';
import type { PlanReport } from './leaves.ts';
import { MAX_MICROSTEPS } from './limits.ts';

const planned = [{ type: 'takePlan' as const, params: ({ event }: { event: PlanReport }) => event }, begin];

const yielded = { target: '#call.answered', actions: handOver };

/** While the process is the call's own. */
const running = call.createStateConfig({
  on: {
    'exec.yielded': yielded,
    'exec.exited': [
      {
        guard: { type: 'wantsHosts', params: ({ event }) => event.result },
        target: '#call.replanning',
        actions: { type: 'keepRun', params: ({ event }) => event },
      },
      {
        guard: { type: 'escalates', params: ({ event }) => event.result },
        target: '#call.walking',
        actions: [
          { type: 'keepRun', params: ({ event }) => event },
          { type: 'follow', params: ({ context }) => afterDenial(context.plan) },
        ],
      },
      {
        guard: { type: 'hasHooks', params: 'afterTool' },
        target: '#call.checking',
        actions: { type: 'keepRun', params: ({ event }) => event },
      },
      { target: '#call.answered', actions: { type: 'keepRun', params: ({ event }) => event } },
    ],
    'call.cancel': 'cancelling',
  },
});

/**
 * One tool call: planned, perhaps asked about, run, answered. Input, events and output are typed; its leaves are
 * empty.
 */
export const callMachine = call.createMachine({
  id: 'call',
  options: { maxIterations: MAX_MICROSTEPS },
  context: ({ input }) => ({
    ...input,
    view: { kind: 'tool', tool: input.tool, args: input.args },
    plan: UNPLANNED,
    asked: input.again?.times ?? 0,
    answer: ABORTED,
    ran: null,
    stopped: [],
    notes: [],
  }),
  initial: 'planning',
  states: {
    planning: {
      invoke: {
        src: 'plan',
        id: 'plan',
        input: ({ context: { turnId, callId, tool, args, grants, purpose, again } }) => ({
          ...{ turnId, callId, tool, args, grants },
          ...(purpose === undefined ? {} : { purpose }),
          ...(again === undefined ? {} : { again }),
        }),
        onError: { target: 'answered', actions: [crashed('the call could not be planned'), begin] },
      },
      on: {
        'plan.ready': [
          { guard: { type: 'mustHear', params: ({ event }) => event.plan }, target: 'hooking', actions: planned },
          { target: 'walking', actions: planned },
        ],
        'call.cancel': 'withdrawn',
      },
    },
    hooking,
    replanning: {
      invoke: {
        src: 'plan',
        id: 'plan',
        input: ({ context }) => {
          const { turnId, callId, tool, args, grants, purpose } = context;
          const which = { turnId, callId, tool, args, grants, refused: refusedOf(context) };
          return purpose === undefined ? which : { ...which, purpose };
        },
        onError: 'answered',
      },
      on: {
        'plan.ready': [
          {
            guard: { type: 'asks', params: ({ event }) => event.plan },
            target: 'walking',
            actions: { type: 'follow', params: ({ event }) => event.plan },
          },
          { guard: { type: 'hasHooks', params: 'afterTool' }, target: 'checking' },
          { target: 'answered' },
        ],
        'call.cancel': { target: 'cancelled', actions: 'abort' },
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
        { guard: 'mayTalk', target: 'ready' },
        { guard: 'mayReach', target: 'ready' },
        { target: 'answered', actions: { type: 'answer', params: ({ context }) => answered(context.plan) } },
      ],
    },
    asking: {
      entry: ['countQuestion', ask, alsoAsk],
      exit: hush,
      on: {
        ...askedBeside,
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
        'call.go': [
          { guard: 'mayTalk', target: 'talking' },
          { guard: 'mayReach', target: 'reaching' },
          { target: 'running' },
        ],
        'call.cancel': { target: 'cancelled', actions: 'abort' },
      },
    },
    running: {
      exit: tellHosts,
      invoke: {
        src: 'exec',
        id: 'exec',
        input: ({ context: { turnId, callId, plan } }) => ({ turnId, callId, spawn: spawnOf(plan) }),
        onError: { target: '#call.answered', actions: crashed('the command could not be run') },
      },
      initial: 'executing',
      states: {
        executing: { always: { guard: 'mayYield', target: 'lending' }, ...running },
        lending: { after: { yieldTime: 'yielding' }, ...running },
        yielding: { entry: sendTo('exec', { type: 'exec.yield' }), ...running },
        cancelling: {
          entry: sendTo('exec', { type: 'exec.cancel' }),
          on: {
            'exec.yielded': yielded,
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
    talking: {
      invoke: {
        src: 'talk',
        id: 'talk',
        input: ({ context: { turnId, callId, plan } }) => ({ turnId, callId, ...talkOf(plan) }),
        onError: { target: 'answered', actions: crashed('the terminal could not be spoken to') },
      },
      initial: 'listening',
      states: {
        listening: { after: { yieldTime: 'reading' } },
        reading: {
          entry: sendTo('talk', { type: 'talk.read' }),
          after: { patience: { target: '#call.cancelled', actions: 'abort' } },
        },
      },
      on: {
        'talk.heard': { target: 'answered', actions: takeWords },
        'call.cancel': { target: 'cancelled', actions: 'abort' },
      },
    },
    reaching: {
      invoke: {
        src: 'remote',
        id: 'remote',
        input: ({ context: { turnId, callId, plan } }) => ({ turnId, callId, ...remoteOf(plan) }),
        onError: { target: 'answered', actions: crashed('the tool could not be called') },
      },
      on: {
        'remote.answered': [
          {
            guard: { type: 'hasHooks', params: 'afterTool' },
            target: 'checking',
            actions: { type: 'answer', params: ({ event }) => event },
          },
          { target: 'answered', actions: { type: 'answer', params: ({ event }) => event } },
        ],
        'call.cancel': { target: 'cancelled', actions: 'abort' },
      },
      after: {
        remoteTime: {
          target: 'answered',
          actions: { type: 'answer', params: ({ context }) => tooLate(context.plan) },
        },
      },
    },
    checking,
    answered: { type: 'final', entry: finish },
    cancelled: { type: 'final', entry: finish },
    withdrawn: { type: 'final' },
  },
  output: ({ context: { slot, callId, answer, notes, stopped } }) => ({
    ...{ slot, callId, ...answer, stopped },
    output: withNotes(answer.output, notes),
  }),
});
