/**
 * A session as the page tells it: one list of rows, and everything else as places in that list. A cursor is a number.
 * Made from the records of a journal and, where its inputs could be fed to the machines again, from what these did. Pure.
 */
import type { Chart } from './charts.ts';
import type { Change } from './diff.ts';
import { plain as asPlain } from './plain.ts';
import type { ActorSeen, GuardSeen, Seen, TransitionSeen } from './trace.ts';

/** What is read here of a record of a journal; the rest of it is shown as it is. */
export interface RecordTold {
  readonly seq: number;
  readonly t: number;
  readonly kind: string;
  readonly to?: unknown;
  readonly from?: unknown;
  readonly cause?: unknown;
  readonly event?: unknown;
  readonly fact?: unknown;
  readonly what?: unknown;
  /** Of a kind that this version does not know: as it was written. */
  readonly raw?: unknown;
}

export type RowKind = 'input' | 'step' | 'fact' | 'effect' | 'note';

export interface Row {
  readonly kind: RowKind;
  /** Of the record; null for what happened between machines and is not written down. */
  readonly seq: number | null;
  readonly t: number;
  /** Place in `actors`; null where nobody is known. */
  readonly actor: number | null;
  readonly from: string;
  readonly type: string;
  /** Place of the row that led to this one. */
  readonly cause: number | null;
  readonly body: unknown;
  /** State of the actor after it. */
  readonly after?: string;
  readonly taken?: readonly TransitionSeen[];
  readonly guards?: readonly GuardSeen[];
  readonly changes?: readonly Change[];
  /** Events that the actor had not heard yet when this one was sent to it. */
  readonly queued?: number;
  /** Row up to which it waited, where others came between. */
  readonly until?: number;
}

export interface ActorTold extends Omit<ActorSeen, 'born' | 'died'> {
  /** Places in `rows`. */
  readonly born: number;
  readonly died: number | null;
}

export interface Verdict {
  readonly kind: string;
  readonly [more: string]: unknown;
}

/** A message of the user that still stands in the history: a fork can begin before it. */
export interface MessageTold {
  /** Where it was delivered. */
  readonly row: number;
  /** Its place among the messages, as the runtime counts them. */
  readonly before: number;
  readonly text: string;
}

/** The promise that a story broke, at its last step. */
export interface BrokenTold {
  readonly row: number;
  readonly promise: string;
  /** What was chosen, step by step, in words that can be played again; empty where they were not written down. */
  readonly names: readonly string[];
  readonly isAttended: boolean;
}

/** What a session or an app did, step by step, as the page shows it. Plain data that can be written as JSON. */
export interface Story {
  readonly v: 1;
  readonly title: string;
  readonly head: Readonly<Record<string, unknown>>;
  readonly verdict: Verdict;
  readonly charts: readonly Chart[];
  readonly actors: readonly ActorTold[];
  readonly rows: readonly Row[];
  readonly messages?: readonly MessageTold[];
  readonly broken?: BrokenTold;
  /** The story that this one was made shorter from, or the shorter one. */
  readonly beside?: Omit<Story, 'charts' | 'beside'>;
}

/** What the machines did when they heard the input of this number; null: at the beginning of a life. */
export interface Heard {
  readonly seq: number | null;
  /** Place in `seen`. */
  readonly at: number;
}

export interface StoryInput {
  readonly title: string;
  readonly head: Readonly<Record<string, unknown>>;
  readonly records: readonly RecordTold[];
  readonly verdict: Verdict;
  readonly charts: readonly Chart[];
  readonly trace: {
    readonly seen: readonly Seen[];
    readonly actors: readonly ActorSeen[];
    readonly heard: readonly Heard[];
  };
}

