/** One line of Markdown with its emphasis. Line by line on purpose: a finished line never has to be drawn again. Pure. */
import type { Paint } from '../render/paint.ts';
import { styleCode } from './code.ts';
import { layOutTable } from './table.ts';

const inline = (text: string, paint: Paint): string =>
  text
    .split(/(`[^`]+`)/)
    .map((part) =>
      part.startsWith('`') && part.length > 2
        ? paint.cyan(part.slice(1, -1))
        : part.replace(/\*\*([^*]+)\*\*/g, (_, bold: string) => paint.bold(bold)),
    )
    .join('');

/** `code`: the language of the code that the line is of; null: it is no code. */
export const styleLine = (line: string, code: string | null, paint: Paint): string => {
  if (code !== null) return /^\s*(```|~~~)/.test(line) ? paint.dim(line) : styleCode(line, code, paint);
  const heading = /^#{1,6}\s+(.*)$/.exec(line);
  if (heading !== null) return paint.bold(heading[1] ?? '');
  const bullet = /^(\s*)[-*+]\s+(.*)$/.exec(line);
  if (bullet !== null) return `${bullet[1] ?? ''}- ${inline(bullet[2] ?? '', paint)}`;
  if (/^>\s?/.test(line)) return paint.dim(line.replace(/^>\s?/, '│ '));
  return inline(line, paint);
};

export const styleTable = (lines: readonly string[], columns: number, paint: Paint): readonly string[] =>
  layOutTable(lines, columns)?.map(({ text, isHead }) => (isHead ? paint.bold(text) : inline(text, paint))) ??
  lines.map((line) => inline(line, paint));
