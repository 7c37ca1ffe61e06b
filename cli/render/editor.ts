/** The lines that a person writes. Pure: (editor, key) → editor, or null where the key is none of its business. */
import type { Key } from './keys.ts';

export interface Editor {
  readonly text: string;
  readonly cursor: number;
  readonly killed: string;
  readonly undo: readonly { readonly text: string; readonly cursor: number }[];
  /** Long pastes stand in the text as a token; this is what each stands for. */
  readonly pastes: readonly { readonly token: string; readonly text: string }[];
}

export const newEditor: Editor = { text: '', cursor: 0, killed: '', undo: [], pastes: [] };

/** A paste longer than either stands as a token. */
const TOKEN_LINES = 8;
const TOKEN_CHARS = 1_000;
const MAX_UNDO = 200;

const segmenter = new Intl.Segmenter();

const before = ({ text, cursor }: Editor): number => {
  const last = [...segmenter.segment(text.slice(Math.max(0, cursor - 32), cursor))].at(-1);
  return cursor - (last?.segment.length ?? 0);
};
const after = ({ text, cursor }: Editor): number =>
  cursor +
  (segmenter
    .segment(text.slice(cursor, cursor + 32))
    [Symbol.iterator]()
    .next().value?.segment.length ?? 0);

const wordBefore = ({ text, cursor }: Editor): number =>
  cursor - (/[\p{L}\p{N}_]*[^\p{L}\p{N}_]*$/u.exec(text.slice(0, cursor))?.[0].length ?? 0);
const wordAfter = ({ text, cursor }: Editor): number =>
  cursor + (/^[^\p{L}\p{N}_]*[\p{L}\p{N}_]*/u.exec(text.slice(cursor))?.[0].length ?? 0);

const lineStart = ({ text, cursor }: Editor): number => text.lastIndexOf('\n', cursor - 1) + 1;
const lineEnd = ({ text, cursor }: Editor): number => {
  const end = text.indexOf('\n', cursor);
  return end < 0 ? text.length : end;
};

const moved = (editor: Editor, cursor: number): Editor => ({
  ...editor,
  cursor: Math.max(0, Math.min(editor.text.length, cursor)),
});

const changed = (editor: Editor, text: string, cursor: number): Editor =>
  text === editor.text
    ? moved(editor, cursor)
    : {
        ...editor,
        text,
        cursor,
        undo: [...editor.undo.slice(-MAX_UNDO), { text: editor.text, cursor: editor.cursor }],
      };

export const insert = (editor: Editor, added: string): Editor => {
  const { text, cursor } = editor;
  return changed(editor, text.slice(0, cursor) + added + text.slice(cursor), cursor + added.length);
};

const remove = (editor: Editor, from: number, to: number, isKilled = false): Editor => ({
  ...changed(editor, editor.text.slice(0, from) + editor.text.slice(to), from),
  ...(isKilled && from !== to && { killed: editor.text.slice(from, to) }),
});

const paste = (editor: Editor, text: string): Editor => {
  const lines = text.split('\n').length;
  if (lines <= TOKEN_LINES && text.length <= TOKEN_CHARS) return insert(editor, text);
  const token = `[pasted ${editor.pastes.length + 1}: ${lines} lines, ${text.length} characters]`;
  return { ...insert(editor, token), pastes: [...editor.pastes, { token, text }] };
};

/** One line up or down; null at the edge, where history begins. */
const vertical = (editor: Editor, direction: -1 | 1): Editor | null => {
  const start = lineStart(editor);
  const column = editor.cursor - start;
  if (direction < 0) {
    if (start === 0) return null;
    const above = lineStart({ ...editor, cursor: start - 1 });
    return moved(editor, Math.min(above + column, start - 1));
  }
  const end = lineEnd(editor);
  if (end === editor.text.length) return null;
  return moved(editor, Math.min(end + 1 + column, lineEnd({ ...editor, cursor: end + 1 })));
};

const undone = (editor: Editor): Editor => {
  const last = editor.undo.at(-1);
  return last === undefined ? editor : { ...editor, ...last, undo: editor.undo.slice(0, -1) };
};

const withCtrl = (editor: Editor, name: string): Editor | null => {
  switch (name) {
    case 'a':
      return moved(editor, lineStart(editor));
    case 'e':
      return moved(editor, lineEnd(editor));
    case 'b':
      return moved(editor, before(editor));
    case 'f':
      return moved(editor, after(editor));
    case 'h':
      return remove(editor, before(editor), editor.cursor);
    case 'd':
      return editor.text === '' ? null : remove(editor, editor.cursor, after(editor));
    case 'k': {
      const end = lineEnd(editor);
      const isAtEnd = end === editor.cursor; // then the line break itself goes
      return remove(editor, editor.cursor, isAtEnd ? Math.min(end + 1, editor.text.length) : end, true);
    }
    case 'u':
      return remove(editor, lineStart(editor), editor.cursor, true);
    case 'w':
      return remove(editor, wordBefore(editor), editor.cursor, true);
    case 'y':
      return insert(editor, editor.killed);
    case 'j':
      return insert(editor, '\n');
    case '_':
      return undone(editor);
    case 'left':
      return moved(editor, wordBefore(editor));
    case 'right':
      return moved(editor, wordAfter(editor));
    default:
      return null;
  }
};

const withAlt = (editor: Editor, name: string): Editor | null => {
  switch (name) {
    case 'b':
    case 'left':
      return moved(editor, wordBefore(editor));
    case 'f':
    case 'right':
      return moved(editor, wordAfter(editor));
    case 'd':
      return remove(editor, editor.cursor, wordAfter(editor), true);
    case 'backspace':
      return remove(editor, wordBefore(editor), editor.cursor, true);
    case 'enter':
      return insert(editor, '\n');
    default:
      return null;
  }
};

export const press = (editor: Editor, key: Key): Editor | null => {
  if (key.name === 'paste') return paste(editor, key.text);
  if (key.text !== '') return insert(editor, key.text);
  if (key.ctrl) return withCtrl(editor, key.name);
  if (key.alt) return withAlt(editor, key.name);
  switch (key.name) {
    case 'backspace':
      return remove(editor, before(editor), editor.cursor);
    case 'delete':
      return remove(editor, editor.cursor, after(editor));
    case 'left':
      return moved(editor, before(editor));
    case 'right':
      return moved(editor, after(editor));
    case 'home':
      return moved(editor, lineStart(editor));
    case 'end':
      return moved(editor, lineEnd(editor));
    case 'up':
      return vertical(editor, -1);
    case 'down':
      return vertical(editor, 1);
    case 'enter':
      return key.shift ? insert(editor, '\n') : null;
    default:
      return null;
  }
};

/** The text with every paste in full. */
export const wholeText = ({ text, pastes }: Editor): string =>
  pastes.reduce((whole, paste) => whole.replace(paste.token, () => paste.text), text);

export const withText = (editor: Editor, text: string): Editor => ({
  ...changed(editor, text, text.length),
  pastes: [],
});
