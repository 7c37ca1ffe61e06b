/** The promises, checked after every step of a story and once more when it is over. */
import { SETTLE_PATIENCE_MS, TURN_GRACE_MS } from '../../machines/deadlines.ts';
import { broken, checkHistory, createBooks, type Books } from './books.ts';
import type { LeafKind } from './puppets.ts';
import type { World } from './world.ts';

/** Longest time from an accepted interrupt to the ending, whatever hangs. Milliseconds. */
export const BOUND_MS = TURN_GRACE_MS + SETTLE_PATIENCE_MS;

/** What each kind of leaf is told that has to stop and may take a while; of the others nothing is left after a stop. */
const STOPS: Readonly<Partial<Record<LeafKind, readonly string[]>>> = {
  exec: ['exec.cancel', 'exec.kill'],
  sample: ['sample.cut'],
  plan: [],
  talk: [],
  hook: ['hook.cancel'],
};

/** Ops wait there. */
const WAITING: ReadonlySet<string> = new Set(['starting', 'hooking', 'rewinding']);

export interface Judge {
  readonly books: Books;
  /** Looks at what happened since it looked last. */
  check(): void;
  /** Ends the story: an interrupt, then nobody answers any more, then the session is closed. */
  end(): void;
}

const waitingWords = (world: World): ReadonlySet<string> => {
  if (world.isOver()) return new Set();
  const { held, queue, undelivered } = world.context();
  const turn = world.machines().find(({ id }) => id === 'turn');
  type Words = readonly { inputId: string }[];
  const { words = [], pending = [] } = (turn?.getSnapshot().context ?? {}) as { words?: Words; pending?: Words };
  return new Set([...undelivered, ...held, ...queue, ...words, ...pending].map(({ inputId }) => inputId));
};

/** Servers of tools: each has a clock of its own, to come, to stay, to come back or to go. */
const awaited = (world: World): number =>
  world.machines().filter((machine) => machine.id.startsWith('mcp-') && machine.getSnapshot().status === 'active')
    .length;

export const judgeOf = (world: World): Judge => {
  const books = createBooks(world.before);
  const seen = { upTo: 0 };

  const check = (): void => {
    for (; seen.upTo < world.seen.length; seen.upTo++) books.hear(world.seen[seen.upTo]!);
    books.settle();
    if (world.errors.length > 0) broken('R6', `the session broke: ${String(world.errors[0])}`);
    for (const machine of world.machines()) {
      if (machine.getSnapshot().status !== 'error') continue;
      if (!books.wasBroken(world.pathOf(machine))) broken('R6', `${world.pathOf(machine)} is in error`);
      const orphan = world.machines(machine).find((child) => child.getSnapshot().status === 'active');
      if (orphan !== undefined) broken('R7', `${world.pathOf(orphan)} lives on without its parent`);
    }
    const orphan = world.live().find(({ owner }) => owner.getSnapshot().status !== 'active');
    if (orphan !== undefined) broken('R7', `${orphan.path} lives on without its parent`);
    if (!WAITING.has(world.state()) && books.unanswered().length > 0)
      broken('R3', `no reply to ${books.unanswered().join(', ')}`);

    const waitingFor = waitingWords(world);
    if (books.doubleWord() !== '') broken('R8', `${books.doubleWord()} was delivered twice`);
    for (const [id, times] of books.words())
      if (times + (waitingFor.has(id) ? 1 : 0) !== 1)
        broken('R8', `${id} was ${times === 0 ? 'lost' : 'delivered, and still waits'}`);

    const state = world.state();
    const untold = world
      .live()
      .find(({ kind, commands }) => STOPS[kind]?.some((stop) => commands.includes(stop)) === false);
    if ((state === 'aborting' || state === 'shuttingDown') && untold !== undefined)
      broken('R1', `${state}, and ${untold.path} was not told to stop`);
    if (state === 'shuttingDown' && world.context().terminals.some(({ phase }) => phase === 'running'))
      broken('B.9', 'a shutdown lets a terminal run on');
    if (state === 'shuttingDown' && world.live().some(({ kind, commands }) => kind === 'link' && commands.length === 0))
      broken('R26', 'a shutdown leaves a server alone');
    if (state === 'idle' || state === 'closed') {
      // Commands that go on beside the turns may live, and be waited for, as long as the session does.
      const { terminals } = world.context();
      const alone =
        state === 'closed' ? world.live() : world.live().filter(({ kind }) => kind !== 'watch' && kind !== 'link');
      const waiting = terminals.filter(({ phase }) => phase === 'stopping').length + awaited(world);
      if (alone.length > 0) broken('R6', `${state}, and ${alone[0]?.path} lives`);
      if (world.time.pending() > waiting) broken('R6', `${state}, and ${world.time.pending()} timers run`);
      if (state === 'closed' && terminals.length > 0) broken('B.9', 'closed, and it has terminals');
      if (books.openTurns().length > 0) broken('R3', `${state}, and ${books.openTurns().join()} has no ending`);
      checkHistory(world.context().history, state);
      books.compare(world.context().history);
    } else if (state === 'running' && books.openTurns().length !== 1) broken('R3', 'running without a turn');
  };

  const end = (): void => {
    check();
    if (world.isOver()) return;
    if (world.state() === 'starting') world.report(world.live()[0]!, 'opens');
    const greeting = world.live().find(({ kind }) => kind === 'hook');
    if (world.state() === 'hooking' && greeting !== undefined) world.report(greeting, 'passes');
    const restoring = world.live().find(({ kind }) => kind === 'restore');
    if (restoring !== undefined) world.report(restoring, 'restores');
    check();
    if (world.state() === 'running') world.tell({ type: 'op.interrupt' });
    check();
    const turnId = world.context().turn?.turnId;
    const deadline = world.time.now() + BOUND_MS;
    while (turnId !== undefined && world.context().turn?.turnId === turnId) {
      const due = world.time.due();
      if (due === null || due > deadline) broken('R2', `${turnId} does not end within ${BOUND_MS} ms`);
      world.time.tick();
      check();
    }
    if (!world.isOver()) world.tell({ type: 'op.close' });
    check();
    while (!world.isOver() && world.time.tick()) check();
    if (!world.isOver()) broken('R6', 'the session does not close');
    check();
    if (!books.isClosed()) broken('A.5.11', 'session.closed is missing');
  };
  return { books, check, end };
};
