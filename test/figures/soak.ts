/**
 * Ten thousand turns in one session: does anything stay behind? The history is taken back every hundred turns, so that
 * what grows is not what was said.
 */
import { isTurnEnding } from '../../machines/protocol/index.ts';
import { aliveBytes, descriptors, rounded, type Row } from './kit.ts';
import { newRehearsal } from './rehearsal.ts';

const TURNS = Number(process.env['TURNSTILE_TURNS'] ?? 10_000);
const BACK_EVERY = 100;
/** Turns after which everything is warm. */
const WARM = TURNS / 5;

export const measure = async (): Promise<readonly Row[]> => {
  const { runtime, remove } = await newRehearsal();
  const session = await runtime.open();
  const heard = { resolve: null as (() => void) | null };
  session.events.subscribe((event) => {
    if (isTurnEnding(event)) heard.resolve?.();
  });
  const turns = async (count: number, from: number) => {
    for (let n = 0; n < count; n++) {
      const over = new Promise<void>((resolve) => (heard.resolve = resolve));
      await session.submit({ type: 'op.say', id: `op${from + n}`, text: 'go' });
      await over;
      if ((n + 1) % BACK_EVERY !== 0) continue;
      while (session.can({ type: 'op.rewind', id: 'x', turns: BACK_EVERY }) !== null) await new Promise(setImmediate);
      await session.submit({ type: 'op.rewind', id: `re${from + n}`, turns: BACK_EVERY });
    }
  };
  const began = performance.now();
  await turns(WARM, 0);
  const [bytes, fds] = [await aliveBytes(), descriptors()];
  await turns(TURNS - WARM, WARM);
  const [after, held] = [await aliveBytes(), descriptors()];
  const seconds = (performance.now() - began) / 1_000;
  await runtime[Symbol.asyncDispose]();
  remove();
  const ACTORS_OF_A_TURN = 4;
  return [
    {
      what: `${rounded(TURNS)} turns, ${rounded(TURNS * ACTORS_OF_A_TURN)} actors born and gone`,
      figure: `${rounded(TURNS / seconds)} turns/s`,
    },
    {
      what: `memory alive after ${rounded(WARM)} and after ${rounded(TURNS)} turns`,
      figure: `${rounded(bytes / 1e6, 1)} MB, ${rounded(after / 1e6, 1)} MB (${rounded((after / bytes - 1) * 100, 1)} %)`,
    },
    { what: 'descriptors then and then', figure: `${fds}, ${held}` },
  ];
};
