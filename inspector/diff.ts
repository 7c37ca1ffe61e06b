/**
 * What changed in a context. Machines share what they do not change, so that equal parts are recognised by identity and
 * the cost is that of the change; of an app that copies everything, a bounded part is looked at. Pure.
 */
import { plain } from './plain.ts';

/** `more`: there may be further changes; nobody looked. */
export interface Change {
  readonly op: 'set' | 'add' | 'drop' | 'more';
  /** Keys joined by dots; a dot within a key has a backslash before it. A list that became shorter is told by its `length`. */
  readonly path: string;
  readonly value?: unknown;
}

const MAX_CHANGES = 60;
const MAX_DEPTH = 12;
/** Parts of two contexts that are compared at one step. */
const MAX_VISITS = 20_000;

type Plain = Readonly<Record<string, unknown>>;

/** Objects of classes are looked at as one value: what they hide is their own. */
const isObject = (value: unknown): value is Plain => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};

const at = (path: string, key: string | number): string => {
  const word = String(key).replaceAll('.', String.raw`\.`);
  return path === '' ? word : `${path}.${word}`;
};

export const keysIn = (path: string): readonly string[] =>
  path === '' ? [] : path.split(/(?<!\\)\./).map((key) => key.replaceAll(String.raw`\.`, '.'));

interface Search {
  readonly out: Change[];
  visits: number;
}

const walk = (before: unknown, after: unknown, path: string, depth: number, search: Search): void => {
  const { out } = search;
  search.visits += 1;
  if (Object.is(before, after) || out.length >= MAX_CHANGES || search.visits > MAX_VISITS) return;
  if (depth < MAX_DEPTH && Array.isArray(before) && Array.isArray(after)) {
    const shared = Math.min(before.length, after.length);
    for (let n = 0; n < shared; n += 1) walk(before[n], after[n], at(path, n), depth + 1, search);
    for (let n = shared; n < after.length && out.length < MAX_CHANGES; n += 1)
      out.push({ op: 'add', path: at(path, n), value: plain(after[n]) });
    if (before.length > shared) out.push({ op: 'set', path: at(path, 'length'), value: shared });
    return;
  }
  if (depth < MAX_DEPTH && isObject(before) && isObject(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
      if (!(key in after)) out.push({ op: 'drop', path: at(path, key) });
      else if (!(key in before)) out.push({ op: 'add', path: at(path, key), value: plain(after[key]) });
      else walk(before[key], after[key], at(path, key), depth + 1, search);
    }
    return;
  }
  out.push({ op: 'set', path, value: plain(after) });
};

export const changesBetween = (before: unknown, after: unknown): readonly Change[] => {
  const search: Search = { out: [], visits: 0 };
  walk(before, after, '', 0, search);
  const { out, visits } = search;
  const isWhole = out.length <= MAX_CHANGES && visits <= MAX_VISITS;
  return isWhole ? out : [...out.slice(0, MAX_CHANGES), { op: 'more', path: '' }];
};
