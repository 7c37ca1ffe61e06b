/** `--output-schema`: the file is read before anything runs, the final message is held against it afterwards. */
import { readFileSync } from 'node:fs';
import { isTree, type Tree } from './config/tree.ts';
import { UsageError } from './mode.ts';

export const readSchema = (file: string): Tree => {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(
      `--output-schema: cannot read ${file} (${error instanceof Error ? error.message : String(error)})`,
    );
  }
  let schema: unknown;
  try {
    schema = JSON.parse(text);
  } catch {
    throw new UsageError(`--output-schema: ${file} is not JSON`);
  }
  if (!isTree(schema)) throw new UsageError(`--output-schema: ${file} is not a JSON object`);
  return schema;
};

/** zod looks for required names among the properties only; so each that has no schema of its own gets the one that fits all. */
const withRequired = (schema: unknown): unknown => {
  if (Array.isArray(schema)) return schema.map(withRequired);
  if (!isTree(schema)) return schema;
  const inner = Object.fromEntries(
    Object.entries(schema).map(([key, part]) => [
      key,
      ['const', 'default', 'enum', 'examples', 'required'].includes(key) ? part : withRequired(part),
    ]),
  );
  const { required, properties = {} } = inner;
  if (!Array.isArray(required) || !isTree(properties)) return inner;
  const missing = required.filter((name) => typeof name === 'string' && !Object.hasOwn(properties, name));
  if (missing.length === 0) return inner;
  return { ...inner, properties: { ...properties, ...Object.fromEntries(missing.map((name) => [name, {}])) } };
};

export type Validator = (message: string) => string | null;

/** Loads the whole of zod, so only for those who ask. The validator answers with the first thing that is wrong, or null. */
export const compileSchema = async (schema: Tree, file: string): Promise<Validator> => {
  const z = await import('zod');
  let compiled: ReturnType<typeof z.fromJSONSchema>;
  try {
    compiled = z.fromJSONSchema(withRequired(schema) as Tree);
  } catch (error) {
    throw new UsageError(`--output-schema: ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
  return (message) => {
    let value: unknown;
    try {
      value = JSON.parse(message);
    } catch {
      return 'the final message is not JSON';
    }
    const result = compiled.safeParse(value);
    const issue = result.success ? undefined : result.error.issues[0];
    return issue === undefined
      ? null
      : `the final message does not match: ${issue.path.join('.') || 'at the top'}: ${issue.message}`;
  };
};