const typeOf = (value: unknown): string =>
  typeof value === 'object' && value !== null && 'type' in value ? String(value.type) : '';

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Pure: what was recorded, as a story. It throws nothing; what it cannot place is left out. */
export const storyOf = ({ title, head, records, verdict, charts, trace }: StoryInput): Story => {
  const { seen, heard } = trace;
  const rows: Row[] = [];
  /** Place in `seen` → place in `rows`. */
  const placed: number[] = [];
  const rowOfSeq = new Map<number, number>();
  const lives = { next: 0 };
  const spans = heard.map(({ seq, at }, n) => ({ seq, at, end: heard[n + 1]?.at ?? seen.length }));
  const spanOf = new Map(spans.flatMap((span) => (span.seq === null ? [] : [[span.seq, span] as const])));
  const births = spans.filter(({ seq }) => seq === null);
  const open = { at: 0, end: 0, t: 0, cause: null as number | null };
  const known = new Map<string, number>();
  const actors: ActorTold[] = [];

  const causeOf = ({ cause }: RecordTold): number | null =>
    typeof cause === 'number' ? (rowOfSeq.get(cause) ?? null) : null;
  const nameOf = (actor: number | null): string => (actor === null ? '' : (trace.actors[actor]?.path ?? ''));

  const addStep = (at: number, record: RecordTold | null): void => {
    const step = seen[at];
    if (step?.kind !== 'step') return;
    placed[at] = rows.length;
    rows.push({
      kind: record === null ? 'step' : 'input',
      seq: record?.seq ?? null,
      t: open.t,
      actor: step.actor,
      from: record === null ? nameOf(step.from) : textOf(record.from),
      type: step.type,
      cause: open.cause,
      body: record === null ? asPlain(step.event) : step.event,
      ...{ after: step.after, taken: step.taken, guards: step.guards, changes: step.changes },
      ...(step.queued === 0 ? {} : { queued: step.queued }),
    });
  };
  /** What the machines said to one another, up to the next thing that they said to the world. */
  const flush = (upTo: 'fact' | 'end'): number | null => {
    for (; open.at < open.end; open.at += 1) {
      const now = seen[open.at];
      if (now?.kind === 'fact') {
        placed[open.at] = rows.length;
        if (upTo === 'end') continue;
        open.at += 1;
        return now.actor;
      }
      addStep(open.at, null);
    }
    return null;
  };
  const begin = (span: { readonly at: number; readonly end: number } | undefined, t: number, cause: number | null) => {
    flush('end');
    Object.assign(open, { at: span?.at ?? 0, end: span?.end ?? 0, t, cause });
  };
  const nextLife = (t: number): void => {
    begin(births[lives.next], t, null);
    lives.next += 1;
    flush('end');
  };
  const plain = (record: RecordTold, kind: RowKind, actor: number | null, type: string, body: unknown): void => {
    rowOfSeq.set(record.seq, rows.length);
    const cause = causeOf(record);
    rows.push({ kind, seq: record.seq, t: record.t, actor, from: textOf(record.from), type, cause, body });
  };
  /** An actor that only the records know: its machine was never run again. */
  const actorNamed = (path: string): number => {
    const found = known.get(path);
    if (found !== undefined) return found;
    const parent = path.includes('/') ? actorNamed(path.slice(0, path.lastIndexOf('/'))) : null;
    known.set(path, actors.length);
    actors.push({ path, machine: null, parent, born: rows.length, died: null, status: 'active' });
    return actors.length - 1;
  };

  const isTraced = seen.length > 0;
  if (isTraced) nextLife(records[0]?.t ?? 0);
  for (const record of records) {
    const { seq, t, kind, event, fact } = record;
    if (kind === 'input') {
      const span = spanOf.get(seq);
      const cause = causeOf(record);
      begin(span, t, cause);
      if (span === undefined || span.at >= span.end) {
        plain(record, 'input', isTraced ? null : actorNamed(textOf(record.to)), typeOf(event), event);
        continue;
      }
      rowOfSeq.set(seq, rows.length);
      addStep(open.at, record);
      Object.assign(open, { at: open.at + 1, cause: rows.length - 1 });
    } else if (kind === 'fact') {
      const speaker = flush('fact');
      open.t = t;
      plain(record, 'fact', speaker, typeOf(fact), fact);
    } else if (kind === 'effect' || kind === 'effect.end') {
      flush('end'); // whoever writes this does so after the step is over
      plain(record, 'effect', null, kind === 'effect' ? `${String(record.what)} begins` : 'ends', record);
    } else {
      flush('end');
      const written =
        kind === 'unknown' && typeof record.raw === 'object' ? (record.raw as { kind?: unknown }) : record;
      plain(record, 'note', null, String(written?.kind ?? kind), written);
      if (kind === 'opened' && isTraced) nextLife(t);
    }
  }
  flush('end');

  const rowAt = (at: number): number => {
    for (let n = at; n < seen.length; n += 1) {
      const row = placed[n];
      if (row !== undefined) return row;
    }
    return rows.length;
  };
  seen.forEach((step, at) => {
    const [row, told] = [placed[at], rows[placed[at] ?? -1]];
    if (step.kind !== 'step' || row === undefined || told === undefined || step.until <= at + 1) return;
    const until = rowAt(step.until);
    if (until > row + 1) rows[row] = { ...told, until };
  });
  const traced = trace.actors.map(({ born, died, ...actor }) => ({
    ...actor,
    born: rowAt(born),
    died: died === null || died >= seen.length ? (died === null ? null : rows.length) : rowAt(died),
  }));
  return { v: 1, title, head, verdict, charts, actors: isTraced ? traced : actors, rows };
};
