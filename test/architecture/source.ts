/**
 * A source file as the rules see it: its words without comments and strings, and what it imports. The words come from the
 * compiler's own scanner, so that a sentence about `setTimeout` is not a call of it.
 */
import { SyntaxKind } from 'typescript/unstable/ast';
import { createScanner } from 'typescript/unstable/ast/scanner';
import { posix } from 'node:path';

export interface Token {
  readonly kind: SyntaxKind;
  readonly text: string;
  /** What a string literal stands for. */
  readonly value: string;
  readonly line: number;
  /** Brackets of any kind that are open here. */
  readonly depth: number;
}

export interface Import {
  /** `node:fs`, or for a relative one the path from the root: `machines/kit.ts`. */
  readonly from: string;
  /** `type`: gone at run time. `dynamic`: not before it is reached. */
  readonly how: 'static' | 'type' | 'dynamic';
  readonly line: number;
}

export interface Source {
  readonly path: string;
  readonly text: string;
  readonly tokens: readonly Token[];
  readonly imports: readonly Import[];
}

const OPENING = new Set(['{', '(', '[', '${']);
const CLOSING = new Set(['}', ')', ']']);
/** Behind one of these a slash divides; behind anything else it begins a regular expression. */
const ENDS_A_VALUE = new Set([SyntaxKind.Identifier, SyntaxKind.NumericLiteral, SyntaxKind.StringLiteral]);
const isString = ({ kind }: Token): boolean =>
  kind === SyntaxKind.StringLiteral || kind === SyntaxKind.NoSubstitutionTemplateLiteral;

export const tokensOf = (text: string): readonly Token[] => {
  const scanner = createScanner(true, undefined, text);
  const tokens: Token[] = [];
  const open: string[] = [];
  const lines = text.split('\n').map((line) => line.length + 1);
  let line = 0;
  let lineEnd = lines[0] ?? 0;
  for (let kind = scanner.scan(); kind !== SyntaxKind.EndOfFile; kind = scanner.scan()) {
    const before = tokens.at(-1);
    if (kind === SyntaxKind.CloseBraceToken && open.at(-1) === '${') kind = scanner.reScanTemplateToken(false);
    const divides = before !== undefined && (ENDS_A_VALUE.has(before.kind) || [')', ']'].includes(before.text));
    if ((kind === SyntaxKind.SlashToken || kind === SyntaxKind.SlashEqualsToken) && !divides)
      kind = scanner.reScanSlashToken();
    while (scanner.getTokenStart() >= lineEnd && line < lines.length - 1) lineEnd += lines[++line] ?? 0;
    const word = scanner.getTokenText();
    if (kind === SyntaxKind.TemplateTail || CLOSING.has(word)) open.pop();
    tokens.push({ kind, text: word, value: scanner.getTokenValue(), line: line + 1, depth: open.length });
    if (kind === SyntaxKind.TemplateHead) open.push('${');
    else if (OPENING.has(word)) open.push(word);
  }
  return tokens;
};

const resolved = (path: string, from: string): string =>
  from.startsWith('.') ? posix.normalize(posix.join(posix.dirname(path), from)) : from;

export const importsOf = (path: string, tokens: readonly Token[]): readonly Import[] =>
  tokens.flatMap((token, at): readonly Import[] => {
    const next = tokens[at + 1];
    const isProperty = tokens[at - 1]?.text === '.';
    if (next === undefined || isProperty) return [];
    const found = (named: Token | undefined, how: Import['how']): readonly Import[] =>
      named === undefined ? [] : [{ from: resolved(path, named.value), how, line: token.line }];

    if (token.kind === SyntaxKind.ImportKeyword && next.text === '(') {
      const named = tokens[at + 2];
      if (named === undefined || !isString(named)) return []; // a computed name; the rules cannot know it
      return found(named, tokens[at - 1]?.text === 'typeof' ? 'type' : 'dynamic');
    }
    const how = next.text === 'type' && tokens[at + 2]?.text !== 'from' ? 'type' : 'static';
    if (token.kind === SyntaxKind.ImportKeyword && token.depth === 0 && next.text !== '.')
      return found(tokens.slice(at).find(isString), how);
    if (token.kind !== SyntaxKind.ExportKeyword || token.depth !== 0) return [];
    const opening = tokens[at + (how === 'type' ? 2 : 1)];
    if (opening?.text !== '{' && opening?.text !== '*') return [];
    const isEnd = ({ text, depth }: Token): boolean => depth === 0 && (text === '}' || text === '*');
    const end = tokens.findIndex((one, index) => index > at && isEnd(one));
    const behind = tokens.slice(end + 1, end + 5);
    const from = behind.findIndex(({ text, depth }) => text === 'from' && depth === 0);
    return from === 0 || (from === 2 && behind[0]?.text === 'as') ? found(behind[from + 1], how) : [];
  });

export const sourceOf = (path: string, text: string): Source => {
  const tokens = tokensOf(text);
  return { path, text, tokens, imports: importsOf(path, tokens) };
};
