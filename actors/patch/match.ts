/**
 * Where the old lines of a chunk stand in a file. Pure. Four passes, each over all that remains, strictest first: a sloppy
 * hit near the cursor never beats an exact one further down.
 */

const DASHES = /[\u2010-\u2015\u2212]/g;
const SINGLE_QUOTES = /[\u2018-\u201B]/g;
const DOUBLE_QUOTES = /[\u201C-\u201F]/g;
const SPACES = /[\u00A0\u2002-\u200A\u202F\u205F\u3000]/g;

const plain = (line: string): string =>
  line.trim().replace(DASHES, '-').replace(SINGLE_QUOTES, "'").replace(DOUBLE_QUOTES, '"').replace(SPACES, ' ');

const PASSES: readonly ((line: string) => string)[] = [
  (line) => line,
  (line) => line.trimEnd(),
  (line) => line.trim(),
  plain,
];

/** Index of the first line of `pattern` in `lines`, not before `from`; null: it is nowhere. */
export const seek = (
  lines: readonly string[],
  pattern: readonly string[],
  from: number,
  isEndOfFile: boolean,
): number | null => {
  const last = lines.length - pattern.length;
  const first = isEndOfFile ? Math.max(from, last) : from;
  for (const pass of PASSES) {
    const wanted = pattern.map(pass);
    for (let at = first; at <= last; at++) {
      let same = 0;
      while (same < wanted.length && pass(lines[at + same]!) === wanted[same]) same++;
      if (same === wanted.length) return at;
    }
  }
  return null;
};

/** Comparisons that a hint is worth. */
const HINT_BUDGET = 4_000_000;

/**
 * The passage most like the pattern, for the error text. Line numbers only: the reader may be a model that is not allowed
 * to read this file, so no text of the file is ever part of an error.
 */
export const nearest = (
  lines: readonly string[],
  pattern: readonly string[],
): { readonly line: number; readonly same: number; readonly differs: number } | null => {
  if (lines.length * pattern.length > HINT_BUDGET) return null;
  const have = lines.map(plain);
  const wanted = pattern.map(plain);
  let best = { at: -1, same: 0 };
  for (let at = 0; at < have.length; at++) {
    let same = 0;
    for (let k = 0; k < wanted.length; k++) if (wanted[k] !== '' && have[at + k] === wanted[k]) same++;
    if (same > best.same) best = { at, same };
  }
  if (best.at < 0) return null;
  const differs = wanted.findIndex((line, k) => have[best.at + k] !== line);
  return { line: best.at + 1, same: best.same, differs: best.at + 1 + Math.max(differs, 0) };
};
