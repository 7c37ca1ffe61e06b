/**
 * Whether a command is nothing but a patch. Pure. Only two shapes count: the program `apply_patch` with one argument, and
 * a shell script whose only statement is `apply_patch <<'EOF' … EOF`, with or without `cd FOLDER &&` before it. Whatever is
 * more than that (a pipe, a second command) is an ordinary command, and goes to the shell as it is.
 */
import { basename } from 'node:path';
import { BEGIN } from './patch.ts';

export type Invocation =
  | { readonly kind: 'patch'; readonly patch: string; readonly folder: string | null }
  /** A patch where a program should be. */
  | { readonly kind: 'bare' }
  | null;

const NAMES: ReadonlySet<string> = new Set(['apply_patch', 'applypatch']);
const SHELLS: ReadonlySet<string> = new Set(['bash', 'zsh', 'sh']);

/** A single word: plain, or in quotes in which nothing is expanded. */
const FOLDER = String.raw`(?:'(?<single>[^'\n]+)'|"(?<double>[^"$\x60\\\n]+)"|(?<plain>[\w./@%+=:,-]+))`;
const SCRIPT = new RegExp(
  String.raw`^\s*(?:cd[ \t]+${FOLDER}[ \t]*&&\s*)?(?:apply_patch|applypatch)[ \t]*<<[ \t]*(?<quote>['"]?)(?<word>\w+)\k<quote>[ \t]*\n(?<rest>[^]*)$`,
);

export const invocationOfScript = (script: string): Invocation => {
  if (script.trimStart().startsWith(BEGIN)) return { kind: 'bare' };
  const { single, double, plain, word, rest } = SCRIPT.exec(script)?.groups ?? {};
  if (word === undefined || rest === undefined) return null;
  const lines = rest.split('\n');
  const end = lines.indexOf(word);
  if (end < 0 || lines.slice(end + 1).some((line) => line.trim() !== '')) return null;
  return { kind: 'patch', patch: lines.slice(0, end).join('\n'), folder: single ?? double ?? plain ?? null };
};

export const invocationOf = (argv: readonly string[]): Invocation => {
  const [file = '', second = '', third = ''] = argv;
  if (argv.length === 1 && file.trimStart().startsWith(BEGIN)) return { kind: 'bare' };
  if (argv.length === 2 && NAMES.has(file)) return { kind: 'patch', patch: second, folder: null };
  const isShell = argv.length === 3 && SHELLS.has(basename(file)) && (second === '-c' || second === '-lc');
  return isShell ? invocationOfScript(third) : null;
};
