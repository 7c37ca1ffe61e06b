/**
 * What a call does with the hooks of its tool: before it, after it, and beside its question. Without hooks none of these
 * states is entered.
 */
import { sendTo } from 'xstate';
import type { CallContext } from './call.contract.ts';
import { call, resolve } from './call.setup.ts';
import type { HookInput, HookName, HookReport } from './hook.contract.ts';
import { afterQuestion, factsOf, objectionBy, refusalBy, unheard } from './hook.words.ts';
import type { CallPlan } from '../sandbox/plan.ts';
import { declined, questionOf } from './call.words.ts';

type Heard = { readonly event: HookReport };

const said = (of: HookName) => ({
  type: 'isOf' as const,
  params: ({ event: { hook, verdict } }: Heard) => ({ of, hook, verdict }),
});
const blocked = (of: HookName) => ({
  type: 'hasBlocked' as const,
  params: ({ event: { hook, verdict } }: Heard) => ({ of, hook, verdict }),
});
const required = (hook: HookName) => ({ type: 'isRequired' as const, params: hook });

const ofCall = ({ turnId, callId, tool, args, view }: CallContext) => ({ turnId, callId, tool, args, view });

/** A plan that a hook wants a person to see. The name of the question is that of the call: its plan is fixed. */
const questioned = ({ plan, turnId, callId }: CallContext, { verdict }: HookReport): CallPlan =>
  verdict.kind === 'asked' ? afterQuestion(plan, verdict.reason, `${turnId}/${callId}/hook`) : plan;

/** Tells what the hooks said, and keeps what the model shall know of it. A leaf that fell silent has said nothing. */
const hear = (of: HookName) =>
  call.enqueueActions(({ enqueue, context, event }) => {
    const report = event.type === 'hook.done' ? event : unheard(context.hooks, of);
    const { turnId, callId, notes } = context;
    for (const fact of factsOf(report, { turnId, callId })) enqueue({ type: 'publish', params: fact });
    const { verdict, context: known } = report;
    const more = [
      ...(of === 'afterTool' && verdict.kind === 'blocked' ? [objectionBy(verdict)] : []),
      ...(known === '' ? [] : [`A hook of the user adds:\n${known}`]),
    ];
    enqueue.assign({
      ...(of === 'beforeTool' ? { plan: questioned(context, report) } : {}),
      ...(more.length === 0 ? {} : { notes: [...notes, ...more] }),
    });
  });

const refuse = {
  type: 'answer' as const,
  params: ({ context, event }: { context: CallContext; event: HookReport | { readonly type: string } }) => {
    const { verdict } = 'verdict' in event ? event : unheard(context.hooks, 'beforeTool');
    return declined(refusalBy(verdict), context);
  },
};

const [hearBefore, hearAfter, hearBeside] = [hear('beforeTool'), hear('afterTool'), hear('approvalRequested')];
const unheardBefore = [
  { guard: required('beforeTool'), target: '#call.answered', actions: [hearBefore, refuse] },
  { target: '#call.walking', actions: hearBefore },
];
const unheardAfter = { target: '#call.answered', actions: hearAfter };

export const hooking = call.createStateConfig({
  invoke: {
    src: 'hook',
    id: 'hook',
    input: ({ context }) => ({ hook: 'beforeTool', ...ofCall(context) }),
    onError: unheardBefore,
  },
  initial: 'hearing',
  states: {
    hearing: {
      on: {
        'hook.done': [
          { guard: blocked('beforeTool'), target: '#call.answered', actions: [hearBefore, refuse] },
          { guard: said('beforeTool'), target: '#call.walking', actions: hearBefore },
        ],
        'call.cancel': 'ending',
      },
      after: { beforeTime: unheardBefore },
    },
    ending: {
      entry: sendTo('hook', { type: 'hook.cancel' }),
      on: { 'hook.done': { target: '#call.cancelled', actions: [hearBefore, 'abort'] } },
      after: { patience: { target: '#call.cancelled', actions: 'abort' } },
    },
  },
});

export const checking = call.createStateConfig({
  invoke: {
    src: 'hook',
    id: 'hook',
    input: ({ context }) => ({
      ...{ hook: 'afterTool' as const, ...ofCall(context) },
      ...{ status: context.answer.status, output: context.answer.output },
    }),
    onError: unheardAfter,
  },
  initial: 'hearing',
  states: {
    hearing: {
      on: {
        'hook.done': { guard: said('afterTool'), target: '#call.answered', actions: hearAfter },
        'call.cancel': 'ending',
      },
      after: { afterTime: unheardAfter },
    },
    ending: {
      entry: sendTo('hook', { type: 'hook.cancel' }),
      on: { 'hook.done': { target: '#call.answered', actions: hearAfter } },
      after: { patience: '#call.answered' },
    },
  },
});

/** Beside the question, whoever answers it first. */
export const alsoAsk = call.enqueueActions(({ enqueue, context }) => {
  if (context.hooks?.approvalRequested === undefined) return;
  const input: HookInput = { hook: 'approvalRequested', ...ofCall(context), why: questionOf(context).why };
  enqueue.spawnChild('hook', { id: 'hook', input });
});
export const hush = call.enqueueActions(({ enqueue, context }) => {
  if (context.hooks?.approvalRequested !== undefined) enqueue.stopChild('hook');
});

export const askedBeside = {
  'hook.done': [
    { guard: blocked('approvalRequested'), target: 'answered', actions: [hearBeside, resolve, refuse] },
    { guard: said('approvalRequested'), actions: [hearBeside, hush] },
  ],
  'xstate.error.actor.hook': { actions: [hearBeside, hush] },
};
