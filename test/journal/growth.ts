/**
 * What a session costs as it grows: `node test/journal/growth.ts [TURNS…]`, a table with a row for each size. Opening is
 * measured in a process of its own, memory included; appending over the last tenth of the turns.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resumeJournal } from '../../actors/journal/resume.ts';
import { createRedactor } from '../../actors/journal/secrets.ts';
import { createJournal, type NewHead } from '../../actors/journal/writer.ts';
import { rememberedOf } from '../../actors/saved.ts';
import { head, turn } from './records.ts';

const redactor = createRedactor({ salt: 'growth' });
const now = Date.now;

const write = (home: string, turns: number): { readonly file: string; readonly microsPerTurn: number } => {
  const grown: NewHead = head;
  const journal = createJournal({ home, id: 'growth', head: grown, now, redactor });
  const from = Math.floor(turns * 0.9);
  let start = performance.now();
  for (let n = 1; n <= turns; n++) {
    if (n === from + 1) start = performance.now();
    for (const record of turn(n)) journal.append(record);
  }
  const microsPerTurn = ((performance.now() - start) / (turns - from)) * 1_000;
  journal.close();
  return { file: journal.file, microsPerTurn };
};

/** In a process that does nothing else. */
const open = (home: string, file: string): void => {
  const before = process.memoryUsage().rss;
  const start = performance.now();
  const found = resumeJournal({ home, file, head, now, redactor });
  if (found.kind !== 'resumed') throw new Error(found.kind);
  const { history } = rememberedOf(found.folded, found.closing, 1_000);
  const ms = performance.now() - start;
  console.log(JSON.stringify({ ms, rss: process.memoryUsage().rss - before, items: history.length }));
  found.journal.close();
};

const [first, ...rest] = process.argv.slice(2);
if (first === 'open') open(rest[0] ?? '', rest[1] ?? '');
else {
  console.log('  turns  bytes/turn  append µs/turn    open ms  µs/turn     rss MiB');
  for (const turns of (first === undefined ? ['100', '1000', '10000'] : [first, ...rest]).map(Number)) {
    const home = mkdtempSync(join(tmpdir(), 'turnstile-growth-'));
    const { file, microsPerTurn } = write(home, turns);
    const told = execFileSync(process.execPath, [import.meta.filename, 'open', home, file], { encoding: 'utf8' });
    const { ms, rss } = JSON.parse(told) as { readonly ms: number; readonly rss: number };
    const cells = [turns, statSync(file).size / turns, microsPerTurn, ms, (ms * 1_000) / turns, rss / 2 ** 20];
    const widths = [7, 12, 16, 11, 9, 12];
    console.log(cells.map((cell, at) => cell.toFixed(at === 5 || at === 3 ? 1 : 0).padStart(widths[at] ?? 8)).join(''));
    rmSync(home, { recursive: true });
  }
}
