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
  isTurnEnding,
  type CallItem,
  type FactOf,
  type Item,
  type RuntimeEvent,
} from '../../machines/protocol/index.ts';
import { tellsOf, type Gone } from '../../machines/terminal.words.ts';
import type { EffectRecord, FactRecord, InputRecord, JournalHead, JournalRecord } from './format.ts';

export interface Owed {
  readonly inputId: string;
  readonly text: string;
  readonly images?: readonly string[] | undefined;
  readonly op: 'op.say' | 'op.queue' | 'op.steer';
  /** The turn they were meant for; null: whichever comes next. */
  readonly turnId: string | null;
}

export interface OpenTurn {
  readonly turnId: string;
  readonly task: string;
  readonly startedAt: number;
  /** Calls that were announced and not finished. */
  readonly calls: readonly FactOf<'call.started'>[];
  /** Calls of the model that have no result in the history. */
  readonly unanswered: readonly CallItem[];
  /** Ids of calls that may have touched the world; the others certainly have not. */
  readonly begun: ReadonlySet<string>;
}

export interface Folded {
  readonly head: JournalHead | null;
  readonly inputs: readonly InputRecord[];
  readonly facts: readonly FactRecord[];
  readonly history: readonly Item[];
  readonly accounting: Accounting | null;
  readonly grants: readonly Grant[];
  readonly openTurn: OpenTurn | null;
  /** Accepted words that were neither delivered nor returned, oldest first. */
  readonly queued: readonly Owed[];
  readonly pendingApprovals: readonly FactOf<'approval.requested'>[];
  /** Begun and not ended, in any turn: nobody knows how they went. Never run again. */
  readonly effectsInFlight: readonly EffectRecord[];
  /** Background terminals without an end: they ended with their process. */
  readonly terminals: readonly FactOf<'terminal.started'>[];
  /** Those that somebody ended, and the model was not told. */
  readonly gone: readonly Gone[];
  readonly turns: number;
  readonly lastSeq: number;
  /** The newest epoch that wrote; the next lock must be above it. */
  readonly epoch: number;
}

/** The fold at work; its maps keep the order in which things came up. */
interface Sums {
  history: Item[];
  accounting: Accounting | null;
  turn: FactRecord | null;
  turns: number;
  epoch: number;
  readonly grants: Map<string, Grant>;
  readonly said: Map<string, Owed>;
  readonly owed: Map<string, Owed>;
  readonly settled: Set<string>;
  readonly calls: Map<string, FactOf<'call.started'>>;
  readonly begun: Set<string>;
  readonly touched: Set<string>;
  readonly approvals: Map<string, FactOf<'approval.requested'>>;
  readonly effects: Map<string, EffectRecord>;
  readonly terminals: Map<string, FactOf<'terminal.started'>>;
  readonly gone: Map<string, Gone>;
}

const wordsOf = ({ event }: InputRecord): Owed | null => {
  const { type, id, text, images, turnId } = event;
  if (type !== 'op.say' && type !== 'op.queue' && type !== 'op.steer') return null;
  if (typeof id !== 'string' || typeof text !== 'string') return null;
  const paths = Array.isArray(images) ? images.filter((path) => typeof path === 'string') : undefined;
  return { inputId: id, text, images: paths, op: type, turnId: typeof turnId === 'string' ? turnId : null };
};

const settle = (sums: Sums, inputId: string | undefined): void => {
  if (inputId === undefined) return;
  sums.settled.add(inputId);
  sums.owed.delete(inputId);
};
const deliver = (sums: Sums, items: readonly Item[]): void => {
  for (const item of items) if (item.type === 'user') settle(sums, item.inputId);
};
const accept = (sums: Sums, { opId, turnId }: FactOf<'op.accepted'>): void => {
  const words = sums.said.get(opId);
  if (words === undefined || sums.settled.has(opId)) return;
  sums.owed.set(opId, { ...words, turnId: words.op === 'op.queue' ? null : (turnId ?? words.turnId) });
};
/** From here on the call may have run: what is asked later does not undo it. */
const touch = (sums: Sums, callId: string): void => {
  sums.touched.add(callId);
  sums.begun.add(callId);
};
const tell = ({ gone }: Sums, items: readonly Item[]): void => {
  for (const { terminalId } of [...gone.values()])
    if (items.some((item) => tellsOf(item, terminalId))) gone.delete(terminalId);
};
const endTerminal = ({ terminals, gone }: Sums, { terminalId, status }: FactOf<'terminal.ended'>): void => {
  const terminal = terminals.get(terminalId);
  terminals.delete(terminalId);
  // One that ended by itself says so to whoever talks to it.
  if (terminal !== undefined && (status === 'aborted' || status === 'unknown')) gone.set(terminalId, terminal);
};
const endTurn = (sums: Sums, undelivered: readonly { inputId: string }[]): void => {
  for (const { inputId } of undelivered) settle(sums, inputId);
  sums.turn = null;
  sums.calls.clear();
  sums.begun.clear();
  sums.touched.clear();
  sums.approvals.clear();
};

