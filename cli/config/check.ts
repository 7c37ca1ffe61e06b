/** Is this layer well formed? A wrong type is fatal and names its place; an unknown key is only a warning. Pure. */
import * as z from 'zod/mini';
import { nearest } from '../nearest.ts';
import { ConfigFile } from './keys.ts';
import { at, dotted, isTree, type Tree } from './tree.ts';

const unwrapped = (schema: unknown): unknown =>
  schema instanceof z.ZodMiniOptional ? unwrapped(schema._zod.def.innerType) : schema;

/** Keys for which the schema has no line, with what was probably meant. */
const unknownKeys = (schema: unknown, value: unknown, path: readonly PropertyKey[]): readonly string[] => {
  const inner = unwrapped(schema);
  if (Array.isArray(value))
    return inner instanceof z.ZodMiniArray
      ? value.flatMap((part, at) => unknownKeys(inner._zod.def.element, part, [...path, at]))
      : [];
  if (!isTree(value)) return [];
  if (inner instanceof z.ZodMiniRecord)
    return Object.entries(value).flatMap(([key, part]) => unknownKeys(inner._zod.def.valueType, part, [...path, key]));
  if (!(inner instanceof z.ZodMiniObject)) return [];
  const shape: Readonly<Record<string, unknown>> = inner._zod.def.shape;
  return Object.entries(value).flatMap(([key, part]) => {
    if (Object.hasOwn(shape, key)) return unknownKeys(shape[key], part, [...path, key]);
    const close = nearest(key, Object.keys(shape));
    const hint = close === null ? '' : ` (did you mean ${dotted([...path, close])}?)`;
    return [`unknown key ${dotted([...path, key])}${hint}`];
  });
};

const shown = (value: unknown): string => {
  if (value === undefined) return 'missing';
  const words = JSON.stringify(value) ?? String(value);
  return words.length > 80 ? `${words.slice(0, 77)}…` : words;
};

const expectation = (issue: z.core.$ZodIssue): string => {
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${{ record: 'a table', object: 'a table', array: 'a list', int: 'a whole number' }[String(issue.expected)] ?? `a ${issue.expected}`}`;
    case 'invalid_value':
      return `expected one of ${issue.values.map(String).join(', ')}`;
    case 'too_small':
      return `expected a number of at least ${String(issue.minimum)}`;
    case 'invalid_union':
      return 'expected true, false, "off", "loopback", "on" or a list of hosts'; // the only union in the schema
    default:
      return issue.message || 'not understood';
  }
};

export interface Checked {
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

export const check = (layer: Tree, origin: string): Checked => {
  const result = ConfigFile.safeParse(layer);
  const issues = result.success ? [] : result.error.issues;
  return {
    problems: issues.map(
      (issue) => `${origin}: ${dotted(issue.path)} is ${shown(at(layer, issue.path))}; ${expectation(issue)}`,
    ),
    warnings: unknownKeys(ConfigFile, layer, []).map((words) => `${origin}: ${words}`),
  };
};
