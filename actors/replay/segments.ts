/**
 * A journal as the lives that it tells of: one for each process that wrote it. Each begins with what its session machine
 * was given at birth; what it remembered comes from everything before. Pure.
 */
import * as z from 'zod/mini';
import type { RuntimeEvent } from '../../machines/protocol/index.ts';
import { newAccounting } from '../../machines/protocol/usage.ts';
import type { Remembered, SessionInput } from '../../machines/session.contract.ts';
import { closeOpenTurn } from '../journal/closing.ts';
import { createFolding, type Folding } from '../journal/fold.ts';
import type { JournalHead, JournalRecord } from '../journal/format.ts';
import { asksOf, rememberedOf } from '../saved.ts';

export interface Segment {
  readonly input: SessionInput;
  /** Name of a machine → hash of its chart, as it was then. */
  readonly machines: Readonly<Record<string, string>>;
  /** Said before any machine ran: how the former life ended, or what a fork begins with. */
  readonly preface: readonly RuntimeEvent[];
  readonly records: readonly JournalRecord[];
}

/** Only what is looked at here; the rest is for the machine, as it stood. */
const Born = z.looseObject({
  threadId: z.string(),
  windowSize: z.number(),
  settings: z.looseObject({}),
  remembered: z.optional(z.looseObject({})),
});
type Given = Omit<SessionInput, 'remembered'>;

const bornOf = (value: unknown): { readonly given: Given; readonly inherited: Partial<Remembered> } | null => {
  const parsed = Born.safeParse(value);
  if (!parsed.success) return null;
  const { remembered = {}, ...given } = parsed.data;
  return { given: given as z.infer<typeof Born> & Given, inherited: remembered };
};

const first = (head: JournalHead, records: readonly JournalRecord[]): Segment | null => {
  const born = bornOf(head.input);
  if (born === null) return null;
  const { given, inherited } = born;
  const start = { machines: head.machines, records };
  if (head.parent === undefined) return { ...start, input: { ...given, remembered: null }, preface: [] };
  const [rewound] = records.flatMap((record) => (record.kind === 'fact' ? [record.fact] : []));
  if (rewound?.type !== 'history.rewound') return null;
  const base = { accounting: newAccounting(given.windowSize), grants: [], turns: 0, ...inherited };
  const remembered = { ...base, history: rewound.history, undelivered: [] };
  return { ...start, input: { ...given, remembered }, preface: [rewound] };
};

const next = (before: Folding, opened: JournalRecord | undefined, records: readonly JournalRecord[]) => {
  const born = opened?.kind === 'opened' ? bornOf(opened.input) : null;
  if (opened?.kind !== 'opened' || born === null) return null;
  const folded = before.sum();
  const closing = closeOpenTurn(folded, asksOf(born.given));
  const remembered = rememberedOf(folded, closing, born.given.windowSize);
  const input = { ...born.given, remembered };
  return { input, machines: opened.machines ?? {}, preface: closing.facts, records };
};

/** Null in the place of a life whose beginning was not written down (by a version that did not yet do so). */
export const segmentsOf = (head: JournalHead, records: readonly JournalRecord[]): readonly (Segment | null)[] => {
  const starts = records.flatMap(({ kind }, at) => (kind === 'opened' ? [at + 1] : []));
  const before = createFolding(head);
  return [0, ...starts].map((start, at) => {
    const own = records.slice(start, starts[at]);
    const segment = start === 0 ? first(head, own) : next(before, records[start - 1], own);
    for (const record of own) before.add(record);
    return segment;
  });
};
