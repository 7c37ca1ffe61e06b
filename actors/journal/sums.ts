/** The fold at work: what each record adds to what is known. Its maps keep the order in which things came up. */
import * as z from 'zod/mini';
import {
  isTurnEnding,
  type Accounting,
  type FactOf,
  type Grant,
  type Item,
  type RuntimeError,
  type RuntimeEvent,
  type TokenUsage,
} from '../../machines/protocol/index.ts';
import { tellsOf, type Gone } from '../../machines/terminal.words.ts';
import type { EffectRecord, FactRecord, InputRecord, JournalRecord } from './format.ts';

export interface Owed {
  readonly inputId: string;
  readonly text: string;
  readonly images?: readonly string[] | undefined;
  readonly op: 'op.say' | 'op.queue' | 'op.steer';
  /** The turn they were said into; null: they wait for one of their own. */
  readonly turnId: string | null;
}

/** A server said when it may be asked again. Milliseconds since 1970. */
export interface NotBefore {
  readonly at: number;
  readonly provider: string | null;
}

/** A terminal that ended, and the call that began it. */
export interface Lost extends Gone {
  readonly callId?: string | undefined;
}

interface Asking {
  readonly times: number;
  readonly cause: string | undefined;
  readonly state: 'open' | 'settled';
}

/** A question that was cancelled by nobody but the loss of the process says so; all others are settled. */
export const LOST = 'lost';

export interface Sums {
  history: Item[];
  accounting: Accounting | null;
  turn: FactRecord | null;
  lastTurn: { readonly turnId: string; readonly windowSize: number } | null;
  readonly started: Set<string>;
  turns: number;
  epoch: number;
  lastSeq: number;
  provider: string | null;
  notBefore: NotBefore | null;
  /** What the turn that counted last had used. */
  usage: { readonly turnId: string; readonly usage: TokenUsage } | null;
  review: FactOf<'review.entered'> | null;
  readonly inputs: InputRecord[];
  readonly facts: FactRecord[];
  readonly grants: Map<string, Grant>;
  readonly said: Map<string, Owed>;
  owed: Map<string, Owed>;
  readonly settled: Set<string>;
  readonly calls: Map<string, FactOf<'call.started'>>;
  readonly begun: Set<string>;
  readonly touched: Set<string>;
  readonly approvals: Map<string, FactOf<'approval.requested'>>;
  readonly asking: Map<string, Asking>;
  readonly effects: Map<string, EffectRecord>;
  readonly terminals: Map<string, FactOf<'terminal.started'>>;
  readonly gone: Map<string, Lost>;
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
const wait = ({ owed }: Sums, inputId: string): void => {
  const words = owed.get(inputId);
  if (words !== undefined) owed.set(inputId, { ...words, turnId: null });
};
/** What a turn did not read before it was done comes before what was queued. */
const leaveUnread = (sums: Sums, turnId: string): void => {
  const all = [...sums.owed.values()];
  const unread = all.filter((words) => words.turnId === turnId).map((words) => ({ ...words, turnId: null }));
  if (unread.length === 0) return;
  const others = all.filter((words) => words.turnId !== turnId);
  sums.owed = new Map([...unread, ...others].map((words) => [words.inputId, words]));
};
/** From here on the call may have run: what is asked later does not undo it. */
const touch = (sums: Sums, callId: string): void => {
  sums.touched.add(callId);
  sums.begun.add(callId);
  const asking = sums.asking.get(callId);
  if (asking !== undefined) sums.asking.set(callId, { ...asking, state: 'settled' });
};
const ask = ({ asking }: Sums, { callId, question }: FactOf<'approval.requested'>): void => {
  const times = (asking.get(callId)?.times ?? 0) + 1;
  asking.set(callId, { times, cause: question.cause, state: 'open' });
};
const refuse = (sums: Sums, { notBefore }: RuntimeError): void => {
  if (notBefore !== undefined) sums.notBefore = { at: notBefore, provider: sums.provider };
};
const learn = (sums: Sums, items: readonly Item[]): void => {
  sums.history.push(...items);
  for (const item of items) {
    if (item.type === 'result') sums.asking.delete(item.callId);
    if (item.type === 'agent' || item.type === 'reasoning' || item.type === 'call') sums.notBefore = null;
  }
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
  for (const [callId, { state }] of sums.asking) if (state === 'settled') sums.asking.delete(callId);
  sums.turn = null;
  sums.calls.clear();
  sums.begun.clear();
  sums.touched.clear();
  sums.approvals.clear();
};

const addFact = (sums: Sums, record: FactRecord): void => {
  const fact: RuntimeEvent = record.fact;
  if (fact.type === 'turn.completed') leaveUnread(sums, fact.turnId);
  if (fact.type === 'turn.failed') refuse(sums, fact.error);
  if (isTurnEnding(fact)) return endTurn(sums, fact.undelivered);
  switch (fact.type) {
    case 'op.accepted':
      return accept(sums, fact);
    case 'input.queued':
      return wait(sums, fact.inputId);
    case 'input.returned':
      return settle(sums, fact.inputId);
    case 'sample.retrying':
      return refuse(sums, fact.error);
    case 'review.entered':
      sums.review = fact;
      return;
    case 'review.exited':
      sums.review = null;
      return;
    case 'turn.started':
      endTurn(sums, []);
      sums.turn = record;
      sums.lastTurn = { turnId: fact.turnId, windowSize: fact.windowSize };
      sums.started.add(fact.turnId);
      sums.turns += 1;
      return;
    case 'items.recorded':
      learn(sums, fact.items);
      tell(sums, fact.items);
      return deliver(sums, fact.items);
    case 'history.compacted':
    case 'history.rewound':
      sums.history = [...fact.history];
      return deliver(sums, fact.history);
    case 'tokens.counted':
      sums.accounting = fact.accounting;
      sums.usage = { turnId: fact.turnId, usage: fact.accounting.turn };
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
      ask(sums, fact);
      if (!sums.touched.has(fact.callId)) sums.begun.delete(fact.callId);
      return;
    case 'approval.resolved':
      sums.approvals.delete(fact.approvalId);
      return fact.source === LOST ? undefined : touch(sums, fact.callId);
    default:
      return;
  }
};

const Opener = z.object({ provider: z.string() });
const open = (sums: Sums, epoch: number, input: unknown): void => {
  sums.epoch = Math.max(sums.epoch, epoch);
  const opener = Opener.safeParse(input);
  if (opener.success) sums.provider = opener.data.provider;
};

export const add = (sums: Sums, record: JournalRecord): void => {
  sums.lastSeq = record.seq;
  if (record.kind === 'input') sums.inputs.push(record);
  if (record.kind === 'fact') {
    sums.facts.push(record);
    addFact(sums, record);
  }
  if (record.kind === 'effect') {
    sums.effects.set(record.id, record);
    if (typeof record['callId'] === 'string') touch(sums, record['callId']);
  }
  if (record.kind === 'effect.end') sums.effects.delete(record.id);
  if (record.kind === 'opened') open(sums, record.epoch, record.input);
  const words = record.kind === 'input' ? wordsOf(record) : null;
  if (words !== null) sums.said.set(words.inputId, words);
};
