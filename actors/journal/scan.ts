/** The files of the sessions, and what each says about itself at a glance. The files are the truth; an index copies it. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseLine } from './line.ts';
import type { IndexedRow } from './rows.ts';

/** Words of the user that a row keeps. UTF-16 units. */
const PREVIEW_CHARS = 200;

const foldersIn = (folder: string, name: RegExp): string[] => {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && name.test(entry.name))
      .map((entry) => join(folder, entry.name));
  } catch {
    return [];
  }
};
const journalsIn = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.jsonl'))
    .map((name) => join(folder, name));

/** Every journal under this home. Folders are looked at, files are not. */
export const sessionFiles = (home: string): string[] =>
  foldersIn(join(home, 'sessions'), /^\d{4}$/)
    .flatMap((year) => foldersIn(year, /^\d\d$/))
    .flatMap((month) => foldersIn(month, /^\d\d$/))
    .flatMap(journalsIn);

/** `<time>-<id>.jsonl`, where the time has 19 characters. */
export const idOf = (file: string): string => file.slice(file.lastIndexOf('/') + 21, -'.jsonl'.length);

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
const previewOf = (text: unknown): string => {
  const words = typeof text === 'object' && text !== null && '$blob' in text && 'preview' in text ? text.preview : text;
  return textOf(words).replace(/\s+/g, ' ').trim().slice(0, PREVIEW_CHARS).toWellFormed();
};

/** Inside a JSON string each quote is escaped, so these bytes stand for what they say and nothing else. */
const WORDS = ['"event":{"type":"op.say"', '"event":{"type":"op.queue"', '"event":{"type":"op.shell"'];
const TURN = '"fact":{"type":"turn.started"';

const lineAt = (bytes: Buffer, at: number): string => {
  const end = bytes.indexOf(0x0a, at);
  return bytes.toString('utf8', bytes.lastIndexOf(0x0a, at) + 1, end < 0 ? bytes.length : end);
};
const firstWords = (bytes: Buffer): string => {
  const places = WORDS.map((words) => bytes.indexOf(words)).filter((at) => at >= 0);
  if (places.length === 0) return '';
  const line = parseLine(lineAt(bytes, Math.min(...places)));
  if (line.kind !== 'record') return '';
  const event = line.value['event'] as Readonly<Record<string, unknown>>;
  return event['type'] === 'op.shell' ? `!${previewOf(event['command'])}` : previewOf(event['text']);
};
const countOf = (bytes: Buffer, words: string): number => {
  let count = 0;
  for (let at = bytes.indexOf(words); at >= 0; at = bytes.indexOf(words, at + words.length)) count += 1;
  return count;
};

/** Null for what is not a session, or cannot be read. */
export const glance = (file: string): IndexedRow | null => {
  try {
    const { mtimeMs: mtime, size } = statSync(file);
    const bytes = readFileSync(file);
    const head = parseLine(lineAt(bytes, 0));
    if (head.kind !== 'head') return null;
    const { id, cwd, model, t } = head.value;
    return {
      ...{ file, mtime, size, updated: mtime, preview: firstWords(bytes), turns: countOf(bytes, TURN) },
      ...{ id: textOf(id), cwd: textOf(cwd), model: textOf(model), created: typeof t === 'number' ? t : mtime },
    };
  } catch {
    return null;
  }
};

const OPENED = '"kind":"opened","epoch":';

/** The newest epoch that is named in a journal; the process that made it had the first. */
export const lastEpoch = (file: string): number => {
  const bytes = readFileSync(file);
  const at = bytes.lastIndexOf(OPENED);
  return at < 0 ? 1 : Number.parseInt(bytes.toString('latin1', at + OPENED.length, at + OPENED.length + 16), 10) || 1;
};
