/**
 * Rule files: which commands need no question, need one, or are forbidden. `$TURNSTILE_HOME/rules`, a file or a folder of
 * `*.rules`, in the form Codex writes: `prefix_rule(pattern=["git", ["status", "log"]], decision="allow", justification="…")`.
 * `network_rule(host="api.example.com:443", decision="allow")` is the same for a host. With `folder="/path"` a rule holds there and below.
 * A rule that cannot be read is a problem, never skipped: a forbidden command must not become possible by a typing error.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import type { RuntimeConfig } from '../../actors/contract.ts';
import { HostEntry } from '../../sandbox/policy.ts';

type Rule = RuntimeConfig['rules'][number];
type HostRule = NonNullable<RuntimeConfig['hostRules']>[number];

export interface Rules {
  readonly commands: readonly Rule[];
  readonly hosts: readonly HostRule[];
}
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

const hostRuleOf = (args: ReadonlyMap<string, Value>, source: string): HostRule | string => {
  const [host, decision, justification] = [
    args.get('host'),
    args.get('decision') ?? 'allow',
    args.get('justification'),
  ];
  if (host === undefined || !isText(host) || !HostEntry.safeParse(host).success)
    return 'host must be a name, *.name or an address, followed by :port or by nothing';
  if (decision !== 'allow' && decision !== 'forbidden')
    return `decision is ${JSON.stringify(decision)}; expected allow or forbidden: what is in no list is asked about anyway`;
  return { host, decision, source, ...(typeof justification === 'string' && { justification }) };
};

const KINDS: ReadonlySet<string | undefined> = new Set(['prefix_rule', 'network_rule']);

/** Null: it holds elsewhere. */
const placeOf = (args: ReadonlyMap<string, Value>, cwd: string): 'here' | null | { readonly problem: string } => {
  const folder = args.get('folder');
  if (folder === undefined) return 'here';
  if (!isText(folder) || !isAbsolute(folder)) return { problem: 'folder must be an absolute path' };
  return cwd === folder || cwd.startsWith(folder.replace(/\/*$/, '/')) ? 'here' : null;
};

const ruleOf = (args: ReadonlyMap<string, Value>, source: string): Rule | string => {
  const pattern = args.get('pattern');
  const decision = args.get('decision') ?? 'allow';
  const justification = args.get('justification');
  if (!isPattern(pattern)) return 'pattern must be a list of words, or of lists of words';
  if (!isDecision(decision)) return `decision is ${JSON.stringify(decision)}; expected allow, prompt or forbidden`;
  return { pattern, decision, source, ...(typeof justification === 'string' && { justification }) };
};

/** Pure. A text for the first thing that was not understood. */
export const parseRules = (text: string, file: string, cwd: string): Rules | string => {
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

  const [commands, hosts]: [Rule[], HostRule[]] = [[], []];
  while (tokens[0] !== undefined) {
    const source = `${file}:${tokens[0].line}`;
    const kind = tokens[0].text;
    if (!KINDS.has(kind) || !take(kind) || !take('('))
      return problem(`expected prefix_rule(…) or network_rule(…), found ${tokens[0]?.text ?? 'the end'}`);
    const args = new Map<string, Value>();
    while (!take(')')) {
      const name = tokens.shift()?.text;
      if (name === undefined || !take('=')) return problem('expected NAME=VALUE');
      const given = value();
      if (given === null) return problem(`${name}: expected a text or a list`);
      args.set(name, given);
      if (!take(',') && tokens[0]?.text !== ')') return problem('expected , or )');
    }
    const rule = kind === 'network_rule' ? hostRuleOf(args, source) : ruleOf(args, source);
    const place = placeOf(args, cwd);
    if (typeof rule === 'string') return `${source}: ${rule}`;
    if (place !== null && place !== 'here') return `${source}: ${place.problem}`;
    if (place === null) continue;
    if ('host' in rule) hosts.push(rule);
    else commands.push(rule);
  }
  return { commands, hosts };
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

/** Those that hold in the folder `cwd`. */
export const readRules = (paths: readonly string[], cwd: string): Rules | string => {
  const all: Rules[] = [];
  for (const file of paths.flatMap(filesOf)) {
    const parsed = parseRules(readFileSync(file, 'utf8'), file, cwd);
    if (typeof parsed === 'string') return parsed;
    all.push(parsed);
  }
  return { commands: all.flatMap(({ commands }) => commands), hosts: all.flatMap(({ hosts }) => hosts) };
};
