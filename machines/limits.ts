/** Everything has a limit. Each is here, with its unit in its name and a word on why it is what it is. */

/** Attempts for one request before the turn fails, the first included; reset whenever an item is completed. */
export const MAX_ATTEMPTS = 6;
/** Wall clock that retries of one request may take together. Milliseconds. */
export const RETRY_BUDGET_MS = 40_000;
/** First pause between attempts; it doubles each time. Milliseconds. */
export const BACKOFF_BASE_MS = 200;
/** Longest pause that a server may ask for and get; a longer one fails the turn with the time in the text. Milliseconds. */
export const BACKOFF_MAX_MS = 30_000;

/** Responses in a row that may break off after a part of them was taken, before the turn fails. */
export const MAX_BROKEN_RESPONSES = 10;

/** Compactions in a row that may fail to get below the threshold before the turn is stopped. */
export const MAX_FUTILE_COMPACTIONS = 2;
/** Identical failing calls in a row before the turn is stopped as a loop. */
export const MAX_SAME_FAILURES = 8;
/** Model requests in one turn. Generous: it is a fuse, not a budget. */
export const MAX_REQUESTS_PER_TURN = 2_000;
/** Calls of one response. */
export const MAX_CALLS_PER_RESPONSE = 64;
/** Messages that wait for a turn. */
export const MAX_QUEUED = 100;

/** Output kept of one command, first and last half. Bytes. */
export const KEPT_OUTPUT_BYTES = 256 * 1024;
/** What the model reads of one command. Bytes. */
export const MODEL_OUTPUT_BYTES = 16 * 1024;
/** Output spilled to a file before it is cut off there too. Bytes. */
export const SPILL_BYTES = 64 * 1024 * 1024;

/** Time a command may take unless it says otherwise. Milliseconds. */
export const COMMAND_TIMEOUT_MS = 120_000;
/** Longest time a command may ask for. Milliseconds. */
export const COMMAND_TIMEOUT_MAX_MS = 3_600_000;

/** Transitions in one macrostep: a chart that needs more is in a loop. */
export const MAX_MICROSTEPS = 1_000;
