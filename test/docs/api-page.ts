/** docs/api.md: everything that the package exports, with its type and what its comment promises. `node test/docs/api-page.ts`. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import type { Node } from 'typescript/unstable/ast';
import {
  isArrowFunction,
  isFunctionDeclaration,
  isIdentifier,
  isVariableDeclaration,
} from 'typescript/unstable/ast/is';
import { API, SymbolFlags, type Checker, type Symbol as Named } from 'typescript/unstable/sync';
import { createPrinter, fileOf, type Printer } from './api-types.ts';
import { root } from './documents.ts';

export const API_FILE = join(root, 'docs/api.md');

const ENTRIES = [
  { name: 'turnstile', file: 'cli/library.ts' },
  { name: 'turnstile/inspector', file: 'inspector/index.ts' },
] as const;

interface Exported {
  readonly name: string;
  readonly words: string;
  readonly kind: Kind;
  /** TypeScript; null: nothing that a reader could use. */
  readonly code: string | null;
  readonly source: string;
}
const KINDS = {
  function: 'Functions',
  error: 'Errors',
  type: 'Types',
  schema: 'Schemas with their types',
  constant: 'Schemas and values',
  machine: 'Machines',
} as const;
type Kind = keyof typeof KINDS;

const kindOf = (name: string, symbol: Named, checker: Checker): Kind => {
  const isType = (symbol.flags & (SymbolFlags.TypeAlias | SymbolFlags.Interface)) !== 0;
  const isValue = (symbol.flags & (SymbolFlags.Variable | SymbolFlags.Function)) !== 0;
  if ((symbol.flags & SymbolFlags.Class) !== 0) return 'error';
  if (isType) return isValue ? 'schema' : 'type';
  if (name.endsWith('Machine')) return 'machine';
  const type = checker.getTypeOfSymbol(symbol);
  return type !== undefined && checker.getSignaturesOfType(type, 0).length > 0 ? 'function' : 'constant';
};

/** `(a: A, options?: B) => C` in the words of the source; what a function calls its parts inside is its own affair. */
const signatureOf = (node: Node): string | null => {
  const made = isVariableDeclaration(node) ? node.initializer : node;
  if (made === undefined || !(isArrowFunction(made) || isFunctionDeclaration(made))) return null;
  const params = made.parameters.map(({ name, type, initializer, questionToken }) => {
    const called = isIdentifier(name) ? name.getText() : 'options';
    const isOptional = initializer !== undefined || questionToken !== undefined;
    return `${called}${isOptional ? '?' : ''}: ${type?.getText() ?? 'unknown'}`;
  });
  return `(${params.join(', ')}) => ${made.type?.getText() ?? 'unknown'}`;
};

const codeOf = (name: string, kind: Kind, symbol: Named, checker: Checker, printer: Printer): string | null => {
  const node = symbol.declarations.map((handle) => handle.resolve()).find((one) => one !== undefined);
  const written = (text: string): string => {
    if (node !== undefined) printer.note(text, node);
    return text.replace(/^export /, '');
  };
  const text = node?.getText() ?? name;
  switch (kind) {
    case 'schema':
      return `type ${name} = ${printer.print(checker.getDeclaredTypeOfSymbol(symbol), false)}`;
    case 'type':
      return written(text);
    case 'function': {
      const signature = node === undefined ? null : signatureOf(node);
      return `declare const ${name}: ${written(signature ?? '() => unknown')}`;
    }
    case 'error':
      return text.replace(/^export /, '').replace(/ override /g, ' ');
    case 'constant':
      return `const ${text}`;
    case 'machine':
      return null;
  }
};

export interface Described {
  readonly entry: string;
  readonly exports: readonly Exported[];
  readonly besides: readonly Exported[];
}

