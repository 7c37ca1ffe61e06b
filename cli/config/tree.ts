/** Nested tables as TOML has them, and how layers of them are laid on each other. Pure. */

export type Tree = { readonly [key: string]: unknown };

export const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);

/** `a.b."c.d"` → its keys; null when it is no dotted key. */
export const keysOf = (dotted: string): readonly string[] | null => {
  const parts = dotted.match(/"[^"]*"|'[^']*'|[^.]+/g);
  if (parts === null || parts.join('.') !== dotted.trim()) return null;
  return parts.map((part) => (/^["']/.test(part) ? part.slice(1, -1) : part.trim()));
};

export const treeOf = ([key, ...rest]: readonly string[], value: unknown): Tree =>
  key === undefined ? {} : { [key]: rest.length === 0 ? value : treeOf(rest, value) };

/** Tables in a row, as `[[key]]` makes them. */
export const isList = (value: unknown): value is readonly Tree[] =>
  Array.isArray(value) && value.length > 0 && value.every(isTree);

/** Tables are merged key by key, lists of tables are joined; anything else is replaced by what lies above it. */
export const overlay = (below: Tree, above: Tree): Tree => {
  const merged: Record<string, unknown> = { ...below };
  for (const [key, value] of Object.entries(above)) {
    const under = merged[key];
    // Own keys only: a table named __proto__ must stay a table.
    Object.defineProperty(merged, key, {
      value:
        isTree(under) && isTree(value)
          ? overlay(under, value)
          : isList(under) && isList(value)
            ? [...under, ...value]
            : value,
      enumerable: true,
      writable: true,
      configurable: true,
    });
  }
  return merged;
};

const bare = (key: string): string => (/^[A-Za-z0-9_-]+$/.test(key) ? key : JSON.stringify(key));
export const dotted = (path: readonly PropertyKey[]): string =>
  path.map((key, i) => (typeof key === 'number' ? `[${key}]` : (i === 0 ? '' : '.') + bare(String(key)))).join('');

/** Every value that is not a table, with its path. */
export const leaves = (tree: Tree, path: readonly string[] = []): readonly (readonly [readonly string[], unknown])[] =>
  Object.entries(tree).flatMap(([key, value]) =>
    isTree(value) ? leaves(value, [...path, key]) : [[[...path, key], value] as const],
  );

export const at = (tree: Tree, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (value, key) =>
      isTree(value) && Object.hasOwn(value, key)
        ? value[String(key)]
        : Array.isArray(value) && typeof key === 'number'
          ? value[key]
          : undefined,
    tree,
  );
