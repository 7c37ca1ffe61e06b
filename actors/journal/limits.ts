/** How big things in a journal may be, and how often it looks around. Each with its unit in its name. */

/** A longer string inside a record goes to the side folder, where equal ones share a file. UTF-16 units. */
export const INLINE_CHARS = 16 * 1024;
/** A line up to this length is not searched for parts that repeat. UTF-16 units. */
export const PLAIN_LINE_CHARS = 4 * 1024;
/** Of the parts that are known to repeat, those above this size are shared. UTF-16 units of JSON. */
export const SHARED_CHARS = 1024;
/** The beginning of a blob that stays readable in the line. UTF-16 units. */
export const PREVIEW_CHARS = 120;
/** Records that the disk refuses wait here. Bytes; more than this is lost, and the journal says which. */
export const MAX_PENDING_BYTES = 64 * 1024 * 1024;
/** Records of a session in which nobody has said anything yet; one more, and it gets its file. */
export const MAX_WAITING = 1_000;
/** Bytes of a torn record that its notice quotes. */
export const TORN_QUOTE_BYTES = 64 * 1024;
/** How stale the knowledge may be that we are still the writer. Milliseconds. */
export const FENCE_CHECK_MS = 1;
/** A take-over waits this long before it trusts that the former writer has looked. Milliseconds; well above FENCE_CHECK_MS. */
export const TAKE_OVER_PAUSE_MS = 20;
/** A lock nobody could finish writing is ignored after this. Milliseconds. */
export const UNREADABLE_LOCK_MS = 5_000;
/** An environment value shorter than this is not taken for a secret: it would be found everywhere. UTF-16 units. */
export const MIN_SECRET_CHARS = 8;
/** Read at once while a journal is streamed. Bytes. */
export const READ_CHUNK_BYTES = 256 * 1024;
