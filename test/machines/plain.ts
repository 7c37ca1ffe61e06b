/**
 * The named tests without their runner: what a file of tests says is collected and run on the spot. For a worker that has
 * changed a machine before anything was loaded, and wants to know only whether somebody notices.
 */
import { chai } from 'vitest';

interface Named {
  readonly name: string;
  readonly run: () => unknown;
}

const found: Named[] = [];
const around: string[] = [];

export const expect = chai.expect;

const named = (name: string, run: () => unknown): void => void found.push({ name: [...around, name].join(' › '), run });

const eachOf =
  <R>(tell: (name: string, run: () => unknown) => R) =>
  (rows: readonly unknown[]) =>
  (name: string, run: (...row: readonly unknown[]) => unknown): void => {
    for (const row of rows) tell(name, () => (Array.isArray(row) ? run(...row) : run(row)));
  };

const group = (name: string, body: () => unknown): void => {
  around.push(name);
  try {
    body();
  } catch (error) {
    // A story told outside of a test: the tests that wanted it fail.
    named('(told before its tests)', () => {
      throw error;
    });
  }
  around.pop();
};

export const it = Object.assign(named, { each: eachOf(named) });
export const test = it;
export const describe = Object.assign(group, { each: eachOf(group) });

/** The first of them that fails, in words; null: all hold. */
export const firstFailure = async (): Promise<string | null> => {
  for (const { name, run } of found)
    try {
      await run();
    } catch (error) {
      return `${name}: ${String(error).split('\n')[0]}`;
    }
  return null;
};
export const howMany = (): number => found.length;
