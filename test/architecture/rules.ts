/** The rules that a machine can check. Each says what is wrong and what to do instead. Pure: sources in, sentences out. */
import { SyntaxKind } from 'typescript/unstable/ast';
import { LAYERS } from './layers.ts';
import type { Source, Token } from './source.ts';

export const MAX_LINES = 300;

export interface Rule {
  /** Of the invariant; the name of its test. */
  readonly name: string;
  readonly instead: string;
  readonly applies?: RegExp;
  readonly except?: RegExp;
  /** One sentence for each place that breaks it. */
  readonly breaks: (source: Source) => readonly string[];
}

const at = ({ line }: { readonly line: number }, words: string): string => `line ${line}: ${words}`;

const importsBut = (isFine: (from: string, how: string) => boolean) => (source: Source) =>
  source.imports
    .filter(({ from, how }) => !isFine(from, how))
    .map((one) => at(one, `${one.how === 'static' ? '' : `${one.how} `}import of ${one.from}`));

/** Names that are looked up in the world, and not in an object or a type. */
const globals =
  (names: readonly string[]) =>
  ({ tokens }: Source): readonly string[] =>
    tokens
      .filter((token, index) => {
        if (token.kind !== SyntaxKind.Identifier || !names.includes(token.text)) return false;
        const [before, after] = [tokens[index - 1]?.text, tokens[index + 1]?.text];
        return before !== '.' && before !== '?.' && after !== ':' && after !== '?';
      })
      .map((token) => at(token, token.text));

const WORLD = [
  ...['Date', 'performance', 'Intl', 'setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask'],
  ...['process', 'fetch', 'console', 'crypto', 'require', 'globalThis', 'Buffer', 'XMLHttpRequest', 'WebSocket'],
];

const keyword =
  (kind: SyntaxKind, isBad: (token: Token, rest: readonly Token[]) => boolean, words: string) =>
  ({ tokens }: Source): readonly string[] =>
    tokens
      .filter((token, index) => {
        if (token.kind !== kind || tokens[index - 1]?.text === '.' || tokens[index + 1]?.text === ':') return false;
        return isBad(token, tokens.slice(index + 1));
      })
      .map((token) => at(token, words));

const isError = (rest: readonly Token[]): boolean => {
  const head = rest.slice(
    0,
    rest.findIndex(({ text }) => text === '{'),
  );
  return head.some(({ text }, index) => text === 'extends' && /Error$/.test(head[index + 1]?.text ?? ''));
};

const isAttribute = ([next]: readonly Token[]): boolean => next?.text === '=';

const layerOf = (path: string) => LAYERS.find(({ files }) => files.test(path));

export const RULES: readonly Rule[] = [
  {
    name: 'imports go to the left: machines/protocol ← sandbox ← machines ← actors ← cli',
    instead: 'move what is shared to the left, or hand it in; a new door is a line in test/architecture/layers.ts',
    breaks: (source) => {
      const layer = layerOf(source.path);
      if (!layer) return ['it belongs to no layer'];
      return importsBut(
        (from, how) => layer.may.test(from) || (how === 'type' && layer.mayAsType?.test(from) === true),
      )(source);
    },
  },
  {
    name: 'nothing happens in machines/: no clock, no timers, no ids, no I/O',
    instead: 'make it a port (machines/ports.ts) or a leaf (machines/leaves.ts), and fill it in actors/',
    applies: /^machines\//,
    breaks: (source) => [
      ...globals(WORLD)(source),
      ...source.tokens.flatMap((token, index) =>
        token.text === 'Math' && source.tokens[index + 2]?.text === 'random' ? [at(token, 'Math.random')] : [],
      ),
    ],
  },
  {
    name: 'only sandbox/host.ts looks at the machine',
    instead: 'ask through host.ts, and hand the answer in as data',
    applies: /^sandbox\//,
    except: /^sandbox\/host(?:\.\w+)?\.ts$/,
    breaks: globals(WORLD),
  },
  {
    name: 'only actors/exec.actor.ts imports execa, and not before the first command',
    instead: 'let the exec actor run the process',
    breaks: ({ path, imports }) =>
      imports
        .filter(({ from, how }) => from === 'execa' && !(path === 'actors/exec.actor.ts' && how !== 'static'))
        .map((one) => at(one, `${one.how} import of execa`)),
  },
  {
    name: 'nobody starts with the whole of zod',
    instead: "import * as z from 'zod/mini'; the full zod only by `await import('zod')` where it is used",
    breaks: importsBut((from, how) => from !== 'zod' || how === 'dynamic'),
  },
  {
    name: 'the command line knows no statechart',
    instead: 'use the session façade: submit, events, can, view',
    applies: /^cli\//,
    breaks: importsBut((from) => !/^xstate|\.machine\.ts$|\.actor\.ts$/.test(from)),
  },
  {
    name: 'there is one event emitter, the bus',
    instead: 'publish a fact',
    breaks: importsBut((from) => from !== 'node:events' && from !== 'events'),
  },
  {
    name: 'no variable of a module changes',
    instead: 'put the state into a factory, or into a machine',
    breaks: (source) => [
      ...keyword(SyntaxKind.LetKeyword, ({ depth }) => depth === 0, 'module-level let')(source),
      ...keyword(SyntaxKind.VarKeyword, () => true, 'var')(source),
    ],
  },
  {
    name: 'no class but errors',
    instead: 'a factory whose closure keeps what it needs',
    // In markup `class=` is an attribute.
    breaks: keyword(SyntaxKind.ClassKeyword, (_, rest) => !isError(rest) && !isAttribute(rest), 'a class'),
  },
  {
    name: `a source has at most ${MAX_LINES} lines`,
    instead: 'split it where the thought changes',
    breaks: ({ text }) => {
      const lines = text.replace(/\n$/, '').split('\n').length;
      return lines > MAX_LINES ? [`it has ${lines}`] : [];
    },
  },
];

/** What is wrong with these sources, by this rule. */
export const check = (rule: Rule, sources: readonly Source[]): readonly string[] =>
  sources
    .filter(({ path }) => (rule.applies?.test(path) ?? true) && rule.except?.test(path) !== true)
    .flatMap((source) => rule.breaks(source).map((words) => `${source.path}, ${words}`));
