/** The words of a review that XState must know: its holes, guards and actions. The chart stands in `review.machine.ts`. */
import { assign, setup, type DoneActorEvent, type ErrorActorEvent } from 'xstate';
import { estimateTokens, lastAgentMessage } from '../history.ts';
import { END, orphansOf, toParent } from '../kit.ts';
import { actorPort, sweepPort } from '../ports.ts';
import { refillWindow } from '../protocol/usage.ts';
import type { Accounting, Grant, Item, RuntimeError, Stopped } from '../protocol/index.ts';
import type { TaskCommand, TaskInput, TaskLogic, TaskOutput, TaskReported } from './contract.ts';
import { parseReview } from './review.findings.ts';
import { failed, finished, interrupted, requestOf, targetInWords, targetOf } from './review.words.ts';

/** Compactions of one review's own history. */
export const MAX_CONDENSINGS = 4;

export interface ReviewContext extends TaskInput {
  /** What the reviewer knows to begin with, and what it cost so far. Its window is not the conversation's. */
  readonly thread: { readonly history: readonly Item[]; readonly accounting: Accounting };
  /** What the reviewer said and did since. */
  readonly said: readonly Item[];
  readonly condensings: number;
  /** What it is about, in words. */
  readonly target: string;
  readonly error: RuntimeError | null;
  readonly stopped: readonly Stopped[];
}

type ReviewEvent =
  | TaskCommand
  | TaskReported
  | DoneActorEvent<TaskOutput, 'regular'>
  | DoneActorEvent<TaskOutput, 'compact'>
  | ErrorActorEvent<unknown, 'regular'>
  | ErrorActorEvent<unknown, 'compact'>;

/** Where the conversation takes place, and the rules there. Nothing that was said in it. */
const surroundings = (history: readonly Item[]): readonly Item[] =>
  history.filter((item) => item.type === 'context' && (item.about === 'instructions' || item.about === 'environment'));

export const newReview = (input: TaskInput): ReviewContext => {
  const target = targetOf(input.subject.text);
  const history: readonly Item[] = [...surroundings(input.history), { type: 'user', text: requestOf(target) }];
  return {
    ...input,
    thread: { history, accounting: refillWindow(input.accounting, estimateTokens(history)) },
    said: [],
    condensings: 0,
    target: targetInWords(target),
    error: null,
    stopped: [],
  };
};

export const review = setup({
  types: {
    input: {} as TaskInput,
    context: {} as ReviewContext,
    events: {} as ReviewEvent,
    output: {} as TaskOutput,
  },
  actors: { regular: actorPort<TaskLogic>('regular'), compact: actorPort<TaskLogic>('compact') },
  guards: {
    hasEnded: ({ event }, outcome: TaskOutput['outcome']) => 'output' in event && event.output.outcome === outcome,
    hasSpoken: ({ context }) => (lastAgentMessage(context.said) ?? '').trim() !== '',
    mayCondense: ({ context }) => context.condensings < MAX_CONDENSINGS,
  },
  actions: {
    sweep: sweepPort,
    keepSaid: assign(({ context }, items: readonly Item[]) => ({ said: [...context.said, ...items] })),
    keepError: assign((_, error: RuntimeError) => ({ error })),
    keepStopped: assign(({ context }, stopped: readonly Stopped[]) => ({ stopped: [...context.stopped, ...stopped] })),
    grantAlso: assign(({ context }, grants: readonly Grant[]) => ({ grants: [...context.grants, ...grants] })),
  },
});

/** Told at birth; and what is to be said in its place, should it never come to that. */
export const enter = review.enqueueActions(({ enqueue, context: { turnId, target } }) => {
  enqueue.sendTo(toParent, {
    type: 'task.willed',
    fact: { type: 'review.entered', turnId, target },
    will: { fact: { type: 'review.exited', turnId, review: null }, items: interrupted(target) },
  });
});

export const tellFindings = review.enqueueActions(({ enqueue, context: { turnId, target, said } }) => {
  const found = parseReview(lastAgentMessage(said) ?? '');
  enqueue.sendTo(toParent, {
    type: 'task.willed',
    fact: { type: 'review.exited', turnId, review: found },
    will: null,
  });
  enqueue.sendTo(toParent, { type: 'task.recorded', items: finished(target, found) });
});

/** Whoever ends the turn says that there are no findings; now it is known why. */
export const explainAbove = review.enqueueActions(({ enqueue, context: { turnId, target, error } }) => {
  const items = failed(target, error?.message ?? 'no reason was kept');
  enqueue.sendTo(toParent, {
    type: 'task.willed',
    fact: null,
    will: { fact: { type: 'review.exited', turnId, review: null }, items },
  });
});

/** A report of the thread's that the turn must hear. */
export const up = review.enqueueActions(({ enqueue, event }) => {
  enqueue.sendTo(toParent, event);
});

/** What it costs is the turn's; how full its window is, is nobody's business but its own. */
const told = (mine: Accounting, { window }: Accounting) => ({
  type: 'task.counted' as const,
  accounting: { ...mine, window },
});

export const countAbove = review.enqueueActions(({ enqueue, context, event }) => {
  if (event.type !== 'task.counted') return;
  enqueue.assign({ thread: { ...context.thread, accounting: event.accounting } });
  enqueue.sendTo(toParent, told(event.accounting, context.accounting));
});

export const condense = review.enqueueActions(({ enqueue, context, event }) => {
  if (event.type !== 'task.compacted') return;
  const { history, accounting } = event;
  enqueue.assign({ thread: { history, accounting }, said: [], condensings: context.condensings + 1 });
  enqueue.sendTo(toParent, told(accounting, context.accounting));
});

/** What a broken child had started ends with it; the turn closes what it had opened. */
export const endOrphans = review.enqueueActions(({ enqueue, context: { turnId }, event, self }) => {
  if (!('error' in event)) return;
  for (const orphan of orphansOf(self, event.actorId)) enqueue.sendTo(orphan, END);
  enqueue({ type: 'sweep', params: { turnId, callId: null } });
});
