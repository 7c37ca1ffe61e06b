/**
 * Replays each journal that a run of the tests left behind: whatever they were about, the machines must tell the same
 * story again. A home that holds a file `damaged` was spoilt on purpose, and is counted, not replayed.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { blobsOf, readJournal } from '../../actors/journal/reader.ts';
import { replay } from '../../actors/replay/replay.ts';

export interface Verdicts {
  readonly identical: number;
  /** Of homes that were spoilt on purpose. */
  readonly damaged: number;
  /** Said with the reason: a gap, or a head that was never written. */
  readonly unreplayable: readonly string[];
  readonly diverged: readonly string[];
}

const isJournal = (path: string): boolean => /(^|\/)sessions\/\d{4}\/\d\d\/\d\d\/[^/]+\.jsonl$/.test(path);
const homeOf = (file: string): string => file.slice(0, file.lastIndexOf('/sessions/'));

export const replayEvery = (root: string): Verdicts => {
  const sums = { identical: 0, damaged: 0, unreplayable: [] as string[], diverged: [] as string[] };
  for (const name of readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(isJournal)) {
    const file = join(root, name);
    const home = homeOf(file);
    if (existsSync(join(home, 'damaged'))) {
      sums.damaged += 1;
      continue;
    }
    const verdict = replay(readJournal(file, { blobs: blobsOf(home) }));
    if (verdict.kind === 'identical') sums.identical += 1;
    if (verdict.kind === 'unreplayable') sums.unreplayable.push(`${name}: ${verdict.why}`);
    if (verdict.kind === 'diverged') {
      const { seq, what, recorded, replayed } = verdict.divergence;
      sums.diverged.push(`${file}: ${what} at seq ${seq}\n  ${JSON.stringify({ recorded, replayed })}`);
    }
  }
  return sums;
};
