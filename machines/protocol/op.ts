/**
 * What a client may ask. Each op has an id of the client's making and gets exactly one reply: `op.accepted` or `op.refused`.
 */
import * as z from 'zod/mini';
import { Decision } from './approval.ts';

const id = z.string().check(z.minLength(1));
const text = z.string();
const images = z.optional(z.readonly(z.array(z.string())));
/** Which client asked, where there may be more than one. It is kept in the journal. */
const source = z.optional(z.string());

/**
 * Words for the model. While a turn runs they go into that turn, or wait for the next one. `images`: paths of PNG,
 * JPEG, GIF or WebP files. `outputSchema`: a JSON Schema that the final message shall match.
 */
export const Say = z.readonly(
  z.object({
    type: z.literal('op.say'),
    id,
    text,
    images,
    source,
    outputSchema: z.optional(z.record(z.string(), z.unknown())),
  }),
);
export type Say = z.infer<typeof Say>;
/** Words for the next turn. */
export const Queue = z.readonly(z.object({ type: z.literal('op.queue'), id, text, images, source }));
/** Words for the turn that runs. `boundary`: after the answer and its calls; `preempt`: now, the half-answer is kept. */
export const Steer = z.readonly(
  z.object({
    type: z.literal('op.steer'),
    id,
    turnId: z.string(),
    text,
    images,
    source,
    policy: z.optional(z.enum(['boundary', 'preempt'])),
  }),
);
export type Steer = z.infer<typeof Steer>;
/**
 * The answer to `approval.requested`. With `planHash`, that of the question: it is refused if what a yes would run has
 * changed since.
 */
export const Decide = z.readonly(
  z.object({
    type: z.literal('op.decide'),
    id,
    approvalId: z.string(),
    decision: Decision,
    planHash: z.optional(z.string()),
    source,
  }),
);
export type Decide = z.infer<typeof Decide>;
/** Without a turn id: the turn that runs now, whichever it is. */
export const Interrupt = z.readonly(
  z.object({ type: z.literal('op.interrupt'), id, turnId: z.optional(z.string()), source }),
);
/** Replaces the history by a summary, as a turn of its own. */
export const Compact = z.readonly(z.object({ type: z.literal('op.compact'), id, source }));
/**
 * A reviewer looks at the uncommitted changes (`target` empty), at `base BRANCH`, at `commit SHA`, or at what the
 * words say.
 */
export const Review = z.readonly(z.object({ type: z.literal('op.review'), id, target: z.string(), source }));
/** Runs a command of the user beside the turn, in the sandbox of the session. `hidden`: the model is not told. */
export const Shell = z.readonly(
  z.object({ type: z.literal('op.shell'), id, command: z.string(), hidden: z.optional(z.boolean()) }),
);
/** `files`: also what the turns of these messages changed on disk, as far as it was saved. */
export const Rewind = z.readonly(
  z.object({
    type: z.literal('op.rewind'),
    id,
    turns: z.int().check(z.positive()),
    files: z.optional(z.boolean()),
    source,
  }),
);
/** Ends a background terminal; without an id: all of them. */
export const Stop = z.readonly(
  z.object({ type: z.literal('op.stop'), id, terminalId: z.optional(z.string()), source }),
);
/** Ends what runs, then the session; `session.closed` is the last fact. */
export const Close = z.readonly(z.object({ type: z.literal('op.close'), id }));

/** What may be submitted to a session. `id` is of the client's making, and names its reply. */
export const Op = z.discriminatedUnion('type', [
  Say,
  Queue,
  Steer,
  Decide,
  Interrupt,
  Compact,
  Review,
  Shell,
  Rewind,
  Stop,
  Close,
]);
export type Op = z.infer<typeof Op>;

/** Why an op was refused. Closed, so that a client can act on it. */
export const Refusal = z.enum([
  'unknownOp',
  'emptyInput',
  'noActiveTurn',
  'turnMismatch',
  'notSteerable',
  'unknownApproval',
  'staleApproval',
  'planMismatch',
  'busy',
  'nothingToRewind',
  'tooManyQueued',
  'unknownTerminal',
  'shuttingDown',
  'closed',
]);
export type Refusal = z.infer<typeof Refusal>;
