/**
 * What changed in a context. Machines share what they do not change, so that equal parts are recognised by identity and
 * the cost is that of the change. Pure.
 */

export interface Change {
  readonly op: 'set' | 'add' | 'drop';
  readonly path: string;
  readonly value?: unknown;
}

/** Characters of one changed value that are kept; the whole of it is in the journal. */
export const MAX_VALUE_CHARS = 4_000;
const MAX_CHANGES = 60;

/** Small values as they are; of a large one its beginning, as text. */
export const preview = (value: unknown): unknown => {
  const text = JSON.stringify(value);
  if (text === undefined || text.length <= MAX_VALUE_CHARS) return value;
  return `${text.slice(0, MAX_VALUE_CHARS)}… [${text.length} characters]`;
};

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const walk = (before: unknown, after: unknown, path: string, out: Change[]): void => {
  if (Object.is(before, after) || out.length >= MAX_CHANGES) return;
  const at = (key: string | number) => (path === '' ? String(key) : `${path}.${key}`);
  if (Array.isArray(before) && Array.isArray(after)) {
    const shared = Math.min(before.length, after.length);
    for (let n = 0; n < shared; n += 1) walk(before[n], after[n], at(n), out);
    for (let n = shared; n < after.length; n += 1) out.push({ op: 'add', path: at(n), value: preview(after[n]) });
    if (before.length > shared) out.push({ op: 'drop', path: `${path} from ${shared}` });
    return;
  }
  if (isObject(before) && isObject(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
      if (!(key in after)) out.push({ op: 'drop', path: at(key) });
      else if (!(key in before)) out.push({ op: 'add', path: at(key), value: preview(after[key]) });
      else walk(before[key], after[key], at(key), out);
    }
    return;
  }
  out.push({ op: 'set', path, value: preview(after) });
};

export const changesBetween = (before: unknown, after: unknown): readonly Change[] => {
  const out: Change[] = [];
  walk(before, after, '', out);
  return out.slice(0, MAX_CHANGES);
};
