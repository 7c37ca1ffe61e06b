/** A flag that takes a whole number from 0; what is none is a UsageError. */
import { UsageError } from './mode.ts';

export const countOf = (flag: string, given: string | undefined): number | undefined => {
  if (given === undefined) return undefined;
  if (!/^\d{1,9}$/.test(given)) throw new UsageError(`${flag}: ${JSON.stringify(given)} is no count`);
  return Number(given);
};
