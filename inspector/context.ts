/**
 * The context of an actor at any row, put together from what changed at each of its steps. Every so many steps the whole
 * of it is kept, so that a jump costs no more than the steps since then. Pure but for what it keeps.
 */
import { keysIn, type Change } from './diff.ts';

/** Steps from one kept context to the next. */
export const KEY_EVERY = 1_000;

type Plain = Readonly<Record<string, unknown>>;

const without = (whole: Plain, key: string): Plain =>
  Object.fromEntries(Object.entries(whole).filter(([name]) => name !== key));

const changed = (value: unknown, keys: readonly string[], { op, value: next }: Change): unknown => {
  const [key, ...rest] = keys;
  if (key === undefined) return next;
  if (Array.isArray(value)) {
    if (key === 'length' && rest.length === 0) return value.slice(0, Number(next));
    const copy: unknown[] = [...value];
    copy[Number(key)] = changed(copy[Number(key)], rest, { op, path: '', value: next });
    return copy;
  }
  const whole = typeof value === 'object' && value !== null ? (value as Plain) : {};
  if (op === 'drop' && rest.length === 0) return without(whole, key);
  return { ...whole, [key]: changed(whole[key], rest, { op, path: '', value: next }) };
};

export const applied = (context: unknown, changes: readonly Change[]): unknown =>
  changes
    .filter(({ op }) => op !== 'more')
    .reduce((whole, change) => changed(whole, keysIn(change.path), change), context);

/** `steps`: what changed, step by step. The answer is for the context after the step of this number, from 0. */
export const createContexts = (steps: readonly (readonly Change[])[]): ((step: number) => unknown) => {
  const kept: unknown[] = [];
  const keyOf = (key: number): unknown => {
    for (let n = kept.length; n <= key; n += 1)
      kept[n] = n === 0 ? {} : steps.slice((n - 1) * KEY_EVERY, n * KEY_EVERY).reduce<unknown>(applied, kept[n - 1]);
    return kept[key];
  };
  return (step) => {
    const key = Math.floor((step + 1) / KEY_EVERY);
    return steps.slice(key * KEY_EVERY, step + 1).reduce<unknown>(applied, keyOf(key));
  };
};
