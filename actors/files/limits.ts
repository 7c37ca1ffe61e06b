/** How much of the files a session keeps, so that a rewind can bring them back. Each with its unit in its name. */

/** Entries that one look at the roots may find; what comes after them is not covered. */
export const MAX_ENTRIES = 50_000;
/** A larger file is noticed when it changes, and cannot be brought back. Bytes. */
export const MAX_FILE_BYTES = 8 * 1024 * 1024;
/** Contents that one session may keep. Bytes. */
export const MAX_STORE_BYTES = 1024 * 1024 * 1024;
/** How long the first command of a turn waits until the files are saved; the rest of them is not covered. Milliseconds. */
export const SAVE_PATIENCE_MS = 5_000;
/** How long the end of a turn waits to know what changed; the look goes on after that. Milliseconds; below SETTLE_PATIENCE_MS. */
export const SETTLE_WAIT_MS = 200;
/** Work at one piece, before others have their turn. Milliseconds. */
export const SLICE_MS = 8;
/** A file that changed so shortly before it was read may change again and look the same. Milliseconds. */
export const RACY_MS = 50;
/** Contents that are written together. Bytes. */
export const CHUNK_BYTES = 4 * 1024 * 1024;
/** Paths that are told one by one; of the others it is told how many. */
export const MAX_TOLD = 200;
export const shortened = (lines: readonly string[]): readonly string[] =>
  lines.length <= MAX_TOLD ? lines : [...lines.slice(0, MAX_TOLD), `and ${lines.length - MAX_TOLD} more`];
/** What was saved for a session that nobody has used for so long is removed. Milliseconds. */
export const KEEP_MS = 14 * 24 * 3_600_000;
/** So much is kept of all sessions together; those used longest ago go first. Bytes. */
export const MAX_KEPT_BYTES = 4 * 1024 * 1024 * 1024;
/** Used more recently than this, a session keeps what it has. Milliseconds. */
export const FRESH_MS = 24 * 3_600_000;

/** Not looked into: what is there can be made again, or belongs to a program that guards it. */
export const SKIPPED_FOLDERS: ReadonlySet<string> = new Set([
  ...['.git', '.hg', '.svn', '.jj'],
  ...['node_modules', '.venv', 'venv', '__pycache__', '.tox', '.mypy_cache', '.pytest_cache', '.ruff_cache'],
  ...['.gradle', '.terraform', '.next', '.turbo', '.cache'],
]);
/** A folder with this in it says itself that it can be made again (cargo's `target` does). */
export const CACHE_TAG = 'CACHEDIR.TAG';
