/**
 * An answer while it streams: whole lines are final and become cells; only the open line may still change, and a table,
 * which is laid out when its last row is known. Pure.
 * The recorded item is the truth. What was shown before is compared with it, and only the rest is added.
 */
import type { Cell } from './cells.ts';
import { isTableRow, MAX_TABLE_ROWS } from './table.ts';

export interface Speech {
  /** All that was streamed of this answer. */
  readonly heard: string;
  /** The line that is still being written. */
  readonly open: string;
  /** The language of the code block that is open, if it names one; null: none is open. */
  readonly fence: string | null;
  /** Rows of a table that may go on. */
  readonly table: readonly string[];
  readonly hasLines: boolean;
}

export const noSpeech: Speech = { heard: '', open: '', fence: null, table: [], hasLines: false };

type Step = readonly [Speech, readonly Cell[]];

const FENCE = /^\s*(?:```+|~~~+)\s*([^\s`]*)/;

/** The table is over. */
const endTable = (speech: Speech): Step =>
  speech.table.length === 0
    ? [speech, []]
    : [
        { ...speech, table: [], hasLines: true },
        [{ kind: 'agentTable', lines: speech.table, isFirst: !speech.hasLines }],
      ];

const lineCell = (speech: Speech, line: string): Step => {
  if (speech.fence === null && speech.table.length < MAX_TABLE_ROWS && isTableRow(line))
    return [{ ...speech, open: '', table: [...speech.table, line] }, []];
  const [before, table] = endTable(speech);
  const fence = FENCE.exec(line)?.[1];
  const opened = fence === undefined || before.fence !== null ? before.fence : fence;
  return [
    { ...before, open: '', hasLines: true, fence: fence !== undefined && before.fence !== null ? null : opened },
    [...table, { kind: 'agent', line, isFirst: !before.hasLines, code: fence === undefined ? before.fence : '' }],
  ];
};

export const speak = (speech: Speech, text: string): Step => {
  if (!text.includes('\n')) return [{ ...speech, heard: speech.heard + text, open: speech.open + text }, []];
  const [first = '', ...rest] = `${speech.open}${text}`.split('\n');
  let now: Speech = { ...speech, heard: speech.heard + text };
  const cells: Cell[] = [];
  let open = first;
  for (const next of rest) {
    const [after, printed] = lineCell(now, open);
    now = after;
    cells.push(...printed);
    open = next;
  }
  return [{ ...now, open }, cells];
};

/** The answer is over: with the text that was recorded, or cut off without one. */
export const endSpeech = (speech: Speech, text: string = speech.heard): Step => {
  if (text === '' && speech.heard === '') return [noSpeech, []];
  const isContinued = text.startsWith(speech.heard);
  // A different text was recorded than was heard: it is said again, whole, after what cannot be unsaid.
  const [before, restart]: Step = isContinued ? [speech, []] : [noSpeech, endSpeech(speech)[1]];
  const [spoken, cells] = speak(before, isContinued ? text.slice(speech.heard.length) : text);
  const [whole, last] = spoken.open === '' ? [spoken, []] : lineCell(spoken, spoken.open);
  const [, table] = endTable(whole);
  return [noSpeech, [...restart, ...cells, ...last, ...table, { kind: 'agentEnd' }]];
};
