/**
 * Each machine's file begins with a drawing of its states and what each is for. This reads the drawing, so that the words
 * stand in one place and every picture shows them. Pure.
 *
 *   machine
 *   ├─ one                  what it is for
 *   │  └─ nested            likewise
 *   └─ two ■
 */
import type { Descriptions } from './outline.ts';

const BRANCH = /^((?:[│ ] {2})*)[├└]─ (\S+)(?: ■)?\s*(.*)$/;

const headerOf = (source: string): readonly string[] => {
  const header = /^\/\*\*(.*?)\*\//s.exec(source)?.[1] ?? '';
  return header.split('\n').map((line) => line.replace(/^ \* ?/, '').replace(/^ {2}/, ''));
};

export const descriptionsIn = (source: string): Descriptions => {
  const lines = headerOf(source);
  const about = lines.slice(1, lines.indexOf('', 1)).join(' ').trim();
  const path: string[] = [];
  const entries = lines.flatMap((line) => {
    const [, indent, key, words] = BRANCH.exec(line) ?? [];
    if (indent === undefined || key === undefined) return [];
    path.splice(indent.length / 3, path.length, key);
    return [[path.join('.'), words ?? ''] as const];
  });
  return Object.fromEntries([['', about], ...entries]);
};
