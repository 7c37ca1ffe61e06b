/** What the agent's loop does with its calls: start them when their place is free, pass questions on, close them, record them. */
import type { CallOutput } from '../call.contract.ts';
import { END, messageOf, orphansOf, toParent } from '../kit.ts';
import type { CallItem } from '../protocol/index.ts';
import { changed, repeated, resultsOf, startable } from './calls.ts';
import { callIdOfActor, loop, recorded, slotOfActor, slotOfApproval } from './loop.setup.ts';

/** Starts every call whose place is free. Never an action of a state in which the task is winding down. */
export const startCalls = loop.enqueueActions(({ enqueue, context }) => {
  const slots = startable(context.calls);
  if (slots.length === 0) return;
  enqueue.assign({ calls: slots.reduce((calls, slot) => changed(calls, slot, { phase: 'going' }), context.calls) });
  for (const slot of slots) enqueue.sendTo(callIdOfActor(slot), { type: 'call.go' });
});

export const cancelCalls = loop.enqueueActions(({ enqueue, context }) => {
  for (const [slot, { phase }] of context.calls.entries())
    if (phase !== 'done') enqueue.sendTo(callIdOfActor(slot), { type: 'call.cancel' });
});

export const openCall = loop.enqueueActions(({ enqueue, context, event }) => {
  if (event.type !== 'call.planned') return;
  const { slot, isExclusive, view } = event;
  const callId = context.calls[slot]?.callId;
  if (callId === undefined) return;
  enqueue.assign({ calls: changed(context.calls, slot, { isExclusive, view, phase: 'planned' }) });
  enqueue.sendTo(toParent, { type: 'task.opened', callId, view });
});

export const askAbove = loop.enqueueActions(({ enqueue, context, event }) => {
  if (event.type !== 'call.asked') return;
  const { slot, approvalId, planHash } = event;
  const callId = context.calls[slot]?.callId;
  if (callId === undefined) return;
  enqueue.assign({ calls: changed(context.calls, slot, { approvalId }) });
  enqueue.sendTo(toParent, { type: 'task.asked', callId, approvalId, planHash });
});

export const heardAbove = loop.enqueueActions(({ enqueue, context, event }) => {
  if (event.type !== 'call.heard') return;
  enqueue.assign({ calls: changed(context.calls, event.slot, { approvalId: null }) });
  enqueue.sendTo(toParent, { type: 'task.heard', approvalId: event.approvalId });
});

export const decideBelow = loop.enqueueActions(({ enqueue, context, event }) => {
  if (event.type !== 'approval.decided') return;
  const slot = slotOfApproval(context, event.approvalId);
  if (slot >= 0) enqueue.sendTo(callIdOfActor(slot), event);
});

/** A finished child stays in the books of XState until it is taken out of them. */
export const closeCall = loop.enqueueActions(({ enqueue, context, event }) => {
  if (!('output' in event)) return;
  const output = event.output as CallOutput;
  enqueue.assign({
    calls: changed(context.calls, output.slot, { phase: 'done', output, approvalId: null }),
    stopped: [...context.stopped, ...output.stopped],
  });
  enqueue.stopChild(callIdOfActor(output.slot));
  enqueue.sendTo(toParent, { type: 'task.shut', callId: output.callId });
});

/** The machine of a call broke. What it began is closed here, since it cannot do it any more. */
export const closeCrashedCall = loop.enqueueActions(({ enqueue, context, event, self }) => {
  if (!('actorId' in event) || !('error' in event)) return;
  const slot = slotOfActor(event.actorId);
  const call = context.calls[slot];
  if (call === undefined) return;
  const { turnId } = context;
  const { callId, view, approvalId } = call;
  const output = `the call broke: ${messageOf(event.error)}`;
  enqueue.assign({
    calls: changed(context.calls, slot, {
      phase: 'done',
      approvalId: null,
      output: { slot, callId, status: 'failed', output, stopped: [] },
    }),
  });
  for (const orphan of orphansOf(self, event.actorId)) enqueue.sendTo(orphan, END);
  enqueue({ type: 'sweep', params: { turnId, callId } });
  if (approvalId !== null) {
    enqueue({
      type: 'publish',
      params: { type: 'approval.resolved', turnId, approvalId, callId, decision: 'cancelled' },
    });
    enqueue.sendTo(toParent, { type: 'task.heard', approvalId });
  }
  if (view !== null)
    enqueue({ type: 'publish', params: { type: 'call.finished', turnId, callId, status: 'failed', view, output } });
  enqueue.stopChild(callIdOfActor(slot));
  enqueue.sendTo(toParent, { type: 'task.shut', callId });
});

/** The results of all calls, in the order of the calls; those that never ended are aborted. */
export const flush = loop.enqueueActions(({ enqueue, context }) => {
  const { calls, items, repetition } = context;
  if (calls.length === 0) return;
  const results = resultsOf(calls);
  const callOf = (callId: string) =>
    items.find((item): item is CallItem => item.type === 'call' && item.callId === callId);
  enqueue.assign({
    ...recorded(context, results),
    calls: [],
    followUp: 'owed',
    repetition: results.reduce((known, result) => repeated(known, result, callOf(result.callId)), repetition),
  });
  enqueue.sendTo(toParent, { type: 'task.recorded', items: results });
});
