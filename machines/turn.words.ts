/** The words of a turn: how it begins, and what the endings of its tasks mean for it. */
import { abortedResult, estimateTokens, INTERRUPTED_NOTE, unanswered } from './history.ts';
import { countItems, mustCompact, startTurn } from './protocol/usage.ts';
import type { Item, RuntimeError } from './protocol/index.ts';
import { sendsHistory } from './tasks/registry.ts';
import { asItem } from './tasks/steered.ts';
import type { Steered, TaskDone } from './tasks/contract.ts';
import type { Continuation, TurnContext, TurnInput } from './turn.contract.ts';

const RESUMED =
  'The previous turn was cut short because the runtime was lost while a question to the user was open. The question was asked again, and its answer is above. Whatever else is marked unknown may have had effects.';

/** What a continued turn is to know: behind the results of its calls, which come first. */
const notesOf = ({ turnId }: Continuation, surroundings: readonly Item[]): readonly Steered[] =>
  [...surroundings, { type: 'context', about: 'resumed', text: RESUMED } as const].flatMap((item, n) =>
    item.type === 'context' ? [{ inputId: `${turnId}:${n}`, about: item.about, text: item.text }] : [],
  );

/** The prompt is remembered first, whatever comes before its answer: a compaction, a failure, an interrupt (C.1.2). */
export const newTurn = ({ surroundings, words, task, ...given }: TurnInput): TurnContext => {
  const { continues } = given;
  const known = continues === undefined ? [...surroundings, ...words.map(asItem)] : [];
  const accounting = countItems(startTurn(given.accounting), estimateTokens(known));
  const isHeard = given.settings.hooks?.promptSubmit === undefined || words.length === 0;
  const mustShrink =
    continues === undefined &&
    sendsHistory(task) &&
    given.history.length > 0 &&
    mustCompact(accounting, given.settings.compactAt);
  return {
    ...given,
    task: mustShrink ? 'compact' : task,
    owed: mustShrink ? [task] : [],
    asked: continues?.calls ?? [],
    items: isHeard ? known : surroundings,
    words: isHeard ? [] : words,
    rounds: 0,
    accounting,
    running: [],
    aids: 0,
    futile: 0,
    late: [],
    pending: continues === undefined ? [] : notesOf(continues, surroundings),
    open: [],
    approvals: [],
    will: null,
    stopped: [],
    outcome: 'failed',
    reason: 'interrupted',
    error: null,
  };
};

/** Why the turn fails, for each way in which a task can leave it without an answer. */
export const explain = ({ output }: TaskDone): RuntimeError => {
  if (output.outcome === 'failed') return output.error;
  if (output.outcome === 'completed' || output.outcome === 'outgrown')
    return {
      kind: 'compactionFutile',
      message: 'The conversation is still above the limit after it was summarised. Start a new one, or rewind.',
    };
  return { kind: 'crashed', message: `the task was ${output.outcome} by nobody` };
};

export const UNEXPLAINED: RuntimeError = { kind: 'crashed', message: 'no reason was kept' };

/** What has to be remembered so that the history is valid, whoever failed to record it. */
export const lost = ({ history, items, outcome, reason, task, pending, will }: TurnContext): readonly Item[] => [
  ...unanswered([...history, ...items]).map(({ callId }) => abortedResult(callId)),
  ...pending.filter(({ about }) => about !== undefined).map(asItem),
  ...(will?.items ?? []),
  ...(outcome === 'aborted' && reason === 'interrupted' && task === 'regular'
    ? [{ type: 'context' as const, about: 'interrupted' as const, text: INTERRUPTED_NOTE }]
    : []),
];

/** The user's words only: what a command printed is recorded, not given back. */
export const undelivered = ({ words, pending }: TurnContext) =>
  [...words, ...pending].filter(({ about }) => about === undefined).map(({ inputId, text }) => ({ inputId, text }));
