/** Which steps of two stories are the same ones: the longest run of inputs that both have in this order. Pure. */
import type { Row } from './story.ts';

/** Cells of the table that is filled; above it only what both begin with is paired. */
const MAX_CELLS = 4_000_000;

const wordOf = (row: Row | undefined): string => (row === undefined ? '' : `${row.from} ${row.type}`);

const inputsOf = (rows: readonly Row[]): readonly number[] =>
  rows.flatMap(({ kind }, row) => (kind === 'input' ? [row] : []));

/** Pairs of places, ascending on both sides. */
export type Pair = readonly [here: number, there: number];

export const aligned = (here: readonly Row[], there: readonly Row[]): readonly Pair[] => {
  const [left, right] = [inputsOf(here), inputsOf(there)];
  const isSame = (i: number, j: number): boolean => wordOf(here[left[i] ?? -1]) === wordOf(there[right[j] ?? -1]);
  const pair = (i: number, j: number): Pair => [left[i] ?? 0, right[j] ?? 0];
  if (left.length * right.length > MAX_CELLS) {
    let shared = 0;
    while (shared < Math.min(left.length, right.length) && isSame(shared, shared)) shared += 1;
    return Array.from({ length: shared }, (_, n) => pair(n, n));
  }
  // How many more pairs there can be from here on; filled from the end.
  const width = right.length + 1;
  const table = new Uint32Array((left.length + 1) * width);
  const most = (i: number, j: number): number => table[i * width + j] ?? 0;
  for (let i = left.length - 1; i >= 0; i -= 1)
    for (let j = right.length - 1; j >= 0; j -= 1)
      table[i * width + j] = isSame(i, j) ? most(i + 1, j + 1) + 1 : Math.max(most(i + 1, j), most(i, j + 1));
  const pairs: Pair[] = [];
  for (let i = 0, j = 0; i < left.length && j < right.length;)
    if (isSame(i, j)) pairs.push(pair(i++, j++));
    else if (most(i + 1, j) >= most(i, j + 1)) i += 1;
    else j += 1;
  return pairs;
};
