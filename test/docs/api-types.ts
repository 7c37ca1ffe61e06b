/**
 * Types as the page of the library shows them: with the comments of their fields, and with the names under which they are
 * exported wherever one of them stands inside of another. Made by the checker of the compiler that builds the package.
 */
import {
  NodeBuilderFlags,
  SymbolFlags,
  TypeFlags,
  type Checker,
  type Symbol as Named,
  type Type,
  type UnionType,
} from 'typescript/unstable/sync';
import type { Node } from 'typescript/unstable/ast';

/** Deeper than this a type is told as the compiler tells it. */
const MAX_DEPTH = 8;

export interface Printer {
  /** `isInside`: where the type itself has a name, that name will do. */
  print(type: Type, isInside: boolean): string;
  /** Looks for names of ours in words that stand at this place. */
  note(text: string, at: Node): void;
  /** Ours, named in what was printed, and not exported. */
  readonly besides: ReadonlyMap<string, Named>;
}

export const fileOf = (symbol: Named): string => String(symbol.declarations[0]?.path ?? '');

const isFrom = (root: string, symbol: Named): boolean => {
  const file = fileOf(symbol);
  return file.toLowerCase().startsWith(root.toLowerCase()) && !file.includes('/node_modules/');
};

const isUnion = (type: Type): type is UnionType => (type.flags & TypeFlags.Union) !== 0;
const isPlain = (name: string): boolean => /^[\w$]+$/.test(name);

const commented = (words: string): string =>
  words === '' ? '' : `/** ${words.replace(/\s*\n\s*/g, ' ').replaceAll('*/', '* /')} */\n`;

export const createPrinter = (
  checker: Checker,
  { root, exported }: { readonly root: string; readonly exported: ReadonlyMap<string, Named> },
): Printer => {
  const besides = new Map<string, Named>();
  const names = new Map<number, string>();
  for (const [name, symbol] of exported)
    if ((symbol.flags & (SymbolFlags.TypeAlias | SymbolFlags.Interface)) !== 0)
      names.set(checker.getDeclaredTypeOfSymbol(symbol).id, name);

  const told = (type: Type): string =>
    checker.typeToString(
      type,
      undefined,
      NodeBuilderFlags.NoTruncation | NodeBuilderFlags.UseSingleQuotesForStringLiteralType,
    );

  /** The name of a type of ours, which is then told by itself. */
  const nameOf = (type: Type): string | null => {
    const known = names.get(type.id);
    if (known !== undefined) return known;
    const symbol = type.getAliasSymbol?.() ?? type.getSymbol();
    if (symbol === undefined || !isFrom(root, symbol) || !isPlain(symbol.name) || symbol.name.startsWith('__'))
      return null;
    const isNamed = (symbol.flags & (SymbolFlags.TypeAlias | SymbolFlags.Interface)) !== 0;
    if (!isNamed || told(type) !== symbol.name) return null;
    if (!exported.has(symbol.name)) besides.set(symbol.name, symbol);
    return symbol.name;
  };

  const print = (type: Type, isInside: boolean, depth = 0): string => {
    const name = isInside ? nameOf(type) : null;
    if (name !== null) return name;
    if (depth > MAX_DEPTH) return told(type);
    if (isUnion(type)) return printUnion(type, depth);
    if ((type.flags & TypeFlags.Object) === 0) return told(type);
    if (checker.isArrayType(type) && !checker.isTupleType(type)) {
      const [item] = checker.getTypeArguments(type as Parameters<Checker['getTypeArguments']>[0]);
      const isReadonly = told(type).startsWith('readonly ');
      return item === undefined ? told(type) : `${isReadonly ? 'readonly ' : ''}(${print(item, true, depth + 1)})[]`;
    }
    const symbol = type.getSymbol();
    const isOthers = symbol !== undefined && !symbol.name.startsWith('__') && !isFrom(root, symbol);
    if (isOthers || checker.isTupleType(type) || checker.getIndexInfosOfType(type).length > 0) return told(type);
    if (checker.getSignaturesOfType(type, 0).length > 0) return told(type);
    return printObject(type, depth);
  };

  const printUnion = (type: UnionType, depth: number): string => {
    const parts = type.getTypes().map((part) => print(part, true, depth + 1));
    const hasBoth = parts.includes('true') && parts.includes('false');
    const words = hasBoth ? [...parts.filter((part) => part !== 'true' && part !== 'false'), 'boolean'] : parts;
    return [...words]
      .sort((a, b) => Number(a === 'undefined' || a === 'null') - Number(b === 'undefined' || b === 'null'))
      .join(' | ');
  };

  const printObject = (type: Type, depth: number): string => {
    const fields = checker.getPropertiesOfType(type).map((field) => {
      if (field.name.startsWith('__@')) return '[Symbol.asyncDispose]: () => PromiseLike<void>;';
      const isOptional = (field.flags & SymbolFlags.Optional) !== 0;
      const own = checker.getTypeOfSymbol(field);
      const value = own === undefined ? 'unknown' : print(own, true, depth + 1);
      const shown = isOptional ? value.replace(/ \| undefined$/, '') : value;
      const key = isPlain(field.name) ? field.name : JSON.stringify(field.name);
      return `${commented(field.getDocumentationComment(checker))}${key}${isOptional ? '?' : ''}: ${shown};`;
    });
    return fields.length === 0 ? '{}' : `{\n${fields.join('\n')}\n}`;
  };

  const note = (text: string, at: Node): void => {
    for (const [name] of text.matchAll(/\b[A-Z]\w+\b/g)) {
      if (exported.has(name) || besides.has(name)) continue;
      const found = checker.resolveName(name, SymbolFlags.Type, at);
      if (found === undefined) continue;
      const symbol = (found.flags & SymbolFlags.Alias) === 0 ? found : checker.getAliasedSymbol(found);
      if (isFrom(root, symbol) && (symbol.flags & (SymbolFlags.TypeAlias | SymbolFlags.Interface)) !== 0)
        besides.set(name, symbol);
    }
  };

  return { print: (type, isInside) => print(type, isInside), note, besides };
};
