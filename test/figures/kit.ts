/** Small words of everything that is measured here. */
import { readdirSync } from 'node:fs';

export interface Row {
  readonly what: string;
  readonly figure: string;
}

export const middle = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** Milliseconds of the processor, of all threads of this process. */
export const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};

const collect = globalThis.gc;
/** Bytes that are alive. Exact only with `--expose-gc`, which `npm run figures` gives. */
export const aliveBytes = async (): Promise<number> => {
  for (let n = 0; n < 3; n++) {
    collect?.();
    await new Promise(setImmediate);
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
};

export const descriptors = (): number => readdirSync('/proc/self/fd').length;
export const rounded = (value: number, digits = 0): string =>
  value.toLocaleString('en', { maximumFractionDigits: digits, minimumFractionDigits: digits });
