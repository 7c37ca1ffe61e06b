/** The model's JSON text → typed arguments, or a sentence that says what to mend. Pure. */
import * as z from 'zod/mini';

export type Arguments<T> =
  { readonly kind: 'arguments'; readonly value: T } | { readonly kind: 'unfit'; readonly mend: string };

/** Problems that are named in one answer. */
const MAX_NAMED = 5;

const nameOf = (path: readonly PropertyKey[]): string =>
  path.length === 0
    ? 'the arguments'
    : '`' +
      path.map((key, index) => (typeof key === 'number' ? `[${key}]` : `${index ? '.' : ''}${String(key)}`)).join('') +
      '`';

const got = (value: unknown): string => {
  if (value === null) return 'null';
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
};

const at = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (inner, key) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, key) : undefined),
    value,
  );

const wants = (issue: z.core.$ZodIssue): string => {
  if (issue.code === 'invalid_type')
    return `must be ${issue.expected === 'int' ? 'a whole number' : `of type ${issue.expected}`}`;
  if (issue.code === 'invalid_value')
    return `must be one of ${issue.values.map((value) => JSON.stringify(value)).join(', ')}`;
  if (issue.code === 'invalid_union') {
    const kinds = issue.errors.flatMap((branch) => branch.filter(({ path }) => path.length === 0).map(wants));
    return kinds.length > 0 ? [...new Set(kinds)].join(' or ') : 'does not fit';
  }
  return issue.message;
};

const sentence = (issues: readonly z.core.$ZodIssue[], value: unknown): string =>
  issues
    .slice(0, MAX_NAMED)
    .map((issue) => `${nameOf(issue.path)} ${wants(issue)}, got ${got(at(value, issue.path))}`)
    .join('; ') + '.';

const parsed = (text: string): { readonly value: unknown } | { readonly reason: string } => {
  try {
    return { value: JSON.parse(text === '' ? '{}' : text) };
  } catch (error) {
    return { reason: error instanceof Error ? error.message : String(error) };
  }
};

export const readArguments = <S extends z.core.$ZodType>(schema: S, text: string): Arguments<z.infer<S>> => {
  const json = parsed(text);
  if ('reason' in json) return { kind: 'unfit', mend: `they are not JSON (${json.reason}). Send one JSON object.` };
  const result = z.safeParse(schema, json.value, { error: () => 'does not fit' });
  return result.success
    ? { kind: 'arguments', value: result.data }
    : { kind: 'unfit', mend: sentence(result.error.issues, json.value) };
};
