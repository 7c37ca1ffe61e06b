/** What a session of a fleet is asked to be. It is written down once, and every worker that takes the session goes by it. */
import * as z from 'zod/mini';

export const SessionSpec = z.readonly(
  z.object({
    /** The folder in which it works; absent: that of the worker. Every worker must see the same files there. */
    cwd: z.optional(z.string().check(z.minLength(1))),
    /** When a person is asked; absent: as the worker is configured. */
    approval: z.optional(z.enum(['untrusted', 'on-failure', 'on-request', 'never'])),
    /** Nobody will answer questions: each is refused at once. */
    isUnattended: z.optional(z.boolean()),
  }),
);
export type SessionSpec = z.infer<typeof SessionSpec>;

/** A spec that cannot be read is an empty one: the session is run as the worker is configured. */
export const specIn = (text: string): SessionSpec => {
  try {
    return SessionSpec.parse(JSON.parse(text));
  } catch {
    return {};
  }
};
