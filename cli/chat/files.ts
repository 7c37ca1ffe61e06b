/** Completes `@path` before the cursor, from what git knows or, without git, from the folder itself. */
import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { insert, type Editor } from '../render/editor.ts';

/** A list that takes longer is not worth waiting for. Milliseconds. */
const LIST_TIMEOUT_MS = 2_000;
const LIST_BYTES = 32 * 1024 * 1024;
const SHOWN = 12;

const gitFiles = (cwd: string): Promise<readonly string[] | null> =>
  new Promise((resolve) => {
    execFile(
      'git',
      ['-c', 'core.fsmonitor=false', 'ls-files', '-co', '--exclude-standard', '-z'],
      { cwd, timeout: LIST_TIMEOUT_MS, maxBuffer: LIST_BYTES },
      (error, stdout) => resolve(error === null ? stdout.split('\0').filter((name) => name !== '') : null),
    );
  });

/** Letters in order, wherever they stand; a match at the beginning or in the name counts for more. */
export const scoreOf = (path: string, wanted: string): number => {
  const [text, word] = [path.toLowerCase(), wanted.toLowerCase()];
  if (text.startsWith(word)) return 4;
  if (text.slice(text.lastIndexOf('/') + 1).startsWith(word)) return 3;
  if (text.includes(word)) return 2;
  let at = -1;
  for (const letter of word) {
    at = text.indexOf(letter, at + 1);
    if (at < 0) return 0;
  }
  return 1;
};

export interface Completed {
  readonly editor: Editor;
  readonly others: readonly string[];
}

export const completeFile = async (cwd: string, editor: Editor): Promise<Completed | null> => {
  const word = /(?:^|\s)@(\S*)$/.exec(editor.text.slice(0, editor.cursor))?.[1];
  if (word === undefined) return null;
  const files = (await gitFiles(cwd)) ?? (await readdir(cwd, { recursive: true }).catch(() => []));
  const found = files
    .map((path) => ({ path, score: scoreOf(path, word) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || a.path.length - b.path.length)
    .map(({ path }) => path);
  const [best, ...others] = found;
  if (best === undefined) return null;
  const from = editor.cursor - word.length;
  const cut: Editor = { ...editor, text: editor.text.slice(0, from) + editor.text.slice(editor.cursor), cursor: from };
  return { editor: insert(cut, best), others: others.slice(0, SHOWN) };
};
