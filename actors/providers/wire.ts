/**
 * What the wires have in common when they write a request: items as text that is made once, calls and results in pairs,
 * tool names and schemas that every server accepts.
 */
import type { ContextItem, Item, ResultItem } from '../../machines/protocol/index.ts';
import type { ToolSpec } from './provider.ts';

/** Longest tool name that every server accepts. Characters. */
const TOOL_NAME_CHARS = 64;

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** Items are immutable, so what they look like on the wire is made once: a history of thousands costs a join. */
export const remember = <T extends object>(write: (item: T) => string): ((item: T) => string) => {
  const written = new WeakMap<T, string>();
  return (item) => {
    const known = written.get(item);
    if (known !== undefined) return known;
    const text = write(item);
    written.set(item, text);
    return text;
  };
};

/** Words of the runtime travel as the user's, marked so that neither side takes them for such. */
export const contextText = ({ about, text }: ContextItem): string =>
  text.startsWith('<') ? text : `<${about}>\n${text}\n</${about}>`;

export const summaryText = (text: string): string =>
  `<summary>\nThe conversation so far was summarised:\n${text}\n</summary>`;

/** What a result says to the model when nobody wrote it down. Only a damaged history comes to this. */
export const UNKNOWN_RESULT = 'The result of this call was lost.';

/**
 * The history with what every server demands: each call is answered exactly once, and nothing is answered that was not
 * called. `results` are looked up by call, so that they can stand directly after it.
 */
export const pair = (items: readonly Item[]) => {
  const called = new Set<string>();
  const results = new Map<string, ResultItem>();
  for (const item of items) {
    if (item.type === 'call') called.add(item.callId);
    else if (item.type === 'result' && called.has(item.callId) && !results.has(item.callId))
      results.set(item.callId, item);
  }
  return results;
};

/** Letters, digits, `_` and `-` only, and not too long; different names stay different. */
export const toolName = (name: string): string => {
  const plain = name.replace(/[^a-zA-Z0-9_-]/g, '_');
  if (plain === name && name.length <= TOOL_NAME_CHARS) return name;
  let hash = 5381;
  for (let i = 0; i < name.length; i++) hash = ((hash * 33) ^ name.charCodeAt(i)) >>> 0;
  const suffix = `_${hash.toString(36)}`;
  return plain.slice(0, TOOL_NAME_CHARS - suffix.length) + suffix;
};

/** From the name on the wire back to ours. */
export const namesOf = (tools: readonly ToolSpec[]): ((wireName: string) => string) => {
  const ours = new Map(tools.map(({ name }) => [toolName(name), name]));
  return (wireName) => ours.get(wireName) ?? wireName;
};

/** Annotations of JSON Schema that some server rejects and no model needs. */
const DROPPED: ReadonlySet<string> = new Set(['$schema', '$id', '$comment', '~standard', 'examples', 'readOnly']);

const strip = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(strip);
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !DROPPED.has(key))
      .map(([key, inner]) => [
        key,
        // Below `properties` the keys are names of arguments, and `examples` may be one.
        key === 'properties' && isRecord(inner)
          ? Object.fromEntries(Object.entries(inner).map(([name, schema]) => [name, strip(schema)]))
          : strip(inner),
      ]),
  );
};

/** Arguments are always an object, with properties, however the tool described them. */
export const toolSchema = (parameters: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> => {
  const stripped = strip(parameters);
  const schema = isRecord(stripped) ? stripped : {};
  return { ...schema, type: 'object', properties: isRecord(schema['properties']) ? schema['properties'] : {} };
};

/** JSON text of arguments; a model that says nothing means no arguments. */
export const argsText = (args: string): string => (args.trim() === '' ? '{}' : args);
