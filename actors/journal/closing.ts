/**
 * Ends what the loss of the runtime left open. Nothing is run again: a call that may have run is `unknown`, one that
 * certainly did not is `aborted`, a question is cancelled, a background terminal has ended, and the turn ends as `lost`.
 * Pure; the caller publishes.
 */
import {
  NO_USAGE,
  type CallStatus,
  type FactOf,
  type Item,
  type ResultItem,
  type RuntimeEvent,
} from '../../machines/protocol/index.ts';
import { interrupted } from '../../machines/tasks/review.words.ts';
import type { Folded, OpenTurn } from './fold.ts';

export interface Closing {
  /** What the history gains; the same items are in `facts`. */
  readonly items: readonly Item[];
  /** In the order in which they are to be published and journalled. */
  readonly facts: readonly RuntimeEvent[];
  /** Effects that get their end now, as unknown. */
  readonly effects: readonly string[];
}

const UNKNOWN =
  'Unknown: the runtime was lost while this ran. It may have finished, in part or as a whole. It was not run again. Look at the state of things before you repeat it.';
const NOT_RUN = 'Not run: the runtime was lost before this began.';
const RESUMED =
  'The previous turn was cut short because the runtime was lost. The conversation goes on from what was saved. A call marked unknown may have had effects.';

const statusOf = (turn: OpenTurn, callId: string): CallStatus => (turn.begun.has(callId) ? 'unknown' : 'aborted');
const outputOf = (turn: OpenTurn, callId: string): string => (turn.begun.has(callId) ? UNKNOWN : NOT_RUN);

/** A review that began and did not end: it ends without findings, and the conversation is told. */
const openReview = ({ facts }: Folded, turnId: string): FactOf<'review.entered'> | null => {
  const last = facts.findLast(({ fact }) => fact.type === 'review.entered' || fact.type === 'review.exited')?.fact;
  return last?.type === 'review.entered' && last.turnId === turnId ? last : null;
};

const closeTurn = (folded: Folded, turn: OpenTurn): Omit<Closing, 'effects'> => {
  const { turnId } = turn;
  const results = turn.unanswered.map(({ callId }): ResultItem => ({
    ...{ type: 'result', callId },
    output: outputOf(turn, callId),
    status: statusOf(turn, callId),
  }));
  const review = openReview(folded, turnId);
  const items: Item[] = [
    ...results,
    ...(review === null ? [] : interrupted(review.target)),
    { type: 'context', about: 'resumed', text: RESUMED },
  ];
  const exited: RuntimeEvent[] = review === null ? [] : [{ type: 'review.exited', turnId, review: null }];
  const cancelled = folded.pendingApprovals.map(({ approvalId, callId }): FactOf<'approval.resolved'> => ({
    ...{ type: 'approval.resolved', turnId, approvalId, callId },
    decision: 'cancelled',
  }));
  const finished = turn.calls.map(({ callId, view }): FactOf<'call.finished'> => ({
    ...{ type: 'call.finished', turnId, callId, view },
    status: statusOf(turn, callId),
    output: outputOf(turn, callId),
  }));
  const counted = folded.facts.findLast(({ fact }) => fact.type === 'tokens.counted' && fact.turnId === turnId)?.fact;
  const usage = counted?.type === 'tokens.counted' ? counted.accounting.turn : NO_USAGE;
  // Words that it did not read are still owed: the next process gives them back (`input.returned`), where somebody sees it.
  const ending: RuntimeEvent = { type: 'turn.aborted', turnId, usage, undelivered: [], reason: 'lost', stopped: [] };
  return { items, facts: [...cancelled, ...finished, ...exited, { type: 'items.recorded', turnId, items }, ending] };
};

/** Nothing at all, when nothing was open. */
export const closeOpenTurn = (folded: Folded): Closing => {
  const effects = folded.effectsInFlight.map(({ id }) => id);
  const ended = folded.terminals.map(({ terminalId }): RuntimeEvent => ({
    ...{ type: 'terminal.ended', terminalId },
    status: 'unknown',
  }));
  if (folded.openTurn === null) return { items: [], facts: ended, effects };
  const { items, facts } = closeTurn(folded, folded.openTurn);
  return { items, facts: [...facts, ...ended], effects };
};
