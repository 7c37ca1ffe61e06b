/** The words of a turn: how it begins, and what the endings of its tasks mean for it. */
import { abortedResult, estimateTokens, INTERRUPTED_NOTE, unanswered } from './history.ts';
import { countItems, mustCompact, startTurn } from './protocol/usage.ts';
import type { Item, RuntimeError } from './protocol/index.ts';
import type { Steered, TaskDone } from './tasks/contract.ts';
import type { TurnContext, TurnInput } from './turn.contract.ts';

export const asItem = ({ inputId, text, images }: Steered): Item => ({
  type: 'user',
  text,
  inputId,
  ...(images === undefined ? {} : { images }),
});

/** The prompt is remembered first, whatever comes before its answer: a compaction, a failure, an interrupt (C.1.2). */
export const newTurn = ({ surroundings, words, task, ...given }: TurnInput): TurnContext => {
  const items = [...surroundings, ...words.map(asItem)];
  const accounting = countItems(startTurn(given.accounting), estimateTokens(items));
  const mustShrink =
    task !== 'compact' && given.history.length > 0 && mustCompact(accounting, given.settings.compactAt);
  return {
    ...given,
    task: mustShrink ? 'compact' : task,
    owed: mustShrink ? [task] : [],
    items,
    accounting,
    futile: 0,
    pending: [],
    open: [],
    approvals: [],
    stopped: [],
    outcome: 'failed',
    reason: 'interrupted',
    error: null,
  };
};

/** Why the turn fails, for each way in which a task can leave it without an answer. */
export const explain = ({ output }: TaskDone): RuntimeError => {
  if (output.outcome === 'failed') return output.error;
  if (output.outcome === 'completed')
    return {
      kind: 'compactionFutile',
      message: 'The conversation is still above the limit after it was summarised. Start a new one, or rewind.',
    };
  return { kind: 'crashed', message: `the task was ${output.outcome} by nobody` };
};

export const UNEXPLAINED: RuntimeError = { kind: 'crashed', message: 'no reason was kept' };

/** What has to be remembered so that the history is valid, whoever failed to record it. */
export const lost = ({ items, outcome, reason, task }: TurnContext): readonly Item[] => [
  ...unanswered(items).map(({ callId }) => abortedResult(callId)),
  ...(outcome === 'aborted' && reason === 'interrupted' && task === 'regular'
    ? [{ type: 'context' as const, about: 'interrupted' as const, text: INTERRUPTED_NOTE }]
    : []),
];

export const undelivered = ({ pending }: TurnContext) => pending.map(({ inputId, text }) => ({ inputId, text }));
