/**
 * Two lists of lines → what was removed, what was added. Pure; Myers' greedy algorithm on what is left between the common
 * beginning and end. Always correct, and as short as can be up to MAX_DISTANCE; beyond it the middle is replaced whole.
 */

/** Lines removed plus added that are searched for the shortest way. The search keeps about the square of it in memory. */
export const MAX_DISTANCE = 1_000;

/** `a[aStart..aEnd)` becomes `b[bStart..bEnd)`. In order, never touching each other. */
export interface Change {
  readonly aStart: number;
  readonly aEnd: number;
  readonly bStart: number;
  readonly bEnd: number;
}

export const diffLines = (a: readonly string[], b: readonly string[]): readonly Change[] => {
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let aEnd = a.length;
  let bEnd = b.length;
  while (aEnd > start && bEnd > start && a[aEnd - 1] === b[bEnd - 1]) {
    aEnd--;
    bEnd--;
  }
  if (start === aEnd && start === bEnd) return [];
  const whole = { aStart: start, aEnd, bStart: start, bEnd };
  if (start === aEnd || start === bEnd) return [whole];
  const trace = search(a.slice(start, aEnd), b.slice(start, bEnd));
  return trace === null ? [whole] : walk(trace, aEnd - start, bEnd - start, start);
};

/** For each distance, how far each diagonal reached before it; null: too far apart. */
const search = (a: readonly string[], b: readonly string[]): readonly Int32Array[] | null => {
  const limit = Math.min(a.length + b.length, MAX_DISTANCE);
  const trace: Int32Array[] = [];
  let reached = new Int32Array(3);
  for (let d = 0; d <= limit; d++) {
    trace.push(reached);
    const next = new Int32Array(2 * d + 5);
    for (let k = -d; k <= d; k += 2) {
      let x = isDown(reached, d, k) ? at(reached, d, k + 1) : at(reached, d, k - 1) + 1;
      if (d === 0) x = 0;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++;
      next[k + d + 1] = x;
      if (x >= a.length && x - k >= b.length) return trace;
    }
    reached = next;
  }
  return null;
};

/** Diagonals of distance d - 1 are kept around the index d. */
const at = (reached: Int32Array, d: number, k: number): number => reached[k + d]!;

const isDown = (reached: Int32Array, d: number, k: number): boolean =>
  k === -d || (k !== d && at(reached, d, k - 1) < at(reached, d, k + 1));

/** From the end back to the start; steps that touch become one change. */
const walk = (trace: readonly Int32Array[], aLength: number, bLength: number, offset: number): readonly Change[] => {
  const changes: Change[] = [];
  let x = aLength;
  let y = bLength;
  for (let d = trace.length - 1; d > 0; d--) {
    const reached = trace[d]!;
    const k = x - y;
    const down = isDown(reached, d, k);
    const fromX = at(reached, d, down ? k + 1 : k - 1);
    const fromY = fromX - (down ? k + 1 : k - 1);
    const step = {
      aStart: fromX + offset,
      aEnd: fromX + offset + (down ? 0 : 1),
      bStart: fromY + offset,
      bEnd: fromY + offset + (down ? 1 : 0),
    };
    const later = changes.at(-1);
    if (later && later.aStart === step.aEnd && later.bStart === step.bEnd)
      changes[changes.length - 1] = { ...step, aEnd: later.aEnd, bEnd: later.bEnd };
    else changes.push(step);
    x = fromX;
    y = fromY;
  }
  return changes.reverse();
};
