/** A file of messages of Stately's inspector: a JSON array of them, or one a line. */
import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { fromStately, isStatelyMessage } from '../inspector/stately-in.ts';
import type { Story } from '../inspector/story.ts';
import { sessionNamed } from './saved.ts';

/** Enough of a file to see what it is. */
const PEEK_BYTES = 64 * 1024;

const peek = (file: string): string => {
  const handle = openSync(file, 'r');
  try {
    const bytes = Buffer.alloc(PEEK_BYTES);
    return bytes.toString('utf8', 0, readSync(handle, bytes, 0, PEEK_BYTES, 0)).trimStart();
  } finally {
    closeSync(handle);
  }
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null; // a torn line, or something that is no message
  }
};

const messagesIn = (text: string): readonly unknown[] => {
  const whole = text.trimStart().startsWith('[') ? parsed(text) : null;
  return Array.isArray(whole) ? whole : text.split('\n').map(parsed);
};

/** Null: it is something else, most likely a journal. */
export const importedStory = (file: string): Story | null => {
  const beginning = peek(file);
  const first = beginning.startsWith('[') ? beginning : (beginning.split('\n', 1)[0] ?? '');
  if (!first.includes('"@xstate.')) return null;
  const messages = messagesIn(readFileSync(file, 'utf8'));
  return messages.some(isStatelyMessage) ? fromStately(file, messages) : null;
};

/** A session by its id or its file, or a file with the messages of an app. */
export const inspectable = (home: string, cwd: string, word: string): string => {
  const file = resolve(cwd, word);
  const isDump = word.endsWith('.json') && statSync(file, { throwIfNoEntry: false })?.isFile() === true;
  return isDump ? file : sessionNamed(home, cwd, word);
};
