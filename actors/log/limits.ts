/** How much a fleet takes at once, and how patient it is. Each with its unit in its name. */

/** An owner that did not renew for so long is lost. Milliseconds. */
export const LEASE_MS = 10_000;
/** Heartbeats in one lease: two may be lost. */
export const HEARTBEATS_A_LEASE = 3;
/** Whoever waits for a wake-up looks himself after this. Milliseconds. */
export const POLL_MS = 500;
/** An append that failed for want of a connection is tried again after this, and after twice as long, up to the last. Milliseconds. */
export const RETRY_FIRST_MS = 50;
export const RETRY_LAST_MS = 1_000;
/** A worker that cannot reach its log ends what it runs after so many leases: by then somebody else has it. */
export const ABANDON_LEASES = 3;
/** Lines of all sessions in one commit. */
export const COMMIT_LINES = 2_000;
/** Bytes of one session that may wait for the log; more, and the session is given up here. UTF-16 units. */
export const MAX_UNCOMMITTED_CHARS = 64 * 1024 * 1024;
/** Messages that may wait for one session. */
export const MAX_WAITING_MESSAGES = 1_000;
/** Messages that are taken at once. */
export const TAKE_MESSAGES = 100;
/** Lines that are read at once. */
export const READ_LINES = 500;
/** Connections to PostgreSQL: of a worker or a server, besides the one that listens. */
export const POOL_CONNECTIONS = 6;
/** A statement that takes longer has failed. Milliseconds. */
export const STATEMENT_MS = 10_000;
/** Waiting for a connection, a new one or one that is in use. Milliseconds. */
export const CONNECT_MS = 10_000;
/** Wake-ups are gathered for so long, so that their number does not grow with the sessions. Milliseconds. */
export const WAKE_GATHER_MS = 3;
/** PostgreSQL takes 8000 bytes in one notification. */
export const WAKE_BYTES = 7_000;
