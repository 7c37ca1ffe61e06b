/**
 * Every way in which a turn can fail. `kind` is closed on purpose: a new failure is a new line, and the compiler finds the rest.
 * The text tells the user what to do; the kind tells the machine.
 */
import * as z from 'zod/mini';

/**
 * What went wrong, for a program that decides what to do about it. Made here from what a provider or a sandbox said.
 */
export const ErrorKind = z.enum([
  'contextWindowExceeded',
  'usageLimitReached',
  'quotaExceeded',
  'rateLimited',
  'serverOverloaded',
  'serverError',
  'unauthorized',
  'forbidden',
  'notFound',
  'badRequest',
  'contentFiltered',
  'responseIncomplete',
  'streamDisconnected',
  'streamIdle',
  'connectionFailed',
  'retriesExhausted',
  'compactionFutile',
  'loopDetected',
  'limitReached',
  'sandboxUnavailable',
  'approvalUnavailable',
  'schemaMismatch',
  'blockedByHook',
  'crashed',
]);
export type ErrorKind = z.infer<typeof ErrorKind>;

/**
 * Why a turn failed: a kind for programs, a sentence for people. It comes in `turn.failed` and `sample.retrying`, and
 * is never thrown.
 */
export const RuntimeError = z.readonly(
  z.object({
    kind: ErrorKind,
    message: z.string(),
    /** When the other side said how long to wait. Milliseconds. */
    retryAfterMs: z.optional(z.int()),
    /** The same as a time, which outlives the process. Milliseconds since 1970. */
    notBefore: z.optional(z.int()),
    /** HTTP status, where there was one. */
    status: z.optional(z.int()),
  }),
);
export type RuntimeError = z.infer<typeof RuntimeError>;

/** Everything that is not in this list is final: asking again would only get the same answer, or cost twice. */
const RETRYABLE: ReadonlySet<ErrorKind> = new Set<ErrorKind>([
  'rateLimited',
  'serverOverloaded',
  'serverError',
  'responseIncomplete',
  'streamDisconnected',
  'streamIdle',
  'connectionFailed',
]);

/** Whether the same request may succeed when it is sent again. */
export const isRetryable = ({ kind }: RuntimeError): boolean => RETRYABLE.has(kind);
