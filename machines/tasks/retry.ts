/** Whether a request is tried again, and after how long. Pure: the time that attempts took is told, not read. */
import { BACKOFF_BASE_MS, BACKOFF_MAX_MS, MAX_BROKEN_RESPONSES, RETRY_BUDGET_MS } from '../limits.ts';
import { isRetryable, type RuntimeError } from '../protocol/index.ts';

export interface Tries {
  /** Failed attempts since something was last completed. */
  readonly failed: number;
  /** What they and the pauses between them took. Milliseconds. */
  readonly spentMs: number;
}
export const NO_TRIES: Tries = { failed: 0, spentMs: 0 };

/** One budget a request: attempts and wall clock. What the server asks for comes before our own doubling (D.3). */
export const pauseAfter = ({ failed }: Tries, error: RuntimeError): number =>
  error.retryAfterMs ?? BACKOFF_BASE_MS * 2 ** (failed - 1);

export const afterFailure = (tries: Tries, elapsedMs: number): Tries => ({
  failed: tries.failed + 1,
  spentMs: tries.spentMs + elapsedMs,
});

/** `tries` includes the failure that is being judged. */
export const canRetry = (tries: Tries, error: RuntimeError, maxAttempts: number): boolean => {
  const pauseMs = pauseAfter(tries, error);
  return (
    isRetryable(error) &&
    tries.failed < maxAttempts &&
    pauseMs <= BACKOFF_MAX_MS &&
    tries.spentMs + pauseMs <= RETRY_BUDGET_MS
  );
};

/** Responses in a row that may break off after a part was taken: more than attempts without any, and still bound by what was configured. */
export const brokenResponses = (maxAttempts: number): number => Math.min(MAX_BROKEN_RESPONSES, 2 * maxAttempts);

/** What the user reads when it was tried often enough. */
export const givenUp = (tries: Tries, error: RuntimeError): RuntimeError =>
  isRetryable(error) && tries.failed > 1
    ? { ...error, message: `${error.message} (given up after ${tries.failed} attempts)` }
    : error;
