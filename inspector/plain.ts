/**
 * Any value as plain data of bounded size: what was seen of an app is kept, shown and written as JSON, whatever the app
 * puts into its contexts. Cycles, functions, bigints, actors, maps and errors become words; the value itself is not touched.
 */

/** Of one value: characters of all its texts, parts of all its lists and objects, and levels. */
export const MAX_CHARS = 4_000;
const MAX_PARTS = 400;
const MAX_DEPTH = 12;

interface Left {
  chars: number;
  parts: number;
  readonly above: Set<object>;
}

const cut = (text: string, left: Left): string => {
  const room = Math.max(0, left.chars);
  left.chars -= text.length;
  return text.length <= room ? text : `${text.slice(0, room)}… [${text.length} characters]`;
};

const isActor = (value: object): value is { readonly id: string; readonly send: unknown } =>
  'send' in value && 'getSnapshot' in value && 'id' in value;

const objectOf = (value: object, left: Left, depth: number): unknown => {
  if (left.above.has(value)) return '[above]';
  if (isActor(value)) return `[actor ${String(value.id)}]`;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? '[no date]' : value.toISOString();
  if (value instanceof Error) return { name: value.name, message: cut(value.message, left) };
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`;
  if (depth >= MAX_DEPTH) return Array.isArray(value) ? '[…]' : '{…}';
  left.above.add(value);
  try {
    if (value instanceof Map) return { '[map]': listOf([...value], left, depth) };
    if (value instanceof Set) return { '[set]': listOf([...value], left, depth) };
    if (Array.isArray(value)) return listOf(value, left, depth);
    const keys = Object.keys(value);
    const out: Record<string, unknown> = {};
    for (const [at, key] of keys.entries()) {
      if (left.parts <= 0 || left.chars <= 0) {
        out['…'] = `${keys.length - at} more`;
        break;
      }
      left.parts -= 1;
      out[key] = partOf(value, key, left, depth);
    }
    return out;
  } finally {
    left.above.delete(value);
  }
};

/** A getter of the app's own may throw; whoever looks on must not. */
const partOf = (value: object, key: string, left: Left, depth: number): unknown => {
  try {
    return walk((value as Readonly<Record<string, unknown>>)[key], left, depth + 1);
  } catch (error) {
    return `[threw ${String(error)}]`;
  }
};

const listOf = (list: readonly unknown[], left: Left, depth: number): readonly unknown[] => {
  const out: unknown[] = [];
  for (const part of list) {
    if (left.parts <= 0 || left.chars <= 0) {
      out.push(`… ${list.length - out.length} more`);
      break;
    }
    left.parts -= 1;
    out.push(walk(part, left, depth + 1));
  }
  return out;
};

const walk = (value: unknown, left: Left, depth: number): unknown => {
  switch (typeof value) {
    case 'string':
      return cut(value, left);
    case 'bigint':
      return `${value}n`;
    case 'function':
      return `[function ${value.name}]`;
    case 'symbol':
      return String(value);
    case 'number':
      return Number.isFinite(value) ? value : String(value);
    case 'object':
      return value === null ? null : objectOf(value, left, depth);
    default:
      return value;
  }
};

export const plain = (value: unknown): unknown =>
  walk(value, { chars: MAX_CHARS, parts: MAX_PARTS, above: new Set() }, 0);
