/** What the server takes from its clients. Each with its unit in its name. */

/** A body. Bytes. */
export const MAX_BODY_BYTES = 8 * 1024 * 1024;
/** An answer to an op is waited for so long before the client is told that it is kept. Milliseconds. */
export const REPLY_MS = 10_000;
/** Streams of events at a time. */
export const MAX_STREAMS = 2_000;
/** A stream in which nothing happens says that it is alive. Milliseconds. */
export const ALIVE_MS = 10_000;
