/**
 * What a page may ask of a session that runs: what the session would take now, and of everything else why not. Whatever
 * is asked carries the name of its source, an answer also the plan it was given for. Pure.
 */
import type { Op, Refusal } from '../machines/protocol/index.ts';
import { inWords } from '../machines/session.words.ts';

/** The value that goes along; null: the type says it all. */
export type Needs = 'text' | 'target' | 'turns' | null;

export interface Possible {
  readonly type: Op['type'];
  readonly needs: Needs;
  /** Null: it would be taken now. */
  readonly reason: string | null;
}

/** The part of a session that this asks. */
export interface Asked {
  can(op: Op): Refusal | null;
  view(): { readonly turnId: string | null };
}

export const SOURCE = 'inspector';
const TERMINAL_ONLY = 'only the terminal may ask for this';

type Sample = readonly [needs: Needs, op: (turnId: string) => Op];
const id = 'sample';

/** One of each kind that a page may send; decisions are asked about one by one. */
const SAMPLES: readonly Sample[] = [
  ['text', () => ({ type: 'op.say', id, text: '?' })],
  ['text', () => ({ type: 'op.queue', id, text: '?' })],
  ['text', (turnId) => ({ type: 'op.steer', id, turnId, text: '?' })],
  [null, (turnId) => ({ type: 'op.interrupt', id, ...(turnId === '' ? {} : { turnId }) })],
  [null, () => ({ type: 'op.compact', id })],
  ['target', () => ({ type: 'op.review', id, target: '?' })],
  ['turns', () => ({ type: 'op.rewind', id, turns: 1 })],
  [null, () => ({ type: 'op.stop', id })],
];
/** They run without a question, or end what the terminal shows. */
const WITHHELD = ['op.shell', 'op.close'] as const;

const MAY_BE_SENT: ReadonlySet<string> = new Set(['op.decide', ...SAMPLES.map(([, sample]) => sample('').type)]);

export const possibleIn = (session: Asked): readonly Possible[] => {
  const turnId = session.view().turnId ?? '';
  const asked = SAMPLES.map(([needs, sample]): Possible => {
    const op = sample(turnId);
    const refusal = session.can(op);
    return { type: op.type, needs, reason: refusal === null ? null : inWords(refusal) };
  });
  return [...asked, ...WITHHELD.map((type) => ({ type, needs: null, reason: TERMINAL_ONLY }))];
};

export type Sent =
  | { readonly kind: 'op'; readonly op: Readonly<Record<string, unknown>> }
  | { readonly kind: 'refused'; readonly message: string };

/** What the page sent, as the session is to hear it. Its shape is checked there, as that of every op is. */
export const sentBy = (asked: unknown, opId: string): Sent => {
  const op = typeof asked === 'object' && asked !== null ? (asked as Readonly<Record<string, unknown>>) : {};
  const type = String(op['type'] ?? '');
  if (!MAY_BE_SENT.has(type)) return { kind: 'refused', message: `${type || 'this'}: ${TERMINAL_ONLY}` };
  if (type === 'op.decide' && typeof op['planHash'] !== 'string')
    return { kind: 'refused', message: 'op.decide: an answer names the plan it is for' };
  return { kind: 'op', op: { ...op, id: opId, source: SOURCE } };
};
