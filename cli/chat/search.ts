/** ^R: looks for words in what was typed before. The newest match stands in the editor while one looks. Pure. */
import { withText, type Editor } from '../render/editor.ts';
import type { Key } from '../render/keys.ts';

export interface Search {
  readonly query: string;
  /** Matches that are passed over, newest first. */
  readonly skip: number;
  /** What stood in the editor before. */
  readonly draft: Editor;
}

export interface Searching {
  readonly search: Search | null;
  readonly editor: Editor;
}

const matches = (history: readonly string[], query: string): readonly string[] =>
  [...new Set(history.toReversed())].filter((text) => text.toLowerCase().includes(query.toLowerCase()));

const show = (history: readonly string[], search: Search): Searching => {
  const found = search.query === '' ? [] : matches(history, search.query);
  const at = Math.min(search.skip, Math.max(0, found.length - 1));
  const text = found[at];
  return { search: { ...search, skip: at }, editor: text === undefined ? search.draft : withText(search.draft, text) };
};

export const beginSearch = (editor: Editor): Searching => ({ search: { query: '', skip: 0, draft: editor }, editor });

/** Null: the search is over, with what it found, and the key is for whoever comes next. */
export const pressInSearch = (
  history: readonly string[],
  search: Search,
  editor: Editor,
  key: Key,
): Searching | null => {
  if (key.ctrl && key.name === 'r') return show(history, { ...search, skip: search.skip + 1 });
  if (key.name === 'escape' || (key.ctrl && (key.name === 'c' || key.name === 'g')))
    return { search: null, editor: search.draft };
  if (key.name === 'backspace') return show(history, { ...search, query: search.query.slice(0, -1), skip: 0 });
  if (key.text !== '' && key.name !== 'paste')
    return show(history, { ...search, query: search.query + key.text, skip: 0 });
  if (key.name === 'enter' || key.name === 'tab') return { search: null, editor };
  return null;
};
