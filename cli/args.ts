/**
 * argv → what is wanted. Pure. Flags may stand anywhere, before and after the sub-command; what follows `--` is never a flag.
 * An unknown flag, a bad value and a flag that the command does not know are answered with one line that names them.
 */
import { CHAT, commandNamed, type CommandSpec } from './commands.ts';
import { FLAG_NAMES, FLAGS, type FlagName, type Flags, type FlagSpec } from './flags.ts';
import type { Invocation } from './mode.ts';
import { nearest } from './nearest.ts';

export type Parsed =
  | { readonly kind: 'run'; readonly invocation: Invocation }
  | { readonly kind: 'help'; readonly command: CommandSpec | null }
  | { readonly kind: 'version' }
  | { readonly kind: 'bad'; readonly message: string };

const specOf = (name: FlagName): FlagSpec => FLAGS[name];
const spellings = (name: FlagName): readonly string[] => [specOf(name).name, ...(specOf(name).aliases ?? [])];

const byLong = (word: string): FlagName | undefined => FLAG_NAMES.find((name) => spellings(name).includes(word));
const byShort = (letter: string): FlagName | undefined => FLAG_NAMES.find((name) => specOf(name).short === letter);

type Token =
  | { readonly kind: 'operand'; readonly text: string; readonly isLiteral: boolean }
  | { readonly kind: 'flag'; readonly name: FlagName; readonly shown: string; readonly value: string | true }
  | { readonly kind: 'bad'; readonly message: string };

/** `-xyz`: letters without a value may be joined; the rest of the word after a letter with one is its value. */
const short = (word: string, next: () => string | undefined): Token[] => {
  const tokens: Token[] = [];
  for (let at = 1; at < word.length; at += 1) {
    const shown = `-${word.charAt(at)}`;
    const name = byShort(word.charAt(at));
    if (name === undefined) return [...tokens, { kind: 'bad', message: `unknown flag: ${shown}` }];
    if (specOf(name).value === undefined) {
      tokens.push({ kind: 'flag', name, shown, value: true });
      continue;
    }
    const rest = word.slice(at + 1).replace(/^=/, '');
    const value = rest === '' ? next() : rest;
    return [...tokens, value === undefined ? needsValue(name, shown) : { kind: 'flag', name, shown, value }];
  }
  return tokens;
};

const needsValue = (name: FlagName, shown: string): Token => ({
  kind: 'bad',
  message: `${shown} needs a value: ${shown} ${specOf(name).value ?? ''}`,
});

const long = (word: string, next: () => string | undefined): Token => {
  const equals = word.indexOf('=');
  const shown = equals < 0 ? word : word.slice(0, equals);
  const given = equals < 0 ? undefined : word.slice(equals + 1);
  const name = byLong(shown.slice(2));
  if (name === undefined) {
    const close = nearest(shown.slice(2), FLAG_NAMES.flatMap(spellings));
    return { kind: 'bad', message: `unknown flag: ${shown}${close === null ? '' : ` (did you mean --${close}?)`}` };
  }
  if (specOf(name).value === undefined)
    return given === undefined
      ? { kind: 'flag', name, shown, value: true }
      : { kind: 'bad', message: `${shown} takes no value, but got ${JSON.stringify(given)}` };
  const value = given ?? next();
  return value === undefined ? needsValue(name, shown) : { kind: 'flag', name, shown, value };
};

const tokenize = (argv: readonly string[]): Token[] => {
  const tokens: Token[] = [];
  const words = [...argv];
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word === '--') return [...tokens, ...words.map((text): Token => ({ kind: 'operand', text, isLiteral: true }))];
    // A value may begin with a dash only as `--flag=-value`: else a forgotten value would eat the next flag.
    const next = () => (words[0] !== undefined && /^-./.test(words[0]) ? undefined : words.shift());
    if (word.startsWith('--')) tokens.push(long(word, next));
    else if (word.startsWith('-') && word !== '-') tokens.push(...short(word, next));
    else tokens.push({ kind: 'operand', text: word, isLiteral: false });
  }
  return tokens;
};

const fits = (name: FlagName, shown: string, value: string | true): string | null => {
  const { choices } = specOf(name);
  if (choices === undefined || value === true || choices.includes(value)) return null;
  return `${shown}: ${JSON.stringify(value)} is not one of ${choices.join(', ')}`;
};

const collect = (tokens: readonly Token[]): Flags => {
  const flags: Record<string, unknown> = {};
  for (const token of tokens) {
    if (token.kind !== 'flag') continue;
    const before = flags[token.name];
    flags[token.name] =
      specOf(token.name).isRepeatable === true ? [...(Array.isArray(before) ? before : []), token.value] : token.value; // the last one wins, as everywhere
  }
  return flags as Flags; // each value was made by its own row of the table
};

export const parseArgs = (argv: readonly string[]): Parsed => {
  const tokens = tokenize(argv);
  const bad = (message: string): Parsed => ({ kind: 'bad', message });
  const operands = tokens.filter((token) => token.kind === 'operand');
  const [first, ...rest] = operands;
  const named = first === undefined || first.isLiteral ? undefined : commandNamed(first.text);
  const command = named ?? CHAT;

  const broken = tokens.find((token) => token.kind === 'bad');
  if (broken?.kind === 'bad') return bad(broken.message);
  const flags = collect(tokens);
  if (flags.help) return { kind: 'help', command: named ?? null };
  if (flags.version) return { kind: 'version' };
  if (named === undefined && first?.isLiteral === false && first.text === 'help')
    return { kind: 'help', command: commandNamed(rest[0]?.text ?? '') ?? null };

  for (const token of tokens) {
    if (token.kind !== 'flag') continue;
    if (!command.flags.includes(token.name))
      return bad(`${token.shown} is not a flag of ${named === undefined ? 'the chat' : `turnstile ${command.name}`}`);
    const problem = fits(token.name, token.shown, token.value);
    if (problem !== null) return bad(problem);
  }
  const words = (named === undefined ? operands : rest).map(({ text }) => text);
  const extra = words[command.maxOperands];
  if (extra !== undefined)
    return bad(`unexpected argument: ${JSON.stringify(extra)}${command === CHAT ? ' (put the prompt in quotes)' : ''}`);
  if (flags.bypass && (flags.approval !== undefined || flags.fullAuto))
    return bad(`--${FLAGS.bypass.name} excludes --${FLAGS.approval.name} and --${FLAGS.fullAuto.name}`);
  return { kind: 'run', invocation: { command, flags, operands: words } };
};
