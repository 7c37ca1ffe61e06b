/**
 * Patch text → hunks. Pure. A text that does not parse is a value that names the line and what was expected there.
 * Forgiving where a model's intent is plain (white space around markers, a heredoc around the whole), strict elsewhere.
 */
import {
  ADD,
  BEGIN,
  type Chunk,
  DELETE,
  END,
  END_OF_FILE,
  type Hunk,
  hunkProblem,
  MOVE,
  type PatchLine,
  patchProblem,
  type Problem,
  UPDATE,
} from './patch.ts';

/** Larger than any patch a model writes. Characters. */
export const MAX_PATCH_CHARS = 64 * 1024 * 1024;

export type Parsed = { readonly kind: 'hunks'; readonly hunks: readonly Hunk[] } | Problem;

/** What was read, and the index of the first line that was not. */
type Step<T> = { readonly kind: 'step'; readonly value: T; readonly next: number } | Problem;

const FRAME = `A patch begins with the line '${BEGIN}' and ends with the line '${END}'.`;
const HEREDOC = /^<<\s*(['"]?)(\w+)\1$/;
const UNIFIED = /^-\d+(,\d+)? \+\d+(,\d+)? @@/;
const SIGNS: ReadonlySet<string> = new Set([' ', '+', '-']);

const isFramed = (lines: readonly string[]) => lines[0]?.trim() === BEGIN && lines.at(-1)?.trim() === END;

/** The patch inside `<<'EOF' … EOF`, where the whole text is that. */
const unwrap = (lines: readonly string[]): readonly string[] => {
  const word = HEREDOC.exec(lines[0]?.trim() ?? '')?.[2];
  if (isFramed(lines) || word === undefined || lines.length < 4 || !lines.at(-1)!.endsWith(word)) return lines;
  return lines.slice(1, -1);
};

export const parsePatch = (text: string): Parsed => {
  if (text.length > MAX_PATCH_CHARS)
    return patchProblem(`The patch is longer than ${MAX_PATCH_CHARS} characters`, 'Split it into smaller patches.');
  const lines = unwrap(text.trim().split(/\r?\n/));
  if (lines[0]?.trim() !== BEGIN) return patchProblem(`The first line of the patch must be '${BEGIN}'`, FRAME);
  if (lines.length < 2 || lines.at(-1)!.trim() !== END)
    return patchProblem(`The last line of the patch must be '${END}'`, FRAME);

  const body = lines.slice(0, -1);
  const hunks: Hunk[] = [];
  for (let at = 1; at < body.length;) {
    const step = parseHunk(body, at);
    if (step.kind === 'problem') return step;
    hunks.push(step.value);
    at = step.next;
  }
  return { kind: 'hunks', hunks };
};

const parseHunk = (lines: readonly string[], at: number): Step<Hunk> => {
  const header = lines[at]!.trim();
  if (header.startsWith(ADD)) return parseAdd(lines, at, header.slice(ADD.length).trim());
  if (header.startsWith(DELETE))
    return { kind: 'step', value: { kind: 'delete', path: header.slice(DELETE.length).trim() }, next: at + 1 };
  if (header.startsWith(UPDATE)) return parseUpdate(lines, at, header.slice(UPDATE.length).trim());
  return hunkProblem(
    at + 1,
    `'${header}' is not a valid hunk header. Valid hunk headers: '${ADD}{path}', '${DELETE}{path}', '${UPDATE}{path}'`,
    "In a new file every line starts with '+', also an empty one.",
  );
};

const parseAdd = (lines: readonly string[], at: number, path: string): Step<Hunk> => {
  let next = at + 1;
  while (lines[next]?.startsWith('+')) next++;
  const text = lines
    .slice(at + 1, next)
    .map((line) => `${line.slice(1)}\n`)
    .join('');
  return { kind: 'step', value: { kind: 'add', path, text }, next };
};

const parseUpdate = (lines: readonly string[], at: number, path: string): Step<Hunk> => {
  const second = lines[at + 1]?.trim() ?? '';
  const moveTo = second.startsWith(MOVE) ? second.slice(MOVE.length).trim() : null;
  const chunks: Chunk[] = [];
  let next = at + (moveTo === null ? 1 : 2);
  while (next < lines.length && !lines[next]!.startsWith('***')) {
    if (lines[next]!.trim() === '') {
      next++;
      continue;
    }
    if (isHeader(lines[next]!) && chunks.length > 0) break;
    const step = parseChunk(lines, next, chunks.length === 0);
    if (step.kind === 'problem') return step;
    chunks.push(step.value);
    next = step.next;
  }
  if (chunks.length === 0)
    return hunkProblem(
      at + 1,
      `Update file hunk for path '${path}' is empty`,
      'Give at least one chunk; to rename a file only, give one chunk of a context line.',
    );
  return { kind: 'step', value: { kind: 'update', path, moveTo, chunks }, next };
};

/** A header with white space before it; inside a chunk it is a context line, between hunks it is a header. */
const isHeader = (line: string) => [ADD, DELETE, UPDATE].some((header) => line.trim().startsWith(header));

const contextOf = (line: string | undefined): string | null => {
  if (line === undefined) return null;
  if (line.trimEnd() === '@@') return '';
  return line.startsWith('@@ ') ? line.slice(3) : null;
};

const parseChunk = (lines: readonly string[], at: number, isFirst: boolean): Step<Chunk> => {
  const contexts: string[] = [];
  let next = at;
  for (let context = contextOf(lines[next]); context !== null; context = contextOf(lines[++next]))
    if (context !== '') contexts.push(context);
  if (next === at && !isFirst)
    return hunkProblem(
      at + 1,
      `Expected update hunk to start with a @@ context marker, got: '${lines[at]}'`,
      "Each chunk but the first starts with '@@' or '@@ CONTEXT'; every other line with ' ', '+' or '-'.",
    );
  if (contexts.some((context) => UNIFIED.test(context)))
    return hunkProblem(
      at + 1,
      `Line numbers are not used: '${lines[at]}'`,
      "Write '@@' alone, or '@@ ' and a line of the file that stands before the place.",
    );
  return parseLines(lines, next, contexts);
};

const parseLines = (lines: readonly string[], from: number, contexts: readonly string[]): Step<Chunk> => {
  const found: PatchLine[] = [];
  let next = from;
  let isEndOfFile = false;
  for (; next < lines.length && !isEndOfFile; next++) {
    const line = lines[next]!;
    const sign = line[0] ?? ' ';
    if (found.length > 0 && line.trimEnd() === END_OF_FILE) isEndOfFile = true;
    else if (SIGNS.has(sign)) found.push({ sign: sign as PatchLine['sign'], text: line.slice(1) });
    else break;
  }
  if (found.length > 0) return { kind: 'step', value: { contexts, lines: found, isEndOfFile }, next };
  const got = lines[next];
  if (got === undefined || got.startsWith('***'))
    return hunkProblem(next, 'Update hunk does not contain any lines', "Add lines after '@@'.");
  return hunkProblem(
    next + 1,
    `Unexpected line found in update hunk: '${got}'. Every line should start with ' ' (context line), '+' (added line), or '-' (removed line)`,
    'Put a space before each line that stays as it is.',
  );
};
