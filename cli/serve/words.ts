/** What is said over HTTP: the schemas by which the server checks what it is asked, and from which the document is made. */
import * as z from 'zod/mini';
import { SessionSpec } from '../../actors/fleet/words.ts';
import { Op, Refusal } from '../../machines/protocol/index.ts';

const text = z.string();
const id = z.string().check(z.minLength(1), z.maxLength(100), z.regex(/^[A-Za-z0-9._-]+$/));

export const NewSession = z.object({
  /** Of the client's making, so that asking twice makes one session. Absent: a new one. */
  id: z.optional(id),
  /** Whose it is; limits are by tenant. */
  tenant: z._default(z.string().check(z.maxLength(200)), 'default'),
  spec: z._default(SessionSpec, {}),
});
export const Made = z.object({ id: text, made: z.enum(['created', 'known']) });
export const Described = z.object({
  id: text,
  tenant: text,
  /** The last position in its log; -1: nothing yet. */
  head: z.int(),
  /** The worker that has it; null: it sleeps. */
  owner: z.nullable(text),
  /** Ops that no worker has taken yet. */
  waiting: z.int(),
});
export const Reply = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('accepted'), opId: text, turnId: z.optional(text) }),
  z.object({ kind: z.literal('refused'), opId: text, reason: Refusal, message: text }),
]);
/** It is kept, and will be heard; no worker has answered yet. */
export const Kept = z.object({ kind: z.literal('kept'), opId: text });
export const Problem = z.object({ message: text });
export const Health = z.object({ status: z.enum(['ok', 'unavailable']), log: text });
export { Op };
