/**
 * Rule files: which commands need no question, need one, or are forbidden. `$TURNSTILE_HOME/rules`, a file or a folder of
 * `*.rules`, in the form Codex writes: `prefix_rule(pattern=["git", ["status", "log"]], decision="allow", justification="…")`.
 * A rule that cannot be read is a problem, never skipped: a forbidden command must not become possible by a typing error.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { RuntimeConfig } from '../../actors/contract.ts';

type Rule = RuntimeConfig['rules'][number];
type Value = string | readonly Value[];

const TOKEN = /\s+|#[^\n]*|("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|[A-Za-z_]\w*|[[\](),=])/y;

interface Token {
  readonly text: string;
  readonly line: number;
}

const tokenize = (text: string): readonly Token[] | number => {
  const tokens: Token[] = [];
  let line = 1;
  const pattern = new RegExp(TOKEN);
  while (pattern.lastIndex < text.length) {
    const match = pattern.exec(text);
    if (match === null) return line;
    if (match[1] !== undefined) tokens.push({ text: match[1], line });
    line += match[0].split('\n').length - 1;
  }
  return tokens;
};

const unquote = (text: string): string =>
  text.slice(1, -1).replace(/\\(.)/g, (_, c: string) => ({ n: '\n', t: '\t' })[c] ?? c);

const DECISIONS: ReadonlySet<unknown> = new Set<Rule['decision']>(['allow', 'prompt', 'forbidden']);
const isDecision = (value: unknown): value is Rule['decision'] => DECISIONS.has(value);
const isText = (value: Value): value is string => typeof value === 'string';
const isPattern = (value: Value | undefined): value is Rule['pattern'] =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.every((part: Value) => isText(part) || (part.length > 0 && part.every(isText)));

const ruleOf = (args: ReadonlyMap<string, Value>, source: string): Rule | string => {
  const pattern = args.get('pattern');
  const decision = args.get('decision') ?? 'allow';
  const justification = args.get('justification');
  if (!isPattern(pattern)) return 'pattern must be a list of words, or of lists of words';
  if (!isDecision(decision)) return `decision is ${JSON.stringify(decision)}; expected allow, prompt or forbidden`;
  return { pattern, decision, source, ...(typeof justification === 'string' && { justification }) };
};

/** Pure. A text for the first thing that was not understood. */
export const parseRules = (text: string, file: string): readonly Rule[] | string => {
  const scanned = tokenize(text);
  if (typeof scanned === 'number') return `${file}:${scanned}: not understood`;
  const tokens = [...scanned];
  const lastLine = scanned.at(-1)?.line ?? 1;
  const problem = (words: string) => `${file}:${tokens[0]?.line ?? lastLine}: ${words}`;
  const take = (text: string): boolean => (tokens[0]?.text === text ? tokens.shift() !== undefined : false);

  const value = (): Value | null => {
    if (!take('[')) {
      const token = tokens[0];
      return token !== undefined && /^["']/.test(token.text) ? (tokens.shift(), unquote(token.text)) : null;
    }
    const list: Value[] = [];
    while (!take(']')) {
      const one = value();
      if (one === null) return null;
      list.push(one);
      if (!take(',') && tokens[0]?.text !== ']') return null;
    }
    return list;
  };

  const rules: Rule[] = [];
  while (tokens[0] !== undefined) {
    const source = `${file}:${tokens[0].line}`;
    if (!take('prefix_rule') || !take('('))
      return problem(`expected prefix_rule(…), found ${tokens[0]?.text ?? 'the end'}`);
    const args = new Map<string, Value>();
    while (!take(')')) {
      const name = tokens.shift()?.text;
      if (name === undefined || !take('=')) return problem('expected NAME=VALUE');
      const given = value();
      if (given === null) return problem(`${name}: expected a text or a list`);
      args.set(name, given);
      if (!take(',') && tokens[0]?.text !== ')') return problem('expected , or )');
    }
    const rule = ruleOf(args, source);
    if (typeof rule === 'string') return `${source}: ${rule}`;
    rules.push(rule);
  }
  return rules;
};

const filesOf = (path: string): readonly string[] => {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return [];
  if (!found.isDirectory()) return [path];
  return readdirSync(path)
    .filter((name) => name.endsWith('.rules'))
    .sort()
    .map((name) => join(path, name));
};

export const readRules = (paths: readonly string[]): readonly Rule[] | string => {
  const rules: Rule[] = [];
  for (const file of paths.flatMap(filesOf)) {
    const parsed = parseRules(readFileSync(file, 'utf8'), file);
    if (typeof parsed === 'string') return parsed;
    rules.push(...parsed);
  }
  return rules;
};
