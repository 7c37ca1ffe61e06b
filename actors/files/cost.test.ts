/** What a turn costs: beside a plain look at the same files, in the same process, whatever the machine is busy with. */
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createTurns } from './turns.ts';

const [FOLDERS, FILES] = [200, 50];
/** The best of a few: load makes single ones slow. */
const TRIES = 3;
const MAX_RATIO = 10;

const plainWalk = (folder: string): number =>
  readdirSync(folder, { withFileTypes: true }).reduce((sum, entry) => {
    const path = join(folder, entry.name);
    lstatSync(path);
    return sum + (entry.isDirectory() ? plainWalk(path) : 1);
  }, 0);
const best = async (work: (n: number) => unknown): Promise<number> => {
  const times: number[] = [];
  for (let n = 1; n <= TRIES; n++) {
    const from = performance.now();
    await work(n);
    times.push(performance.now() - from);
  }
  return Math.min(...times);
};

it('a turn in 10,000 known files costs a small multiple of a walk through them, and saves nothing again', async () => {
  const base = mkdtempSync(join(tmpdir(), 'files-cost-'));
  onTestFinished(() => rmSync(base, { recursive: true, force: true }));
  const [root, folder] = [join(base, 'work'), join(base, 'saved')];
  for (let d = 0; d < FOLDERS; d++) {
    mkdirSync(join(root, `d${d}`), { recursive: true });
    for (let f = 0; f < FILES; f++) writeFileSync(join(root, `d${d}`, `f${f}`), `${d} ${f}`);
  }
  const count = { names: 0 };
  const turns = createTurns({ folder, without: [], now: Date.now, newName: () => `${++count.names}` });
  const from = performance.now();
  await turns.before('turn-0', [root]);
  const first = performance.now() - from;
  await turns.settle('turn-0');
  const packs = () =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.pack'))
      .map((name) => `${name} ${lstatSync(join(folder, name)).size}`);
  const before = packs();
  expect(plainWalk(root)).toBe(FOLDERS * FILES);
  const walk = await best(() => plainWalk(root));
  const known = await best((n) => turns.before(`turn-${n}`, [root]));
  console.log(
    `10,000 files: walk ${walk.toFixed(0)} ms, known ${known.toFixed(0)} ms (× ${(known / walk).toFixed(1)}), first ${first.toFixed(0)} ms`,
  );
  expect(packs()).toEqual(before);
  expect(before).toHaveLength(1);
  expect(known / walk).toBeLessThan(MAX_RATIO);
});
