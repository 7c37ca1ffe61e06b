/**
 * The plain front end: lines in, lines out, nothing is ever repainted. For pipes, dumb terminals, screen readers and --plain.
 * On a terminal, Enter while a turn runs steers it; piped lines wait for the turn before them.
 */
import { createInterface } from 'node:readline';
import type { Surroundings } from '../mode.ts';
import type { Paint } from '../render/paint.ts';
import type { Cell } from './cells.ts';
import { drawCell, drawQuestion } from './draw.ts';
import { readAnswer, readLine } from './input.ts';
import type { Pick, Talk } from './talk.ts';
import type { Happening } from './view.ts';

/** A second Ctrl-C within this time quits. Milliseconds. */
const QUIT_WINDOW_MS = 1_000;

export interface FrontEnd {
  show(cells: readonly Cell[], happening: Happening | null): void;
  /** Runs until the user leaves or the input ends. */
  run(talk: Talk): Promise<void>;
  readonly pick: Pick | null;
}

export const createPlain = ({ streams, stop, takeInterrupts }: Surroundings, paint: Paint): FrontEnd => {
  const isPerson = streams.isInTty;
  let talk: Talk | null = null;
  let changed = Promise.withResolvers<void>();

  const print = (lines: readonly string[]): void => {
    if (lines.length > 0) streams.out(`${lines.join('\n')}\n`);
  };
  const ask = (): void => {
    const view = talk?.view();
    const pending = view?.pending[0];
    if (view !== undefined && pending !== undefined)
      print([
        ...drawQuestion(pending, { index: 1, of: view.pending.length, now: Date.now() }, paint),
        '  or type why not:',
      ]);
  };

  const show: FrontEnd['show'] = (cells, happening) => {
    // What the user typed stands on the screen already; what was added later is told where it arrived.
    const news = cells.filter((cell) => !(cell.kind === 'user' && cell.how === 'said' && isPerson));
    print(news.flatMap((cell) => drawCell(cell, paint)));
    if (happening?.type === 'call.started' && happening.view.kind !== 'tool')
      print(
        drawCell(
          {
            kind: 'notice',
            tone: 'dim',
            text: `… ${happening.view.kind === 'command' ? happening.view.command : happening.view.kind}`,
          },
          paint,
        ),
      );
    if (happening?.type === 'approval.requested' && talk?.view().pending.length === 1) ask();
    if (happening?.type === 'approval.resolved') ask();
    if (happening?.type === 'input.queued') print([paint.dim(`  queued for the next turn`)]);
    if (happening !== null && (happening.type === 'turn.aborted' || happening.type === 'turn.failed'))
      for (const text of talk?.view().returned ?? [])
        print(drawCell({ kind: 'notice', tone: 'warn', text: `given back: ${text}` }, paint));
    if (happening?.type === 'turn.completed' && isPerson && streams.isOutTty) streams.out('\x07');
    changed.resolve();
    changed = Promise.withResolvers<void>();
  };

  const run: FrontEnd['run'] = async (given) => {
    talk = given;
    const input = createInterface({ input: streams.stdin, terminal: false, crlfDelay: Infinity });
    const take = async (line: string): Promise<string | null> => {
      const pending = given.view().pending[0];
      const decision =
        pending === undefined
          ? null
          : readAnswer(line, pending.question.offers.length > 0, pending.question.keeps !== undefined);
      if (pending === undefined || line.trim().startsWith('/')) {
        const reply = await given.mean(readLine(line));
        return reply?.kind === 'accepted' ? (reply.turnId ?? null) : null;
      }
      if (decision === null) ask();
      else given.decide(pending, decision);
      return null;
    };
    /** A line from a pipe is for the moment when the one before it has been dealt with. */
    const settled = async (turnId: string | null): Promise<void> => {
      const isSettled = () => {
        const { phase, pending, lastEnded } = given.view();
        return (
          phase === 'closed' || pending.length > 0 || (phase === 'idle' && (turnId === null || lastEnded === turnId))
        );
      };
      while (!isSettled()) await changed.promise;
    };
    const quits = { armedAt: 0 };
    const giveBack = takeInterrupts(() => {
      const { phase } = given.view();
      if (phase === 'busy') return given.interrupt();
      if (phase === 'aborting' || Date.now() - quits.armedAt < QUIT_WINDOW_MS) return given.leave();
      quits.armedAt = Date.now();
      print([paint.dim('  Ctrl-C again quits')]);
    });
    const read = async (): Promise<void> => {
      for await (const line of input) {
        const turnId = await take(line);
        if (!isPerson) await settled(turnId);
      }
      // Nobody can answer any more: what waits for an answer waits in vain.
      for (const pending of isPerson ? [] : given.view().pending) given.decide(pending, { kind: 'deny' });
      if (!isPerson) await settled(null);
    };
    const stopped = new Promise<void>((resolve) => stop.addEventListener('abort', () => resolve(), { once: true }));
    await Promise.race([read(), given.left, stopped]);
    giveBack();
    input.close();
    streams.stdin.destroy();
  };
  return { show, run, pick: null };
};
