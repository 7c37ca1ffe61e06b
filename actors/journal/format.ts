/**
 * The words of a journal, one JSON object a line. Line 1 is the head; every other line has a dense `seq` from 1 and
 * `t`, milliseconds since 1970.
 *
 *   session      who, where, with which machines; a fork names its parent
 *   input        what entered the actor tree from outside, and where; `cause` is the seq that led to it
 *   fact         what left it
 *   effect       written before a command or a request starts; `effect.end` after it ended
 *   opened       another process goes on writing, under a higher epoch
 *   gap          records that were lost because the disk refused them for too long
 *
 * A kind that is not known here is kept as `unknown`: a newer version wrote it, and it knew why.
 */
import * as z from 'zod/mini';
import { RuntimeEvent } from '../../machines/protocol/index.ts';
import { JOURNAL_VERSION } from './line.ts';

export { JOURNAL_VERSION } from './line.ts';

const seq = z.int().check(z.positive());
const stamp = { seq, t: z.number() };
const cause = z.nullable(seq);

export const JournalHead = z.looseObject({
  v: z.literal(JOURNAL_VERSION),
  kind: z.literal('session'),
  id: z.string().check(z.minLength(1)),
  /** When the session was made. Milliseconds since 1970. */
  t: z.number(),
  cwd: z.string(),
  version: z.string(),
  node: z.string(),
  model: z.string(),
  provider: z.string(),
  /** Name of a machine → hash of its chart: a replay on other charts says so before it diverges. */
  machines: z.record(z.string(), z.string()),
  /** What the session machine was given at birth, without what it remembered: that is in the journal already. */
  input: z.optional(z.unknown()),
  approval: z.unknown(),
  sandbox: z.unknown(),
  parent: z.optional(z.object({ file: z.string(), id: z.string(), seq: z.int() })),
});
export type JournalHead = z.infer<typeof JournalHead>;

export const InputRecord = z.object({
  ...stamp,
  kind: z.literal('input'),
  /** Path of the actor that hears it: `session`, `session/turn/task/call0`. */
  to: z.string(),
  from: z.string(),
  cause,
  event: z.looseObject({ type: z.string() }),
});
export type InputRecord = z.infer<typeof InputRecord>;

export const FactRecord = z.object({ ...stamp, kind: z.literal('fact'), fact: RuntimeEvent, cause });
export type FactRecord = z.infer<typeof FactRecord>;

export const EffectRecord = z.looseObject({ ...stamp, kind: z.literal('effect'), id: z.string(), what: z.string() });
export type EffectRecord = z.infer<typeof EffectRecord>;
export const EffectEndRecord = z.looseObject({ ...stamp, kind: z.literal('effect.end'), id: z.string() });
export type EffectEndRecord = z.infer<typeof EffectEndRecord>;

export const OpenedRecord = z.object({
  ...stamp,
  kind: z.literal('opened'),
  epoch: z.int(),
  pid: z.int(),
  /** As in the head, for what follows: the program and its settings may be others by now. */
  machines: z.optional(z.record(z.string(), z.string())),
  input: z.optional(z.unknown()),
});
export type OpenedRecord = z.infer<typeof OpenedRecord>;
export const GapRecord = z.object({ ...stamp, kind: z.literal('gap'), from: seq, to: seq });
export type GapRecord = z.infer<typeof GapRecord>;

/** Kept as it stood: of an unknown kind, or a known kind in a shape this version does not know. */
export interface UnknownRecord {
  readonly seq: number;
  readonly t: number;
  readonly kind: 'unknown';
  readonly raw: Readonly<Record<string, unknown>>;
}

export const KnownRecord = z.discriminatedUnion('kind', [
  InputRecord,
  FactRecord,
  EffectRecord,
  EffectEndRecord,
  OpenedRecord,
  GapRecord,
]);
export type JournalRecord = z.infer<typeof KnownRecord> | UnknownRecord;

/** What a writer is given: the journal itself adds `seq` and `t`. */
export type NewRecord =
  | {
      readonly kind: 'input';
      readonly to: string;
      readonly from: string;
      readonly cause: number | null;
      readonly event: { readonly type: string };
    }
  | { readonly kind: 'fact'; readonly fact: RuntimeEvent; readonly cause: number | null }
  | { readonly kind: 'effect'; readonly id: string; readonly what: string; readonly [more: string]: unknown }
  | { readonly kind: 'effect.end'; readonly id: string; readonly [more: string]: unknown };

const Envelope = z.looseObject({ ...stamp, kind: z.string() });

/** A line's value as a record, or null where it is none at all. */
export const toRecord = (value: unknown): JournalRecord | null => {
  const known = KnownRecord.safeParse(value);
  if (known.success) return known.data;
  const envelope = Envelope.safeParse(value);
  if (!envelope.success) return null;
  return { seq: envelope.data.seq, t: envelope.data.t, kind: 'unknown', raw: envelope.data };
};
