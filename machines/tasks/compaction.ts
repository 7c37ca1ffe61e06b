/**
 * What a compaction sends and what it keeps. Pure.
 *
 * It must fit whatever the size of the history: each rung of the ladder sends less of it, oldest first out, and a call
 * never without its result. The user's own words are kept as they are, newest first, up to a budget (C.9.7).
 */
import { estimateTokens, repaired } from '../history.ts';
import type { Item } from '../protocol/index.ts';
import { carried, withoutCarried } from './carried.ts';

/** Tokens of the user's own words that survive a compaction as they are. */
export const KEPT_USER_TOKENS = 20_000;
/** Rungs of the ladder: the part of the window that the history may fill. The last one fits into any window. */
export const RUNGS = [0.9, 0.6, 0.35, 0.15, 0.05] as const;
/** Of a single item more than this share of the budget is cut out of its middle. */
const LONGEST_SHARE = 0.5;

export const SUMMARY_REQUEST =
  'Summarise this conversation for the assistant who will go on with it and will see nothing else of it. Say what the user wants and what they insisted on, what was found out, which files were read or changed and how, what was decided and why, what failed, what is running, and exactly what comes next. Be specific: names, paths, commands, numbers. No greeting.';

/** The longest mark of a cut, so that what is cut fits with it. */
const CUT_MARK_CHARS = 64;

const cut = (text: string, keepChars: number): string => {
  if (text.length <= keepChars) return text;
  const half = Math.floor(keepChars / 2);
  return `${text.slice(0, half)}\n[… ${text.length - 2 * half} characters left out …]\n${text.slice(text.length - half)}`;
};

const shortened = (item: Item, keepChars: number): Item => {
  if (item.type === 'result') return { ...item, output: cut(item.output, keepChars) };
  if (item.type === 'call') return item.args.length <= keepChars ? item : { ...item, args: '{}' };
  return { ...item, text: cut(item.text, keepChars) };
};

/** As much of the newest history as fits into `budget` tokens, with the request for a summary behind it. */
export const promptOfRung = (history: readonly Item[], rung: number, windowSize: number): readonly Item[] => {
  const budget = Math.floor(windowSize * (RUNGS[rung] ?? RUNGS[RUNGS.length - 1]!));
  const longest = Math.max(200, Math.floor(budget * LONGEST_SHARE) * 4);
  const kept: Item[] = [];
  let tokens = 0;
  for (const item of history.toReversed()) {
    if (item.type === 'reasoning') continue;
    const short = shortened(item, longest);
    tokens += estimateTokens([short]);
    if (tokens > budget) break;
    kept.unshift(short);
  }
  return [...repaired(withoutStrays(kept)), { type: 'user', text: SUMMARY_REQUEST }];
};

/** A result whose call fell out goes with it. */
const withoutStrays = (items: readonly Item[]): readonly Item[] => {
  const calls = new Set(items.flatMap((item) => (item.type === 'call' ? [item.callId] : [])));
  return items.filter((item) => item.type !== 'result' || calls.has(item.callId));
};

/** The history afterwards: surroundings, the user's own words (items kept are the very same), what is carried, the summary. */
export const compacted = (history: readonly Item[], summary: string): readonly Item[] => {
  const surroundings = withoutCarried(history).filter(
    // What a review found is summed up like whatever else was said.
    (item) => item.type === 'context' && item.about !== 'interrupted' && item.about !== 'review',
  );
  const words: Item[] = [];
  let tokens = 0;
  for (const item of history.toReversed()) {
    if (item.type !== 'user') continue;
    tokens += estimateTokens([item]);
    if (tokens > KEPT_USER_TOKENS) {
      if (words.length === 0) words.unshift({ ...item, text: cut(item.text, KEPT_USER_TOKENS * 4 - CUT_MARK_CHARS) });
      break;
    }
    words.unshift(item);
  }
  const kept = carried(history);
  return [...surroundings, ...words, ...(kept === null ? [] : [kept]), { type: 'summary', text: summary.trim() }];
};
