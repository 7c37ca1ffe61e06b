/** What is remembered. The history of a session is a list of these; each provider writes it in the words of its wire. */
import * as z from 'zod/mini';

/** How a tool call ended, as the model, the user and the log are told. */
export const CallStatus = z.enum(['completed', 'failed', 'declined', 'aborted', 'timedOut', 'unknown']);
export type CallStatus = z.infer<typeof CallStatus>;

/** Words of the user, with their pictures. */
export const UserItem = z.readonly(
  z.object({
    type: z.literal('user'),
    text: z.string(),
    /** Paths of images, read when the request is built. */
    images: z.optional(z.readonly(z.array(z.string()))),
    /** The op that brought the words; it ties an accepted message to the place where it was delivered. */
    inputId: z.optional(z.string()),
  }),
);
export type UserItem = z.infer<typeof UserItem>;

/** Words of the model to the user. */
export const AgentItem = z.readonly(
  z.object({
    type: z.literal('agent'),
    text: z.string(),
    /** Cut off by an interrupt or a lost connection: only the beginning of what would have been said. */
    incomplete: z.optional(z.literal(true)),
  }),
);
/** What the model thought, as far as its provider shows it. */
export const ReasoningItem = z.readonly(
  z.object({
    type: z.literal('reasoning'),
    text: z.string(),
    /** The provider's own sealed form, sent back unread. Its maker is named, since nobody else can open it. */
    sealed: z.optional(z.readonly(z.object({ by: z.string(), data: z.string() }))),
  }),
);
/** A tool that the model wants to use. `args` is text, JSON for most tools, and not yet looked at. */
export const CallItem = z.readonly(
  z.object({ type: z.literal('call'), callId: z.string(), tool: z.string(), args: z.string() }),
);
export type CallItem = z.infer<typeof CallItem>;

/**
 * What came of the call with this id; each call has exactly one. `output` is what the model reads, cut to what it can
 * carry.
 */
export const ResultItem = z.readonly(
  z.object({ type: z.literal('result'), callId: z.string(), output: z.string(), status: CallStatus }),
);
export type ResultItem = z.infer<typeof ResultItem>;

/** Words of the runtime to the model: surroundings, an interrupt, the result of a review. Never shown as the user's. */
export const ContextItem = z.readonly(
  z.object({
    type: z.literal('context'),
    about: z.enum([
      'instructions',
      'environment',
      'interrupted',
      'review',
      'shell',
      'resumed',
      'terminals',
      'carried',
      'hook',
    ]),
    text: z.string(),
    inputId: z.optional(z.string()),
  }),
);
export type ContextItem = z.infer<typeof ContextItem>;

/** What a compaction leaves of everything before it. */
export const SummaryItem = z.readonly(z.object({ type: z.literal('summary'), text: z.string() }));

/** One entry of the history of a session. */
export const Item = z.discriminatedUnion('type', [
  UserItem,
  AgentItem,
  ReasoningItem,
  CallItem,
  ResultItem,
  ContextItem,
  SummaryItem,
]);
export type Item = z.infer<typeof Item>;
