/**
 * The chunks of one file → its new text. Pure, all or nothing: the first chunk that finds no place is the answer.
 *
 * Lines that are only context keep the bytes of the file, also where they matched loosely. A new line ends like the line
 * it replaces, else like the one before it. The last line: untouched it stays as it was, touched it gets an end.
 */
import { nearest, seek } from './match.ts';
import { type Chunk, fileProblem, type PatchLine, type Problem } from './patch.ts';
import { joinText, splitText, type Text, usualEnd } from './text.ts';

interface Edit {
  readonly start: number;
  readonly lines: readonly PatchLine[];
}

export type Edited = { readonly kind: 'edited'; readonly text: string } | Problem;

const isOld = ({ sign }: PatchLine) => sign !== '+';
const oldOf = (lines: readonly PatchLine[]) => lines.filter(isOld).map(({ text }) => text);

/** Models often end a chunk with an empty line that the file does not have. */
const withoutEmptyEnd = (lines: readonly PatchLine[]): readonly PatchLine[] | null => {
  const last = lines.findLastIndex(isOld);
  if (last < 0 || lines[last]!.text !== '' || oldOf(lines).length < 2) return null;
  const rest = lines.toSpliced(last, 1);
  const isReplaced = lines[last]!.sign === '-' && rest.at(-1)?.sign === '+' && rest.at(-1)!.text === '';
  return isReplaced ? rest.slice(0, -1) : rest;
};

const notFound = (path: string, text: Text, wanted: readonly string[], from: number): Problem => {
  const near = nearest(text.lines, wanted);
  const where =
    near === null
      ? 'No passage of the file is like it.'
      : near.same === wanted.length
        ? `They stand at line ${near.line}, but the chunks before it reach beyond (to line ${from}): give chunks in the order of the file.`
        : `The closest passage begins at line ${near.line}: ${near.same} of ${wanted.length} lines match, line ${near.differs} differs.`;
  return fileProblem(
    `Failed to find expected lines in ${path}:\n${wanted.join('\n')}`,
    `${where} Nothing was changed. Read the file again and copy the lines as they are.`,
  );
};

/** Places one chunk; `cursor` is the line after the chunk before it. */
const place = (
  path: string,
  text: Text,
  chunk: Chunk,
  from: number,
): { readonly kind: 'placed'; readonly edit: Edit; readonly cursor: number } | Problem => {
  let cursor = from;
  for (const context of chunk.contexts) {
    const at = seek(text.lines, [context], cursor, false);
    if (at === null)
      return fileProblem(
        `Failed to find context '${context}' in ${path}`,
        `Looked from line ${cursor + 1}. Nothing was changed. After '@@ ' comes one whole line of the file.`,
      );
    cursor = at + 1;
  }
  const wanted = oldOf(chunk.lines);
  if (wanted.length === 0) {
    const end = text.lines.at(-1) === '' ? text.lines.length - 1 : text.lines.length;
    // A pure addition stands where its context says; only without one it goes to the end of the file.
    const start = chunk.contexts.length > 0 && !chunk.isEndOfFile ? cursor : end;
    return { kind: 'placed', edit: { start, lines: chunk.lines }, cursor };
  }
  const start = seek(text.lines, wanted, cursor, chunk.isEndOfFile);
  if (start !== null) return { kind: 'placed', edit: { start, lines: chunk.lines }, cursor: start + wanted.length };
  const shorter = withoutEmptyEnd(chunk.lines);
  const again = shorter && seek(text.lines, oldOf(shorter), cursor, chunk.isEndOfFile);
  if (shorter && again !== null)
    return { kind: 'placed', edit: { start: again, lines: shorter }, cursor: again + wanted.length - 1 };
  return notFound(path, text, wanted, cursor);
};

/** Copies the file and lays the edits in on the way. Insertions inside a place that another edit took follow it. */
const rebuild = (text: Text, edits: readonly Edit[]): Text => {
  const usual = usualEnd(text);
  const lines: string[] = [];
  const ends: string[] = [];
  let at = 0;
  const push = (line: string, end: string) => {
    if (ends.at(-1) === '') ends[ends.length - 1] = usual;
    lines.push(line);
    ends.push(end);
  };
  const copyTo = (index: number) => {
    for (; at < index; at++) push(text.lines[at]!, text.ends[at]!);
  };
  for (const edit of edits) {
    copyTo(edit.start);
    let removed: string[] = [];
    for (const { sign, text: line } of edit.lines) {
      if (sign === '-') removed.push(text.ends[at++]!);
      else if (sign === '+') push(line, removed.shift() || ends.at(-1) || usual);
      else {
        removed = [];
        copyTo(at + 1);
      }
    }
  }
  copyTo(text.lines.length);
  return { bom: text.bom, lines, ends };
};

export const editText = (path: string, source: string, chunks: readonly Chunk[]): Edited => {
  const text = splitText(source);
  const edits: Edit[] = [];
  let cursor = 0;
  for (const chunk of chunks) {
    const placed = place(path, text, chunk, cursor);
    if (placed.kind === 'problem') return placed;
    edits.push(placed.edit);
    cursor = placed.cursor;
  }
  edits.sort((a, b) => a.start - b.start); // stable: two additions at one place keep their order
  return { kind: 'edited', text: joinText(rebuild(text, edits)) };
};
