/** Two texts → the hunks of a unified diff, without file headers. Pure. Empty where the texts are equal. */
import { type Change, diffLines } from './diff.ts';

/** Every line with its end; a last line without one stays so. */
const withEnds = (text: string): string[] => (text === '' ? [] : text.split(/(?<=\n)/));

const NO_END = '\n\\ No newline at end of file\n';

const line = (sign: string, text: string) => sign + (text.endsWith('\n') ? text : text + NO_END);

const range = (start: number, length: number) =>
  `${length === 0 ? start : start + 1}${length === 1 ? '' : `,${length}`}`;

/** Changes whose surroundings meet go into one hunk. */
const group = (changes: readonly Change[], context: number): Change[][] => {
  const groups: Change[][] = [];
  for (const change of changes) {
    const last = groups.at(-1)?.at(-1);
    if (last && change.aStart - last.aEnd <= 2 * context) groups.at(-1)!.push(change);
    else groups.push([change]);
  }
  return groups;
};

const hunk = (a: readonly string[], b: readonly string[], changes: readonly Change[], context: number): string => {
  const first = changes[0]!;
  const last = changes.at(-1)!;
  const before = Math.min(context, first.aStart);
  const after = Math.min(context, a.length - last.aEnd);
  const aStart = first.aStart - before;
  const bStart = first.bStart - before;
  const aLength = last.aEnd + after - aStart;
  const bLength = last.bEnd + after - bStart;
  const body: string[] = [`@@ -${range(aStart, aLength)} +${range(bStart, bLength)} @@\n`];
  let at = aStart;
  for (const change of changes) {
    for (; at < change.aStart; at++) body.push(line(' ', a[at]!));
    for (; at < change.aEnd; at++) body.push(line('-', a[at]!));
    for (let k = change.bStart; k < change.bEnd; k++) body.push(line('+', b[k]!));
  }
  for (; at < last.aEnd + after; at++) body.push(line(' ', a[at]!));
  return body.join('');
};

export const unified = (before: string, after: string, context: number): string => {
  const a = withEnds(before);
  const b = withEnds(after);
  return group(diffLines(a, b), context)
    .map((changes) => hunk(a, b, changes, context))
    .join('');
};
