/**
 * Ends what the loss of the runtime left open. Nothing is run again: a call that may have run is `unknown`, one that
 * certainly did not is `aborted`, a background terminal has ended, and the turn ends as `lost`. A question is cancelled;
 * where somebody can answer, its call keeps its result open for the turn that asks again. Pure; the caller publishes.
 */
import {
  NO_USAGE,
  type CallItem,
  type CallStatus,
  type FactOf,
  type Item,
  type ResultItem,
  type RuntimeEvent,
} from '../../machines/protocol/index.ts';
import { turnIdOf } from '../../machines/session.words.ts';
import { interrupted } from '../../machines/tasks/review.words.ts';
import type { Continuation } from '../../machines/turn.contract.ts';
import type { Folded, OpenTurn } from './fold.ts';
import { LOST } from './sums.ts';

export interface Closing {
  /** What the history gains; the same items are in `facts`. */
  readonly items: readonly Item[];
  /** In the order in which they are to be published and journalled. */
  readonly facts: readonly RuntimeEvent[];
  /** Effects that get their end now, as unknown. */
  readonly effects: readonly string[];
  /** Turns that begin and end in `facts`. */
  readonly turns: number;
  /** What is asked again; null: nothing. */
  readonly continues: Continuation | null;
}

/** Whether somebody will be there who can answer. */
export type Asks = 'again' | 'never';

const UNKNOWN =
  'Unknown: the runtime was lost while this ran. It may have finished, in part or as a whole. It was not run again. Look at the state of things before you repeat it.';
const NOT_RUN = 'Not run: the runtime was lost before this began.';
const ASKED_AGAIN = 'Not run: the runtime was lost while this was asked. It is asked again.';
const RESUMED =
  'The previous turn was cut short because the runtime was lost. The conversation goes on from what was saved. A call marked unknown may have had effects.';
const NOTE: Item = { type: 'context', about: 'resumed', text: RESUMED };

/** How each call ended that is closed here. One that asks for the second time has run once, whichever turn that was in. */
const endOf =
  ({ questions }: Folded, begun: ReadonlySet<string>, kept: ReadonlySet<string>) =>
  (callId: string): { readonly status: CallStatus; readonly output: string } => {
    if (kept.has(callId)) return { status: 'aborted', output: ASKED_AGAIN };
    const hasRun = questions.some(({ call, cause }) => call.callId === callId && cause !== undefined);
    return hasRun || begun.has(callId)
      ? { status: 'unknown', output: UNKNOWN }
      : { status: 'aborted', output: NOT_RUN };
  };

const recorded = (turnId: string, items: readonly Item[]): readonly RuntimeEvent[] =>
  items.length === 0 ? [] : [{ type: 'items.recorded', turnId, items }];

const lost = (turnId: string, usage = NO_USAGE): RuntimeEvent => ({
  // Words that it did not read are still owed: the next process gives them back, where somebody sees it.
  ...{ type: 'turn.aborted', turnId, usage, undelivered: [], reason: 'lost', stopped: [] },
});

type Closed = Pick<Closing, 'items' | 'facts'>;

const closeTurn = (folded: Folded, turn: OpenTurn, kept: ReadonlySet<string>): Closed => {
  const { unanswered, pendingApprovals } = folded;
  const { turnId, review, usage, calls } = turn;
  const end = endOf(folded, turn.begun, kept);
  const results = unanswered
    .filter(({ callId }) => !kept.has(callId))
    .map(({ callId }): ResultItem => ({ type: 'result', callId, ...end(callId) }));
  const items: readonly Item[] = [
    ...results,
    ...(review === null ? [] : interrupted(review.target)),
    ...(kept.size > 0 ? [] : [NOTE]), // else it stands behind the results that are still to come
  ];
  const exited: RuntimeEvent[] = review === null ? [] : [{ type: 'review.exited', turnId, review: null }];
  const cancelled = pendingApprovals.map(({ approvalId, callId }): FactOf<'approval.resolved'> => ({
    ...{ type: 'approval.resolved', turnId, approvalId, callId, decision: 'cancelled' },
    ...(kept.has(callId) ? { source: LOST } : {}),
  }));
  const finished = calls.map(({ callId, view }): FactOf<'call.finished'> => ({
    ...{ type: 'call.finished', turnId, callId, view },
    ...end(callId),
  }));
  const facts = [...cancelled, ...finished, ...exited, ...recorded(turnId, items), lost(turnId, usage ?? NO_USAGE)];
  return { items, facts };
};

/** A turn was closed so that its calls be asked about again, and nobody will be: they get their results in one of its own. */
const closeLeft = (folded: Folded, left: readonly CallItem[]): Closed => {
  const { turns, lastTurn } = folded;
  if (lastTurn === null) return { items: [], facts: [] };
  const end = endOf(folded, new Set(), new Set());
  const turnId = turnIdOf(turns + 1);
  const { windowSize, turnId: continues } = lastTurn;
  const results = left.map(({ callId }): ResultItem => ({
    ...{ type: 'result', callId },
    ...end(callId),
  }));
  const items: readonly Item[] = [...results, NOTE];
  const started: RuntimeEvent = { type: 'turn.started', turnId, task: 'regular', windowSize, continues };
  return { items, facts: [started, ...recorded(turnId, items), lost(turnId)] };
};

/** Nothing at all, when nothing was open. */
export const closeOpenTurn = (folded: Folded, asks: Asks = 'never'): Closing => {
  const { openTurn, lastTurn, unanswered, terminals } = folded;
  const effects = folded.effectsInFlight.map(({ id }) => id);
  const ended = terminals.map(({ terminalId }): RuntimeEvent => ({
    ...{ type: 'terminal.ended', terminalId, status: 'unknown' },
  }));
  const questions = asks === 'again' ? folded.questions : [];
  const continues =
    questions.length === 0 || lastTurn === null
      ? null
      : {
          turnId: lastTurn.turnId,
          calls: questions.map(({ call: { callId, tool, args }, times, cause }) => ({
            ...{ callId, tool, args, times },
            ...(cause === undefined ? {} : { cause }),
          })),
        };
  const kept = new Set(questions.map(({ call }) => call.callId));
  if (openTurn !== null) {
    const { items, facts } = closeTurn(folded, openTurn, kept);
    return { items, facts: [...facts, ...ended], effects, turns: 0, continues };
  }
  const left = unanswered.filter(({ callId }) => !kept.has(callId));
  if (left.length === 0) return { items: [], facts: ended, effects, turns: 0, continues };
  const { items, facts } = closeLeft(folded, left);
  return { items, facts: [...facts, ...ended], effects, turns: 1, continues };
};
