/** A line of the user's → what is meant. Pure: the same for every front end. */
import type { Decision } from '../../machines/protocol/index.ts';
import { nearest } from '../nearest.ts';
import { SLASH, type SlashName } from './slash.ts';

export type Meant =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'words'; readonly text: string }
  | { readonly kind: 'shell'; readonly command: string; readonly isHidden: boolean }
  | { readonly kind: 'slash'; readonly name: SlashName; readonly rest: string }
  | { readonly kind: 'unknown'; readonly message: string };

const ALIASES: Readonly<Record<string, SlashName>> = {
  exit: 'quit',
  q: 'quit',
  '?': 'help',
  perms: 'permissions',
};

const isSlash = (word: string): word is SlashName => Object.hasOwn(SLASH, word);

export const readLine = (line: string): Meant => {
  const text = line.trim();
  if (text === '') return { kind: 'nothing' };
  if (text.startsWith('!')) {
    const isHidden = text.startsWith('!!');
    const command = text.slice(isHidden ? 2 : 1).trim();
    return command === '' ? { kind: 'nothing' } : { kind: 'shell', command, isHidden };
  }
  const slash = /^\/([a-z?]+)(?:\s+([\s\S]*))?$/i.exec(text);
  if (slash === null) return { kind: 'words', text };
  const word = (slash[1] ?? '').toLowerCase();
  const name = Object.hasOwn(ALIASES, word) ? ALIASES[word] : word;
  if (name !== undefined && isSlash(name)) return { kind: 'slash', name, rest: slash[2] ?? '' };
  const close = nearest(word, Object.keys(SLASH));
  return {
    kind: 'unknown',
    message: `there is no /${word}${close === null ? '' : `; did you mean /${close}?`} (/help lists all)`,
  };
};

/** The answer to a question, as a line: one letter, or the words that the model shall read as the reason of a no. */
export const readAnswer = (line: string, hasOffers: boolean, canKeep = false): Decision | null => {
  const text = line.trim();
  switch (text.toLowerCase()) {
    case '':
      return null;
    case 'y':
    case 'yes':
    case '1':
      return { kind: 'approve' };
    case 's':
    case '2':
      return hasOffers ? { kind: 'approveForSession' } : { kind: 'approve' };
    case 'p':
      return canKeep ? { kind: 'approveAndKeep' } : { kind: 'deny', reason: text };
    case 'n':
    case 'no':
    case '3':
      return { kind: 'deny' };
    case 'a':
    case 'abort':
    case '4':
      return { kind: 'abort' };
    default:
      return { kind: 'deny', reason: text };
  }
};
