/**
 * What a journal comes to: everything that is needed to go on, without running a machine. Pure.
 *
 * Facts are believed as they stand. What lies between facts is not: an effect without an end is unknown, an op without
 * a reply was not accepted, and words that were accepted but appear nowhere are still owed to somebody.
 */
import * as z from 'zod/mini';
import {
  Accounting,
  Grant,
  type CallItem,
  type FactOf,
  type Item,
  type TokenUsage,
} from '../../machines/protocol/index.ts';
import { unanswered } from '../../machines/history.ts';
import type { EffectRecord, FactRecord, InputRecord, JournalHead, JournalRecord } from './format.ts';
import { add, type Lost, type NotBefore, type Owed, type Sums } from './sums.ts';

export type { Lost, NotBefore, Owed } from './sums.ts';

export interface OpenTurn {
  readonly turnId: string;
  readonly task: string;
  readonly startedAt: number;
  /** Calls that were announced and not finished. */
  readonly calls: readonly FactOf<'call.started'>[];
  /** Ids of calls that may have touched the world; the others certainly have not. */
  readonly begun: ReadonlySet<string>;
  readonly usage: TokenUsage | null;
  /** A review that began and did not end. */
  readonly review: FactOf<'review.entered'> | null;
}

/** A call that asked and was not answered. */
export interface OpenQuestion {
  readonly call: CallItem;
  /** How often it has asked. */
  readonly times: number;
  /** What its first attempt ran into, where there was one. */
  readonly cause: string | undefined;
}

export interface Folded {
  readonly head: JournalHead | null;
  readonly inputs: readonly InputRecord[];
  readonly facts: readonly FactRecord[];
  readonly history: readonly Item[];
  readonly accounting: Accounting | null;
  readonly grants: readonly Grant[];
  readonly openTurn: OpenTurn | null;
  /** The one that was begun last, open or not. */
  readonly lastTurn: Sums['lastTurn'];
  /** Calls of the model that have no result in the history: of the open turn, or left for the next one to ask about. */
  readonly unanswered: readonly CallItem[];
  /** Those among them whose question is open, and of which nothing was begun since. */
  readonly questions: readonly OpenQuestion[];
  /** Accepted words that were neither delivered nor returned, in the order in which they would be read. */
  readonly queued: readonly Owed[];
  readonly pendingApprovals: readonly FactOf<'approval.requested'>[];
  /** Begun and not ended, in any turn: nobody knows how they went. Never run again. */
  readonly effectsInFlight: readonly EffectRecord[];
  /** Background terminals without an end: they ended with their process. */
  readonly terminals: readonly FactOf<'terminal.started'>[];
  /** Those that somebody ended, and the model was not told. */
  readonly gone: readonly Lost[];
  /** The newest of the model's server, unless it has answered since. */
  readonly notBefore: NotBefore | null;
  readonly turns: number;
  readonly lastSeq: number;
  /** The newest epoch that wrote; the next lock must be above it. */
  readonly epoch: number;
}

const openTurnOf = ({ turn, calls, begun, usage, review }: Sums): OpenTurn | null => {
  if (turn === null || turn.fact.type !== 'turn.started') return null;
  const { turnId, task } = turn.fact;
  return {
    ...{ turnId, task, startedAt: turn.t, calls: [...calls.values()], begun: new Set(begun) },
    usage: usage?.turnId === turnId ? usage.usage : null,
    review: review?.turnId === turnId ? review : null,
  };
};

const questionsOf = (open: readonly CallItem[], { asking }: Sums): readonly OpenQuestion[] =>
  open.flatMap((call) => {
    const question = asking.get(call.callId);
    return question?.state === 'open' ? [{ call, times: question.times, cause: question.cause }] : [];
  });

/** Words that were accepted for a turn that never began wait for one as those do that were queued. */
const placed =
  ({ started }: Sums) =>
  (words: Owed): Owed =>
    words.turnId === null || started.has(words.turnId) ? words : { ...words, turnId: null };

/** What a fork got from its parent, beside the history, which it repeats as its first fact. */
const Inherited = z.object({
  remembered: z.object({
    accounting: z.optional(Accounting),
    grants: z.optional(z.array(Grant)),
    turns: z.optional(z.int()),
    gone: z.optional(z.array(z.object({ terminalId: z.string(), what: z.string(), callId: z.optional(z.string()) }))),
  }),
});
const inheritedBy = (head: JournalHead | null): z.infer<typeof Inherited>['remembered'] => {
  const parsed = Inherited.safeParse(head?.input);
  return parsed.success && head?.parent !== undefined ? parsed.data.remembered : {};
};

const sumsOf = (head: JournalHead | null): Sums => {
  const { accounting = null, grants = [], turns = 0, gone = [] } = inheritedBy(head);
  return {
    ...{ history: [], accounting, turn: null, lastTurn: null, started: new Set(), turns, epoch: 0, lastSeq: 0 },
    ...{ provider: head?.provider ?? null, notBefore: null, usage: null, review: null, inputs: [], facts: [] },
    ...{ grants: new Map(grants.map((grant) => [JSON.stringify(grant), grant])) },
    ...{ said: new Map(), owed: new Map(), settled: new Set(), calls: new Map(), asking: new Map() },
    ...{ begun: new Set(), touched: new Set(), approvals: new Map(), effects: new Map() },
    ...{ terminals: new Map(), gone: new Map(gone.map((one) => [one.terminalId, one])) },
  };
};

export interface Folding {
  readonly add: (record: JournalRecord) => void;
  /** What it comes to so far. `inputs` and `facts` are the growing lists themselves: a copy for each life adds up. */
  readonly sum: () => Folded;
}

export const createFolding = (head: JournalHead | null): Folding => {
  const sums = sumsOf(head);
  return {
    add: (record) => add(sums, record),
    sum: () => {
      const open = unanswered(sums.history);
      return {
        ...{ head, inputs: sums.inputs, facts: sums.facts, history: sums.history.slice() },
        ...{ accounting: sums.accounting, grants: [...sums.grants.values()] },
        ...{ openTurn: openTurnOf(sums), lastTurn: sums.lastTurn },
        ...{ unanswered: open, questions: questionsOf(open, sums) },
        queued: [...sums.owed.values()].map(placed(sums)),
        pendingApprovals: [...sums.approvals.values()],
        effectsInFlight: [...sums.effects.values()],
        ...{ terminals: [...sums.terminals.values()], gone: [...sums.gone.values()] },
        ...{ notBefore: sums.notBefore, turns: sums.turns, lastSeq: sums.lastSeq, epoch: sums.epoch },
      };
    },
  };
};

export const fold = (head: JournalHead | null, records: readonly JournalRecord[]): Folded => {
  const folding = createFolding(head);
  for (const record of records) folding.add(record);
  return folding.sum();
};
