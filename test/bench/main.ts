/**
 * `npm run bench`: what the program costs beside what it is built on, measured in turn on this machine. Only the ratios mean
 * something elsewhere.
 *
 *   --rounds N    how often each is measured (default 7)
 *   --json FILE   the rows, to compare with others
 *   --guard       exit code 1 if a ratio has grown by more than the margin; few rounds, and again where one is over
 */
import { writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { asLine, isOver, type Row } from './row.ts';
import { measureMicro } from './micro.ts';
import { measureWhole } from './whole.ts';

const ROUNDS = 7;
const ROUNDS_OF_GUARD = 3;
const TRIES = 3;

const { values } = parseArgs({
  options: { rounds: { type: 'string' }, json: { type: 'string' }, guard: { type: 'boolean', default: false } },
});
const rounds = Number(values.rounds ?? (values.guard ? ROUNDS_OF_GUARD : ROUNDS));
const load = () => (loadavg()[0] ?? 0).toFixed(1);

const measure = async (): Promise<readonly Row[]> => [...(await measureMicro()), ...(await measureWhole(rounds))];
/** What was lower once is how fast it is; only what is over each time has become slower. */
const better = (before: readonly Row[], now: readonly Row[]): readonly Row[] =>
  before.map((row) => {
    const again = now.find(({ name }) => name === row.name);
    return again !== undefined && again.ratio < row.ratio ? again : row;
  });

const began = load();
let rows = await measure();
for (let tries = 1; values.guard && tries < TRIES && rows.some(isOver); tries++) rows = better(rows, await measure());

console.log(`node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, load ${began} → ${load()}`);
for (const row of rows) console.log(asLine(row));
if (values.json !== undefined)
  writeFileSync(values.json, `${JSON.stringify({ node: process.version, rounds, rows }, null, 2)}\n`);
if (values.guard && rows.some(isOver)) process.exitCode = 1;
