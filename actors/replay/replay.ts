/**
 * Feeds a journal to the machines again, without any effect, and compares every fact with the recorded one: as JSON, byte
 * for byte, and with its cause. It stops at the first that differs and says which step it was. Pure: records in, a
 * verdict out.
 *
 * Redaction does no harm: equal secrets became equal tokens in inputs and facts alike.
 */
import type { InspectionEvent } from 'xstate';
import { chartHashes } from '../../machines/charts.ts';
import { RuntimeEvent } from '../../machines/protocol/index.ts';
import type { FactRecord, InputRecord, JournalRecord } from '../journal/format.ts';
import { pathOf } from '../recorder.ts';
import type { Reading } from '../journal/reader.ts';
import { segmentsOf, type Segment } from './segments.ts';
import { setStage, type Chart } from './stage.ts';
import { createSteps, type Taken } from './steps.ts';

export interface Divergence {
  /** The record at which it shows. */
  readonly seq: number;
  readonly what: 'other fact' | 'fact missing' | 'fact too many' | 'nobody there' | 'other ending of the former life';
  readonly recorded: unknown;
  readonly replayed: unknown;
  /** The input that the machines had heard. */
  readonly input: InputRecord | null;
  readonly taken: readonly Taken[];
  /** Machines whose chart is not the one that was recorded. */
  readonly otherVersions: readonly string[];
}

export type Replayed =
  | { readonly kind: 'identical'; readonly inputs: number; readonly facts: number; readonly lives: number }
  | { readonly kind: 'diverged'; readonly inputs: number; readonly facts: number; readonly divergence: Divergence }
  | { readonly kind: 'unreplayable'; readonly why: string };

export interface ReplayOptions {
  readonly chart?: Chart | undefined;
  /** Sees every event of every machine, as XState's own inspection does. */
  readonly inspect?: ((event: InspectionEvent) => void) | undefined;
  /** Called before the machines hear an input; null: a new life begins. */
  readonly onInput?: ((record: InputRecord | null) => void) | undefined;
}

/** As it would stand in a journal, read back. */
const asRead = (fact: RuntimeEvent): string => {
  const written: unknown = JSON.parse(JSON.stringify(fact));
  const parsed = RuntimeEvent.safeParse(written);
  return JSON.stringify(parsed.success ? parsed.data : written);
};

interface Totals {
  inputs: number;
  facts: number;
}

const live = (segment: Segment, totals: Totals, { chart, inspect, onInput }: ReplayOptions): Divergence | null => {
  const records = segment.records.filter((record) => record.kind === 'input' || record.kind === 'fact');
  const steps = createSteps();
  const at = { next: 0, input: null as InputRecord | null };
  const found: { divergence: Omit<Divergence, 'taken' | 'otherVersions'> | null } = { divergence: null };

  const differs = (
    record: JournalRecord | undefined,
    what: Divergence['what'],
    recorded: unknown,
    replayed: unknown,
  ) => {
    const seq = record?.seq ?? segment.records.at(-1)?.seq ?? 0;
    found.divergence ??= { seq, what, recorded, replayed, input: at.input };
  };
  const isOver = (): boolean => {
    const last = records.at(-1);
    return last?.kind === 'fact' && last.fact.type === 'session.closed';
  };
  const isRecorded = (record: FactRecord, fact: RuntimeEvent, cause: number | null): boolean =>
    JSON.stringify(record.fact) === asRead(fact) && record.cause === cause;

  const onFact = (fact: RuntimeEvent): void => {
    if (found.divergence !== null) return;
    const record = records[at.next];
    const cause = at.input?.seq ?? null;
    if (record === undefined && !isOver()) return; // the process was lost before it could write this down
    if (record?.kind !== 'fact') return differs(record, 'fact too many', null, { fact, cause });
    if (!isRecorded(record, fact, cause))
      return differs(record, 'other fact', { fact: record.fact, cause: record.cause }, { fact, cause });
    at.next += 1;
    totals.facts += 1;
  };

  for (const fact of segment.preface) {
    const record = records[at.next];
    if (record?.kind === 'fact' && isRecorded(record, fact, null)) at.next += 1;
    else differs(record, 'other ending of the former life', record?.kind === 'fact' ? record.fact : null, fact);
  }

  const stage = setStage({
    input: segment.input,
    chart,
    onFact,
    inspect: (event) => {
      steps.inspect(event);
      inspect?.(event);
    },
    prompt: (leaf) => {
      const record = records[at.next];
      const parent = leaf._parent;
      // Only this is ever said in the middle of the step that asked; whatever else comes next, came later.
      if (record?.kind !== 'input' || record.event.type !== 'sample.stopped' || parent === undefined) return;
      if (record.from === leaf.id && record.to === pathOf(parent)) hear(record);
    },
  });
  const hear = (record: InputRecord): void => {
    at.input = record;
    at.next += 1;
    totals.inputs += 1;
    onInput?.(record);
    if (!stage.tell(record)) differs(record, 'nobody there', record.event, null);
  };

  while (found.divergence === null && at.next < records.length) {
    const record = records[at.next];
    if (record?.kind === 'input') {
      steps.take();
      hear(record);
    } else if (record?.kind === 'fact')
      differs(record, 'fact missing', { fact: record.fact, cause: record.cause }, null);
  }
  if (found.divergence === null) return null;
  const now = chartHashes(stage.machine);
  const otherVersions = Object.entries(segment.machines).flatMap(([name, hash]) => (now[name] === hash ? [] : [name]));
  return { ...found.divergence, taken: steps.take(), otherVersions };
};

export const replay = ({ head, records }: Pick<Reading, 'head' | 'records'>, options: ReplayOptions = {}): Replayed => {
  if (head === null) return { kind: 'unreplayable', why: 'it has no head that says whose session it was' };
  const gap = records.find((record) => record.kind === 'gap');
  if (gap !== undefined) return { kind: 'unreplayable', why: `records ${gap.from} to ${gap.to} were lost` };
  const totals: Totals = { inputs: 0, facts: 0 };
  const segments = segmentsOf(head, records);
  for (const segment of segments) {
    if (segment === null)
      return { kind: 'unreplayable', why: 'it was written by a version that did not note how its session began' };
    options.onInput?.(null);
    const divergence = live(segment, totals, options);
    if (divergence !== null) return { kind: 'diverged', ...totals, divergence };
  }
  return { kind: 'identical', ...totals, lives: segments.length };
};
