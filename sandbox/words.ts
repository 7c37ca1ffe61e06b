/**
 * Reads the plain part of the shell language: words, quotes without expansion, and `&&`, `||`, `|`, `;`, newline.
 *
 * Promise: what it returns is, word for word, what a shell would start. Everything it is not sure of is null, and null
 * means "ask". So it is short on purpose: no variables, no globs, no escapes, no redirections, no comments.
 */

/** One simple command of a script, its words after quote removal. */
export type Segment = readonly [string, ...string[]];

/** Characters that mean themselves, bare, in every shell. */
const BARE = /[A-Za-z0-9_@%+=:,./^-]+/y;
const BLANK = /[ \t]+/y;
const OPERATOR = /&&|\|\||\||;|\n/y;
const SINGLE_QUOTED = /'([^']*)'/y;
/** Between double quotes four characters still act: `$`, backtick, `\` and, in some shells, `!`. */
const DOUBLE_QUOTED = /"([^"$`\\!]*)"/y;

const KEYWORDS: ReadonlySet<string> = new Set(
  'if then else elif fi for in do done while until case esac select function time coproc repeat foreach end nocorrect noglob'.split(
    ' ',
  ),
);

type Token = { readonly word: string; readonly isBare: boolean } | { readonly operator: string };

const matchAt = (pattern: RegExp, text: string, at: number): RegExpExecArray | null => {
  pattern.lastIndex = at;
  return pattern.exec(text);
};

/** A word is a run of bare and quoted pieces without a blank between them. */
const readWord = (text: string, start: number): { readonly word: string; readonly end: number } | null => {
  const pieces: string[] = [];
  let at = start;
  for (;;) {
    const piece =
      matchAt(BARE, text, at) ?? matchAt(SINGLE_QUOTED, text, at) ?? matchAt(DOUBLE_QUOTED, text, at) ?? null;
    if (piece === null) break;
    pieces.push(piece[1] ?? piece[0]);
    at += piece[0].length;
  }
  return at === start ? null : { word: pieces.join(''), end: at };
};

const tokenize = (text: string): readonly Token[] | null => {
  const tokens: Token[] = [];
  for (let at = 0; at < text.length;) {
    const skip = matchAt(BLANK, text, at) ?? matchAt(OPERATOR, text, at);
    if (skip) {
      if (skip[0].trim() !== '' || skip[0] === '\n') tokens.push({ operator: skip[0] });
      at += skip[0].length;
      continue;
    }
    const read = readWord(text, at);
    if (!read) return null;
    tokens.push({ word: read.word, isBare: read.word === text.slice(at, read.end) });
    at = read.end;
  }
  return tokens;
};

/** `=ls` is a path in zsh; `A=b` before a program is an assignment; a bare keyword begins a construct. */
const isPlainWord = ({ word, isBare }: { word: string; isBare: boolean }, isFirst: boolean): boolean => {
  if (word.includes('\0')) return false;
  if (word.startsWith('=')) return false;
  if (!isFirst) return true;
  return word !== '' && !word.includes('=') && !(isBare && KEYWORDS.has(word));
};

/** The simple commands of a script, in order; null where it is not plain, or not a script at all. */
export const parseScript = (script: string): readonly Segment[] | null => {
  const tokens = tokenize(script);
  if (!tokens) return null;
  const segments: [string, ...string[]][] = [];
  /** The segment that is being read; null between segments. */
  let open: [string, ...string[]] | null = null;
  /** What came before: a command must follow `&&`, `||` and `|`; nothing may stand between two `;`. */
  let owes = false;
  let canSeparate = false;
  for (const token of tokens) {
    if ('word' in token) {
      if (!isPlainWord(token, open === null)) return null;
      if (open) open.push(token.word);
      else segments.push((open = [token.word]));
      owes = false;
      canSeparate = true;
    } else if (token.operator === '\n') {
      open = null;
      if (!owes) canSeparate = false;
    } else {
      if (!canSeparate) return null;
      open = null;
      owes = token.operator !== ';';
      canSeparate = false;
    }
  }
  return owes || segments.length === 0 ? null : segments;
};
