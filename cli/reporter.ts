/** How a run of exec is told: to a person, or as lines of JSON. */
import type { RuntimeEvent, Stamped } from '../machines/protocol/index.ts';
import type { Flags } from './flags.ts';
import { newHuman, toHuman } from './human-lines.ts';
import { cutLines, errorLine, newLines, openLines, toLines } from './json-lines.ts';
import type { Line } from './json-schema.ts';
import type { Surroundings } from './mode.ts';
import { choosePaint } from './render/paint.ts';

export interface Reporter {
  open(threadId: string): void;
  report(event: Stamped<RuntimeEvent>): void;
  /** Something outside of the turn went wrong. */
  fail(message: string): void;
  /** We have to leave now: what was begun is ended. Harmless when nothing is open. */
  cut(): void;
}

const humanReporter = (flags: Flags, { streams, env }: Surroundings): Reporter => {
  const paint = choosePaint(flags.plain ? 'never' : (flags.color ?? 'auto'), streams.isErrTty, env);
  let state = newHuman;
  return {
    open: () => undefined,
    report: (event) => {
      const [next, { err, out }] = toHuman(state, event, paint);
      state = next;
      streams.err(err);
      streams.out(out);
    },
    fail: (message) => streams.err(`turnstile: ${message}\n`),
    cut: () => undefined,
  };
};

const jsonReporter = ({ streams }: Surroundings): Reporter => {
  let state = newLines;
  const print = ([next, lines]: readonly [typeof state, readonly Line[]]) => {
    state = next;
    for (const line of lines) streams.out(`${JSON.stringify(line)}\n`);
  };
  return {
    open: (threadId) => print(openLines(state, threadId, Date.now())),
    report: (event) => print(toLines(state, event)),
    fail: (message) => {
      streams.err(`turnstile: ${message}\n`);
      print(errorLine(state, message, Date.now()));
    },
    cut: () => print(cutLines(state, 'shutdown', Date.now())),
  };
};

export const createReporter = (flags: Flags, surroundings: Surroundings): Reporter =>
  flags.json ? jsonReporter(surroundings) : humanReporter(flags, surroundings);