const addFact = (sums: Sums, record: FactRecord): void => {
  const fact: RuntimeEvent = record.fact;
  if (isTurnEnding(fact)) return endTurn(sums, fact.undelivered);
  switch (fact.type) {
    case 'op.accepted':
      return accept(sums, fact);
    case 'input.returned':
      return settle(sums, fact.inputId);
    case 'turn.started':
      endTurn(sums, []);
      sums.turn = record;
      sums.turns += 1;
      return;
    case 'items.recorded':
      sums.history.push(...fact.items);
      tell(sums, fact.items);
      return deliver(sums, fact.items);
    case 'history.compacted':
    case 'history.rewound':
      sums.history = [...fact.history];
      return deliver(sums, fact.history);
    case 'tokens.counted':
      sums.accounting = fact.accounting;
      return;
    case 'grant.given':
      sums.grants.set(JSON.stringify(fact.grant), fact.grant);
      return;
    case 'call.started':
      sums.calls.set(fact.callId, fact);
      sums.begun.add(fact.callId);
      return;
    case 'terminal.started':
      sums.terminals.set(fact.terminalId, fact);
      return;
    case 'terminal.ended':
      return endTerminal(sums, fact);
    case 'call.finished':
      sums.calls.delete(fact.callId);
      return;
    case 'approval.requested':
      sums.approvals.set(fact.approvalId, fact);
      if (!sums.touched.has(fact.callId)) sums.begun.delete(fact.callId);
      return;
    case 'approval.resolved':
      sums.approvals.delete(fact.approvalId);
      return touch(sums, fact.callId);
    default:
      return;
  }
};

const add = (sums: Sums, record: JournalRecord): void => {
  if (record.kind === 'fact') addFact(sums, record);
  if (record.kind === 'effect') {
    sums.effects.set(record.id, record);
    if (typeof record['callId'] === 'string') touch(sums, record['callId']);
  }
  if (record.kind === 'effect.end') sums.effects.delete(record.id);
  if (record.kind === 'opened') sums.epoch = Math.max(sums.epoch, record.epoch);
  const words = record.kind === 'input' ? wordsOf(record) : null;
  if (words !== null) sums.said.set(words.inputId, words);
};

const unansweredIn = (history: readonly Item[]): CallItem[] => {
  const answered = new Set(history.flatMap((item) => (item.type === 'result' ? [item.callId] : [])));
  return history.filter((item) => item.type === 'call').filter(({ callId }) => !answered.has(callId));
};

const openTurnOf = ({ turn, history, calls, begun }: Sums): OpenTurn | null => {
  if (turn === null || turn.fact.type !== 'turn.started') return null;
  const { turnId, task } = turn.fact;
  return { turnId, task, startedAt: turn.t, calls: [...calls.values()], unanswered: unansweredIn(history), begun };
};

/** What a fork got from its parent, beside the history, which it repeats as its first fact. */
const Inherited = z.object({
  remembered: z.object({
    accounting: z.optional(Accounting),
    grants: z.optional(z.array(Grant)),
    turns: z.optional(z.int()),
    gone: z.optional(z.array(z.object({ terminalId: z.string(), what: z.string() }))),
  }),
});
const inheritedBy = (head: JournalHead | null): z.infer<typeof Inherited>['remembered'] => {
  const parsed = Inherited.safeParse(head?.input);
  return parsed.success && head?.parent !== undefined ? parsed.data.remembered : {};
};

export const fold = (head: JournalHead | null, records: readonly JournalRecord[]): Folded => {
  const { accounting = null, grants = [], turns = 0, gone = [] } = inheritedBy(head);
  const sums: Sums = {
    ...{ history: [], accounting, turn: null, turns, epoch: 0 },
    ...{ grants: new Map(grants.map((grant) => [JSON.stringify(grant), grant])) },
    ...{ said: new Map(), owed: new Map(), settled: new Set(), calls: new Map() },
    ...{ begun: new Set(), touched: new Set(), approvals: new Map(), effects: new Map() },
    ...{ terminals: new Map(), gone: new Map(gone.map((one) => [one.terminalId, one])) },
  };
  for (const record of records) add(sums, record);
  return {
    head,
    inputs: records.filter((record) => record.kind === 'input'),
    facts: records.filter((record) => record.kind === 'fact'),
    history: sums.history,
    accounting: sums.accounting,
    grants: [...sums.grants.values()],
    openTurn: openTurnOf(sums),
    queued: [...sums.owed.values()],
    pendingApprovals: [...sums.approvals.values()],
    effectsInFlight: [...sums.effects.values()],
    terminals: [...sums.terminals.values()],
    gone: [...sums.gone.values()],
    turns: sums.turns,
    lastSeq: records.at(-1)?.seq ?? 0,
    epoch: sums.epoch,
  };
};
