/** What one command may take up at its gate. */

/** Connections of one command at the same time. */
export const MAX_CONNECTIONS = 256;
/** Until the head of a request is there; who is slower is cut off. Milliseconds. */
export const HEAD_MS = 10_000;
/** Characters of a head. */
export const MAX_HEAD = 16 * 1024;
/** Until the other side answers. Milliseconds. */
export const CONNECT_MS = 10_000;
/** Silence in both directions after which a connection ends. Milliseconds. */
export const IDLE_MS = 300_000;
/** Through one connection, both directions together. */
export const MAX_BYTES = 4 * 1024 ** 3;
/** Different hosts that are remembered of one command, of each kind: those it came to, those it was refused. */
export const MAX_REMEMBERED = 32;
/** Until the line of a command that has ended is closed too. Milliseconds. */
export const SETTLE_MS = 1_000;
