/**
 * What a summary may not lose (R20): the plan, and which files were changed. It is read from the calls themselves, not
 * from what a model says of them, and carried from one compaction to the next. Pure.
 */
import type { CallItem, ContextItem, Item } from '../protocol/index.ts';

/** The newest are named; of more, the number. */
const MAX_FILES = 100;
const MAX_PLAN_CHARS = 8_000;
const PLAN = 'The plan, as it stood:';
const FILES = 'Files that were changed so far:';

const done = (history: readonly Item[], tool: string): readonly CallItem[] => {
  const good = new Set(
    history.flatMap((item) => (item.type === 'result' && item.status === 'completed' ? [item.callId] : [])),
  );
  return history.filter(
    (item): item is CallItem => item.type === 'call' && item.tool === tool && good.has(item.callId),
  );
};

/** The paths that a patch names, wherever it stands in the arguments. */
const pathsIn = (args: string): readonly string[] =>
  [
    ...args.replaceAll('\\n', '\n').matchAll(/^.*?\*\*\* (?:Add File|Update File|Delete File|Move to): (.+?)\s*$/gm),
  ].map(([, path = '']) => path);

const sectionOf = (text: string, title: string): readonly string[] => {
  const lines = text.split('\n');
  const from = lines.indexOf(title);
  if (from < 0) return [];
  const end = lines.indexOf('', from);
  return lines.slice(from + 1, end < 0 ? undefined : end);
};

const isCarried = (item: Item): item is ContextItem => item.type === 'context' && item.about === 'carried';

/** Null: there is nothing to carry. */
export const carried = (history: readonly Item[]): ContextItem | null => {
  const before = history.findLast(isCarried)?.text ?? '';
  const newest = done(history, 'update_plan').at(-1)?.args.slice(0, MAX_PLAN_CHARS).replaceAll('\n', ' ');
  const plan = newest === undefined ? sectionOf(before, PLAN) : [newest];
  const old = sectionOf(before, FILES).flatMap((line) => (line.startsWith('- ') ? [line.slice(2)] : []));
  const files = [...new Set([...old, ...done(history, 'apply_patch').flatMap(({ args }) => pathsIn(args))])];
  const shown = files.slice(-MAX_FILES).map((path) => `- ${path}`);
  const left = files.length - shown.length;
  const sections = [
    plan.length === 0 ? null : [PLAN, ...plan].join('\n'),
    shown.length === 0 ? null : [FILES, ...(left === 0 ? [] : [`(and ${left} more)`]), ...shown].join('\n'),
  ].filter((section) => section !== null);
  return sections.length === 0 ? null : { type: 'context', about: 'carried', text: sections.join('\n\n') };
};

export const withoutCarried = (items: readonly Item[]): readonly Item[] => items.filter((item) => !isCarried(item));
