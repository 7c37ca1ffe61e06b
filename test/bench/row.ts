/** One figure, as a ratio to a baseline that was measured in turn with it, and how much it may be. */
export interface Row {
  readonly name: string;
  /** In words: what, and beside what. */
  readonly what: string;
  readonly ratio: number;
  readonly ours: number;
  readonly baseline: number;
  readonly unit: string;
}

/** A ratio as it was measured on two shared cores, and by how much more it has become slower, not unlucky. */
interface Expected {
  readonly ratio: number;
  readonly margin: number;
}

/** Time is measured in time of the processor, and still depends on who shares its caches. */
const TIME = 0.35;
const MEMORY = 0.1;
/** The same on every machine. */
const COUNT = 0.05;

export const EXPECTED: Readonly<Record<string, Expected>> = {
  version: { ratio: 1.1, margin: TIME },
  turn: { ratio: 3.4, margin: TIME },
  calls: { ratio: 4.2, margin: TIME },
  deltas: { ratio: 2.7, margin: TIME },
  memory: { ratio: 1.75, margin: MEMORY },
  parts: { ratio: 1, margin: COUNT },
  events: { ratio: 1.2, margin: TIME },
  delta: { ratio: 2.3, margin: TIME },
};

export const limitOf = (name: string): number => {
  const expected = EXPECTED[name];
  return expected === undefined ? Infinity : expected.ratio * (1 + expected.margin);
};
export const isOver = ({ name, ratio }: Row): boolean => !(ratio <= limitOf(name));

/** One of the lowest: what others do on the machine only ever adds. */
export const typical = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 3)] ?? NaN;

export const asLine = (row: Row): string => {
  const { name, what, ratio, ours, baseline, unit } = row;
  const limit = limitOf(name);
  return [
    `${isOver(row) ? '✖' : '✔'} ${name.padEnd(8)} ${ratio.toFixed(2).padStart(6)} ×`,
    `(at most ${limit.toFixed(2)})`,
    `${ours.toFixed(1)} : ${baseline.toFixed(1)} ${unit}`.padEnd(24),
    what,
  ].join('  ');
};
