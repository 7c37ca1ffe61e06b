/**
 * Scripts for the embedded model: `{"turns":[{"items":[…]}]}`, one turn a model request, the last one repeating.
 * Strict: whatever is not understood is named with its path in the file, since a script that is half obeyed misleads.
 */
import * as z from 'zod/mini';

const ms = z.int().check(z.nonnegative());
const item = <const T extends string, S extends z.core.$ZodLooseShape>(type: T, shape: S) =>
  z.readonly(z.strictObject({ type: z.literal(type), ...shape }));

export const ScriptItem = z.discriminatedUnion('type', [
  /** Words; or `deltas` times the same `delta`. `gap_ms` between two deltas. */
  item('text', {
    text: z.optional(z.string()),
    deltas: z.optional(z.int().check(z.positive())),
    delta: z.optional(z.string()),
    gap_ms: z.optional(ms),
  }),
  item('reasoning', { text: z.string(), gap_ms: z.optional(ms) }),
  item('call', { name: z.string(), args: z.record(z.string(), z.unknown()) }),
  item('shell', { command: z.string() }),
  item('patch', { patch: z.string() }),
  /** The wire's own way to fail, in the middle of an answer. */
  item('fail', { code: z.string(), message: z.optional(z.string()) }),
  /** An HTTP error instead of an answer. */
  item('http', {
    status: z.int().check(z.gte(300), z.lte(599)),
    headers: z.optional(z.record(z.string(), z.string())),
    body: z.optional(z.unknown()),
  }),
  /** Silence; without `ms` until somebody gives up. */
  item('stall', { ms: z.optional(ms) }),
  item('disconnect', {}),
]);
export type ScriptItem = z.infer<typeof ScriptItem>;

export const ScriptTurn = z.readonly(z.strictObject({ items: z.readonly(z.array(ScriptItem)) }));
export type ScriptTurn = z.infer<typeof ScriptTurn>;

export const Script = z.readonly(
  z.strictObject({ turns: z.readonly(z.array(ScriptTurn).check(z.minLength(1, 'at least one turn'))) }),
);
export type Script = z.infer<typeof Script>;

export type Loaded =
  | { readonly kind: 'script'; readonly script: Script }
  /** One line for the user: the file, the place in it, what is wrong. */
  | { readonly kind: 'unusable'; readonly message: string };

const pathOf = (path: readonly PropertyKey[]): string =>
  path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
    .replace(/^\./, '');

const KINDS = 'text, reasoning, call, shell, patch, fail, http, stall or disconnect';

const explain = ({ code, path, message }: z.core.$ZodIssue, issue: z.core.$ZodIssue): string => {
  if (code === 'invalid_union') return `${pathOf(path)}: must be ${KINDS}`;
  if (issue.code === 'unrecognized_keys')
    return `${pathOf(path)}: unknown key ${issue.keys.map((k) => `"${k}"`).join(', ')}`;
  return `${pathOf(path) || 'the file'}: ${message}`;
};

export const readScript = (text: string, file: string): Loaded => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { kind: 'unusable', message: `${file}: not JSON: ${error instanceof Error ? error.message : ''}` };
  }
  const parsed = Script.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return { kind: 'unusable', message: `${file}: ${issue === undefined ? 'not a script' : explain(issue, issue)}` };
  }
  for (const [t, turn] of parsed.data.turns.entries())
    for (const [i, { ...item }] of turn.items.entries())
      if (item.type === 'text' && (item.text === undefined) === (item.deltas === undefined))
        return {
          kind: 'unusable',
          message: `${file}: turns[${t}].items[${i}]: a text needs either "text" or "deltas"`,
        };
  return { kind: 'script', script: parsed.data };
};

export const loadScript = async (path: string): Promise<Loaded> => {
  const { readFile } = await import('node:fs/promises');
  try {
    return readScript(await readFile(path, 'utf8'), path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    return { kind: 'unusable', message: `${path}: cannot be read (${code})` };
  }
};
