/**
 * How long each level waits for the one below it. Patience grows outwards, so that a turn which says `aborted` leaves
 * nothing alive behind it: the OS kills, then the call knows, then the task, then the turn tells. All in milliseconds.
 */
export const KILL_AFTER_MS = 400;
export const CALL_PATIENCE_MS = 1_000;
export const TASK_PATIENCE_MS = 1_500;
export const TURN_GRACE_MS = 2_000;
export const SESSION_GRACE_MS = 2_500;

/** After the leader's exit, how long output is still read while somebody else holds the pipe. */
export const DRAIN_MS = 200;

/** How long a model request may take to hand over its half-answer. It is closed by then in any case. */
export const CUT_PATIENCE_MS = 250;

/** How long the end of a turn may take to look at the disk; the outcome is fixed by then. */
export const SETTLE_PATIENCE_MS = 300;

/** How long a rewind may take to bring files back; it stops where it is then, and says what it left. */
export const RESTORE_PATIENCE_MS = 60_000;
