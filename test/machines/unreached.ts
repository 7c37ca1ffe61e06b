/** Rows of the charts that no walk takes, and why they stand there all the same. */
const LATER = 'a fuse behind a fuse: the patience of each level is longer than that of the one below it';
const SAME =
  'a cancelled call says this no more; the row keeps what is said while the task winds down from starting anything';
const ONCE = 'a turn cancels its task once; the row keeps a second one from beginning anew';
const NEVER = 'no such op is refused in this state today; every op of the table has its row';
const UNASKED = 'a process goes over only when it is asked to; the states of a run share their rows';
const REFUSED = 'the session refuses what leads here; a turn is safe without it';

const BORN =
  'a task passes through it in its birth, which inspection is not told step by step; the stories of lost questions need it';

const LISTED: Readonly<Record<string, string>> = {
  'session.idle op.compact #0': NEVER,
  'session.idle op.review #0': NEVER,
  'session.busy.running op.compact #0': NEVER,
  'session.busy.running op.review #0': NEVER,
  'session.busy.aborting op.compact #0': NEVER,
  'session.busy.aborting op.review #0': NEVER,
  'session.shuttingDown xstate.after.grace.session.shuttingDown #0': LATER,
  'session.shuttingDown always #0':
    'a shutdown begins where a turn runs; the row is for a turn that is over in that very step',
  'session xstate.error.actor.* #1': 'nothing that a server of tools hears today can break it',
  'turn.active.aborting turn.assist #0': REFUSED,
  'turn.active.hooking turn.steer #0': REFUSED,
  'turn.active.aborting turn.steer #0': REFUSED,
  'turn.active.aborting xstate.after.grace.turn.active.aborting #0': LATER,
  'regular.beginning': BORN,
  'regular.beginning always #0': BORN,
  'regular.beginning always #1': BORN,
  'regular.requesting.closing call.planned #0': SAME,
  'regular.requesting.closing call.ready #0': SAME,
  'regular.requesting.closing task.cancel #0': ONCE,
  'regular.failing call.planned #0': SAME,
  'regular.failing call.ready #0': SAME,
  'regular.failing xstate.after.taskPatience.regular.failing #0': LATER,
  'regular.stopping call.planned #0': SAME,
  'regular.stopping call.ready #0': SAME,
  'regular.stopping task.cancel #0': ONCE,
  'regular.stopping xstate.after.taskPatience.regular.stopping #0': LATER,
  'call.running.executing exec.yielded #0': UNASKED,
  'call.running.lending exec.yielded #0': UNASKED,
  'review.reviewing.stopping task.cancel #0': ONCE,
  'shell.stopping xstate.after.taskPatience.shell.stopping #0': LATER,
  'regular.deciding always #1': 'two thousand requests away; a story of its own goes there',
};

export const whyUnreached = (name: string): string | null => LISTED[name] ?? null;
export const LISTED_NAMES = Object.keys(LISTED);

const NET = 'the terminal breaks with its process instead, and the session says the same of it';
const ABOVE = 'the row of the whole loop does the same, and starts what was told to stop already';

/** Rows that can be taken out unnoticed within a few steps, and why. */
export const QUIET: Readonly<Record<string, string>> = {
  'session.busy.aborting xstate.done.actor.turn #0':
    'the row of `busy` above it does the same but for words that came too late',
  'session.idle op.close #0': 'the shutdown of a session that is alone ends in the step in which it begins',
  'terminal.running xstate.error.actor.watch #0': NET,
  'terminal.stopping xstate.error.actor.watch #0': NET,
  'terminal.ended xstate.error.actor.watch #0': NET,
  'regular.requesting.streaming task.steer #1': 'the row of the whole loop does the same',
  'turn.active.aborting task.left #0': 'the row of `active` tells the same, a step earlier or later',
  'regular.requesting.closing xstate.done.actor.* #0': ABOVE,
  'regular.failing xstate.done.actor.* #0': ABOVE,
  'regular.stopping xstate.done.actor.* #0': ABOVE,
  'regular.requesting.closing xstate.error.actor.* #0': ABOVE,
  'regular.failing xstate.error.actor.* #0': ABOVE,
  'regular.stopping xstate.error.actor.* #0': ABOVE,
};
