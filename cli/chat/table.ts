/** A Markdown table in columns that fit the screen. Pure: (lines of the table, columns) → lines, without styles. */
import { widthOf, wrap } from '../render/width.ts';

/** A longer one is not waited for: its rows are printed as they came. */
export const MAX_TABLE_ROWS = 200;
const MIN_COLUMN = 4;
const GAP = ' │ ';

export const isTableRow = (line: string): boolean => /^\s*\|.*\S/.test(line);
const isRule = (line: string): boolean => /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/.test(line);

/** A bar that is escaped or stands in code is no border. */
const cellsOf = (line: string): readonly string[] =>
  (
    line
      .trim()
      .replace(/^\||\|$/g, '')
      .match(/(?:\\.|`[^`]*`|[^|\\`]|`)+|(?<=\|)(?=\|)|^(?=\|)|(?<=\|)$/g) ?? []
  ).map((cell) => cell.trim().replaceAll('\\|', '|'));

type Align = (text: string, width: number) => string;
const alignOf = (rule: string): Align => {
  const pad = (text: string, width: number) => ' '.repeat(Math.max(0, width - widthOf(text)));
  if (!rule.endsWith(':')) return (text, width) => text + pad(text, width);
  if (!rule.startsWith(':')) return (text, width) => pad(text, width) + text;
  return (text, width) => {
    const all = pad(text, width);
    const left = all.slice(0, Math.floor(all.length / 2));
    return left + text + all.slice(left.length);
  };
};

/** The widest columns give way first, evenly, until all fit. */
const shrink = (widths: readonly number[], room: number): readonly number[] => {
  const fitted = [...widths];
  let excess = fitted.reduce((sum, width) => sum + width, 0) - room;
  while (excess > 0) {
    const widest = Math.max(...fitted);
    if (widest <= MIN_COLUMN) break;
    const next = Math.max(MIN_COLUMN, ...fitted.filter((width) => width < widest));
    const shared = fitted.filter((width) => width === widest).length;
    const step = Math.max(1, Math.min(widest - next, Math.ceil(excess / shared)));
    fitted.forEach((width, i) => {
      if (width !== widest) return;
      const less = Math.min(step, excess);
      fitted[i] = width - less;
      excess -= less;
    });
  }
  return fitted;
};

export interface TableLine {
  readonly text: string;
  readonly isHead: boolean;
}

/** Null: these lines are not a table, so they stand as they came. */
export const layOutTable = (lines: readonly string[], columns: number): readonly TableLine[] | null => {
  const [head, rule = '', ...body] = lines;
  if (head === undefined || !isRule(rule)) return null;
  const rows = [head, ...body].map(cellsOf);
  const count = Math.max(...rows.map((row) => row.length));
  const aligns = Array.from({ length: count }, (_, i) => alignOf(cellsOf(rule)[i] ?? '-'));
  const natural = Array.from({ length: count }, (_, i) => Math.max(1, ...rows.map((row) => widthOf(row[i] ?? ''))));
  const widths = shrink(natural, Math.max(count, columns - GAP.length * (count - 1)));
  const laidOut = rows.flatMap((row, at) => {
    const cells = widths.map((width, i) => wrap(row[i] ?? '', width, 0));
    const height = Math.max(...cells.map((cell) => cell.length));
    return Array.from({ length: height }, (_, line) => ({
      text: cells
        .map((cell, i) => aligns[i]?.(cell[line] ?? '', widths[i] ?? 0))
        .join(GAP)
        .trimEnd(),
      isHead: at === 0,
    }));
  });
  const heads = laidOut.filter(({ isHead }) => isHead);
  const line = { text: widths.map((width) => '─'.repeat(width)).join('─┼─'), isHead: false };
  return [...heads, line, ...laidOut.slice(heads.length)];
};
