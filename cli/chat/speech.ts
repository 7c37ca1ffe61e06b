/**
 * An answer while it streams: whole lines are final and become cells; only the open line may still change. Pure.
 * The recorded item is the truth. What was shown before is compared with it, and only the rest is added.
 */
import type { Cell } from './cells.ts';

export interface Speech {
  /** All that was streamed of this answer. */
  readonly heard: string;
  /** The line that is still being written. */
  readonly open: string;
  readonly isInFence: boolean;
  readonly hasLines: boolean;
}

export const noSpeech: Speech = { heard: '', open: '', isInFence: false, hasLines: false };

type Step = readonly [Speech, readonly Cell[]];

const FENCE = /^\s*(```|~~~)/;

const lineCell = (speech: Speech, line: string): Step => {
  const isFence = FENCE.test(line);
  return [
    { ...speech, open: '', hasLines: true, isInFence: isFence ? !speech.isInFence : speech.isInFence },
    [{ kind: 'agent', line, isFirst: !speech.hasLines, isCode: speech.isInFence || isFence }],
  ];
};

export const speak = (speech: Speech, text: string): Step => {
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
  const [, last] = spoken.open === '' ? [spoken, []] : lineCell(spoken, spoken.open);
  return [noSpeech, [...restart, ...cells, ...last, { kind: 'agentEnd' }]];
};