/** What the entries export today, from the sources. */
export const described = (): readonly Described[] => {
  const folder = mkdtempSync(join(root, 'node_modules/.api-'));
  const config = join(folder, 'tsconfig.json');
  const files = ENTRIES.map(({ file }) => join(root, file));
  writeFileSync(config, JSON.stringify({ extends: join(root, 'tsconfig.json'), include: [], files }));
  const api = new API({ cwd: root });
  try {
    const project = api.updateSnapshot({ openProjects: [config] }).getProject(config);
    if (project === undefined) throw new Error('the compiler opened no project');
    const { program, checker } = project;
    return ENTRIES.map(({ name: entry, file }) => {
      const source = program.getSourceFile(join(root, file));
      const module = source && checker.getSymbolAtLocation(source);
      if (module === undefined) throw new Error(`${file} is no module`);
      const exported = new Map(
        checker.getExportsOfModule(module).map((symbol) => {
          const target = (symbol.flags & SymbolFlags.Alias) === 0 ? symbol : checker.getAliasedSymbol(symbol);
          return [symbol.name, target] as const;
        }),
      );
      const printer = createPrinter(checker, { root, exported });
      const describe = (name: string, symbol: Named): Exported => {
        const kind = kindOf(name, symbol, checker);
        const words = symbol.getDocumentationComment(checker).trim();
        const path = fileOf(symbol).slice(root.length + (root.endsWith('/') ? 0 : 1));
        return { name, words, kind, code: codeOf(name, kind, symbol, checker, printer), source: path };
      };
      const exports = [...exported].map(([name, symbol]) => describe(name, symbol));
      const besides = new Map<string, Exported>();
      // What these name may name more.
      for (let more = true; more;) {
        const unseen = [...printer.besides].filter(([name]) => !besides.has(name));
        for (const [name, symbol] of unseen) besides.set(name, describe(name, symbol));
        more = unseen.length > 0;
      }
      return { entry, exports, besides: [...besides.values()] };
    });
  } finally {
    api.close();
    rmSync(folder, { recursive: true });
  }
};

/** Names of exports without a word on what they are. */
export const undescribed = (all: readonly Described[]): readonly string[] =>
  all.flatMap(({ entry, exports }) =>
    exports.filter(({ words }) => words === '').map(({ name }) => `${entry}: ${name}`),
  );

const byName = (a: Exported, b: Exported): number => (a.name < b.name ? -1 : 1);

const part = async ({ name, words, code, source }: Exported, level: string): Promise<string> => {
  const config = await resolveConfig(API_FILE);
  const shown = code === null ? null : await format(code, { ...config, parser: 'typescript' });
  return [
    `${level} \`${name}\``,
    '',
    ...(words === '' ? [] : [words, '']),
    ...(shown === null ? [] : ['```ts', shown.trimEnd(), '```', '']),
    `From [${source}](../${source}).`,
    '',
  ].join('\n');
};

const chapter = async ({ entry, exports, besides }: Described): Promise<string> => {
  const parts: string[] = [`## ${entry}`, ''];
  for (const [kind, title] of Object.entries(KINDS)) {
    const some = exports.filter((one) => one.kind === kind).sort(byName);
    if (some.length === 0) continue;
    parts.push(`### ${title}`, '');
    for (const one of some) parts.push(await part(one, '####'));
  }
  if (besides.length > 0) {
    parts.push('### Named above, and not exported', '');
    for (const one of [...besides].sort(byName)) parts.push(await part(one, '####'));
  }
  return parts.join('\n');
};

export const apiPage = async (all = described()): Promise<string> => {
  const chapters: string[] = [];
  for (const one of all) chapters.push(await chapter(one));
  const text = [
    '# What the package exports',
    '',
    '<!-- Made by `node test/docs/api-page.ts` from the sources. Do not edit. -->',
    '',
    'How it is used is in [library.md](library.md); this page is the whole of it, with every type. A schema is of `zod/mini`',
    'and has a type of the same name.',
    '',
    ...chapters,
  ].join('\n');
  return format(text, { ...(await resolveConfig(API_FILE)), parser: 'markdown' });
};

if (import.meta.main) writeFileSync(API_FILE, await apiPage());
