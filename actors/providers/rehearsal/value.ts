/** The plainest value that a JSON Schema allows: what a model without thoughts answers where a shape is demanded. */
import { isRecord } from '../wire.ts';

const MAX_DEPTH = 12;

export const valueFor = (schema: unknown, word: string, depth = 0): unknown => {
  if (!isRecord(schema) || depth > MAX_DEPTH) return null;
  if ('const' in schema) return schema['const'];
  if (Array.isArray(schema['enum'])) return schema['enum'][0] as unknown;
  for (const key of ['anyOf', 'oneOf', 'allOf']) {
    const branches = schema[key];
    if (Array.isArray(branches)) return valueFor(branches[0], word, depth + 1);
  }
  const type: unknown = Array.isArray(schema['type']) ? schema['type'][0] : schema['type'];
  switch (type) {
    case 'string':
      return word.slice(0, typeof schema['maxLength'] === 'number' ? schema['maxLength'] : undefined);
    case 'integer':
    case 'number':
      return typeof schema['minimum'] === 'number' ? schema['minimum'] : 0;
    case 'boolean':
      return false;
    case 'null':
      return null;
    case 'array':
      return Array.from({ length: typeof schema['minItems'] === 'number' ? schema['minItems'] : 0 }, () =>
        valueFor(schema['items'], word, depth + 1),
      );
    default: {
      const properties = isRecord(schema['properties']) ? schema['properties'] : {};
      return Object.fromEntries(
        Object.entries(properties).map(([key, inner]) => [key, valueFor(inner, word, depth + 1)]),
      );
    }
  }
};
