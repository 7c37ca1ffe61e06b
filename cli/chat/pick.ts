/** Lets a person choose from a list by its number. Without a person, the list is the answer and nothing is chosen. */
import { createInterface } from 'node:readline/promises';
import { UsageError } from '../mode.ts';
import { oneLine } from '../render/strip.ts';
import type { Streams } from '../streams.ts';

export const pickOne = async (rows: readonly string[], streams: Streams): Promise<number> => {
  const list = rows.map((row, i) => `${String(i + 1).padStart(3)}  ${oneLine(row)}`).join('\n');
  if (!streams.isInTty || !streams.isOutTty) throw new UsageError(`which one? (--last takes the first)\n${list}`);
  streams.out(`${list}\n`);
  const lines = createInterface({ input: streams.stdin, output: streams.stdout });
  try {
    const answer = (await lines.question(`which one? 1–${rows.length}, Enter takes the first: `)).trim();
    const at = answer === '' ? 1 : Number(answer);
    if (!Number.isInteger(at) || at < 1 || at > rows.length) throw new UsageError(`there is no number ${answer}`);
    return at - 1;
  } finally {
    lines.close();
  }
};
