/** What the model reads of a background terminal. */
import { MANY_TERMINALS, MAX_TERMINALS } from '../../machines/limits.ts';
import type { ExecEnding } from '../../sandbox/plan.ts';
import { codeOf, prefixOf } from './report.ts';
import { bothEnds } from './unread.ts';

export interface TalkWords {
  readonly terminalId: string;
  /** Null: it runs. */
  readonly ending: ExecEnding | null;
  readonly wallMs: number;
  readonly note: string | null;
  readonly said: string;
  readonly maxBytes: number;
}

export const talkWords = ({ terminalId, ending, wallMs, note, said, maxBytes }: TalkWords): string => {
  const code = ending === null ? null : codeOf(ending);
  const state =
    ending === null
      ? `Process running with session ID ${terminalId}`
      : `Process exited${code === null ? '' : ` with code ${code}`}; session ${terminalId} is closed`;
  return [
    `Wall time: ${(wallMs / 1000).toFixed(1)} seconds`,
    state,
    ...(note === null ? [] : [note]),
    'Output:',
    `${ending === null ? '' : prefixOf(ending)}${bothEnds(said, maxBytes)}`,
  ].join('\n');
};

/** `count`: how many there are with this one. */
export const manyWords = (count: number): string | null =>
  count < MANY_TERMINALS
    ? null
    : `Warning: ${count} sessions are open. Above ${MAX_TERMINALS}, the one that was not used for longest is ended.`;

export const unknownTerminal = (terminalId: string): string =>
  `There is no session ${terminalId}: it has ended and was read to its end, or it was ended by the user or to make room.`;
