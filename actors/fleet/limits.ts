/** What one worker takes upon itself, and how patient it is. Each with its unit in its name. */

/** Sessions that a worker holds at a time. */
export const SESSIONS = 200;
/** Sessions of one tenant that run at a time, in the whole fleet. */
export const SESSIONS_A_TENANT = 100;
/** A session in which nothing happens is put to sleep after this. Milliseconds. */
export const IDLE_MS = 30_000;
/** A worker that is asked to end lets turns go on for so long. Milliseconds; less than a program is given to end. */
export const DRAIN_MS = 1_200;
/** Of those that sleep to make room, this part of a full worker at a time. */
export const ROOM_PART = 0.1;
/** A session that could not be opened is kept for so long before it is given back, lest it goes round. Milliseconds. */
export const UNOPENED_MS = 5_000;
