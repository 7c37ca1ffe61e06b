/**
 * One line of code with colours: comments, strings, numbers, words of the language. Pure, and on purpose without memory of
 * the line before: a line is final when it is printed. What spans lines is coloured where it begins and ends, no more.
 */
import type { Paint } from '../render/paint.ts';

const words = (text: string): ReadonlySet<string> => new Set(text.split(' '));

const C_LIKE = words(
  'as async await break case catch class const continue default defer delete do else enum export extends extern false final finally fn for from func function get go if impl import in instanceof interface let loop match mod mut namespace new nil null of override package private protected pub public readonly return select self set static struct super switch this throw true try type typeof undefined union unsafe use var void where while yield',
);
const SCRIPT = words(
  'and as assert async await begin break case class continue def del do done elif else elsif end ensure esac except exec export False fi finally for from function global if import in is lambda let local module nil None nonlocal not or pass raise readonly rescue return self set source then True try unless until while with yield',
);
const QUERY = words(
  'add all alter and as asc begin by case check column commit create default delete desc distinct drop else end exists from group having in index inner insert into is join key left like limit not null on or order outer primary references right rollback select set table then transaction union unique update values view when where with',
);

interface Language {
  readonly words: ReadonlySet<string>;
  readonly comment: string;
  readonly isCaseFree?: boolean;
}
const SLASHES = '\\/\\/.*|\\/\\*.*?(?:\\*\\/|$)';
const HASH = '(?<=^|\\s)#.*';
const cLike: Language = { words: C_LIKE, comment: SLASHES };
const script: Language = { words: SCRIPT, comment: HASH };
const query: Language = { words: QUERY, comment: '--.*', isCaseFree: true };
const data: Language = { words: words('true false null yes no on off'), comment: `${HASH}|${SLASHES}` };

const LANGUAGES: Readonly<Record<string, Language>> = {
  ...Object.fromEntries(
    'c c++ cc cpp cs csharp css cts dart go h hpp java javascript js jsx kotlin kt less mjs mts php rs rust scala scss swift ts tsx typescript zig'
      .split(' ')
      .map((name) => [name, cLike]),
  ),
  ...Object.fromEntries(
    'awk bash console dockerfile elixir ex fish make makefile perl pl ps1 py python r rb ruby sh shell zsh lua'
      .split(' ')
      .map((name) => [name, script]),
  ),
  ...Object.fromEntries('mysql postgres postgresql sql sqlite'.split(' ').map((name) => [name, query])),
  ...Object.fromEntries('ini json json5 jsonc toml yaml yml'.split(' ').map((name) => [name, data])),
};

const STRING = '"(?:\\\\.|[^"\\\\])*"?|\'(?:\\\\.|[^\'\\\\])*\'|`(?:\\\\.|[^`\\\\])*`?';
const NUMBER = '\\b\\d[\\w.]*';
const WORD = '[A-Za-z_$][\\w$]*';

const tokenOf = ({ comment }: Language): RegExp =>
  new RegExp(`(?<comment>${comment})|(?<string>${STRING})|(?<number>${NUMBER})|(?<word>${WORD})`, 'g');
const TOKENS: ReadonlyMap<Language, RegExp> = new Map(
  [cLike, script, query, data].map((language) => [language, tokenOf(language)]),
);

/** `language` is the word behind the fence; one that is unknown gets one colour. */
export const styleCode = (line: string, language: string, paint: Paint): string => {
  const known = LANGUAGES[language.toLowerCase()];
  const token = known === undefined ? undefined : TOKENS.get(known);
  if (known === undefined || token === undefined) {
    if (!/^(diff|patch)$/i.test(language)) return paint.cyan(line);
    return line.startsWith('+') ? paint.green(line) : line.startsWith('-') ? paint.red(line) : paint.dim(line);
  }
  return line.replace(token, (text: string, ...rest: unknown[]) => {
    const kind = rest.at(-1) as Readonly<Record<'comment' | 'string' | 'number' | 'word', string | undefined>>;
    if (kind.comment !== undefined) return paint.dim(text);
    if (kind.string !== undefined) return paint.green(text);
    if (kind.number !== undefined) return paint.yellow(text);
    return known.words.has(known.isCaseFree === true ? text.toLowerCase() : text) ? paint.cyan(text) : text;
  });
};
