/** What one line of a journal is, without believing more than the envelope. */

/** Written into each head. A change that old readers would misread raises it, and adds a line to `migrate.ts`. */
export const JOURNAL_VERSION = 1;

type Plain = Readonly<Record<string, unknown>>;

export type Line =
  | { readonly kind: 'head'; readonly version: number; readonly value: Plain }
  | { readonly kind: 'record'; readonly seq: number; readonly value: Plain }
  | { readonly kind: 'bad'; readonly why: string };

const isPlain = (value: unknown): value is Plain =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) > 0;

export const parseLine = (text: string): Line => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { kind: 'bad', why: 'not JSON' };
  }
  if (!isPlain(value) || typeof value['kind'] !== 'string') return { kind: 'bad', why: 'no kind' };
  if (value['kind'] === 'session') {
    const version = value['v'];
    return isCount(version) ? { kind: 'head', version, value } : { kind: 'bad', why: 'a head without a version' };
  }
  if (!isCount(value['seq']) || typeof value['t'] !== 'number') return { kind: 'bad', why: 'no seq or no t' };
  return { kind: 'record', seq: value['seq'], value };
};
