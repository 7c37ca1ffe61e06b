/**
 * Deliberate faults in the machines, each in a worker of its own: who notices it, the named tests, the stories of chance
 * or a short walk. `node test/machines/mutation.ts [part of a name | from-to]` prints a table and ends with 1 where a fault
 * went unnoticed; `0-9` tries the first ten faults.
 */
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { FAULTS, JUDGE_NAMES, type Fault } from './faults.ts';
import { isCaught, tryFault, type Trial } from './trial.ts';

const WORKERS = 2;
const only = process.argv[2] ?? '';
const range = /^(\d+)-(\d+)$/.exec(only);
const chosen = FAULTS.filter(({ name }, n) =>
  range === null ? name.includes(only) : n >= Number(range[1]) && n <= Number(range[2]),
);
if (chosen.length === 0) throw new Error(`no fault is called ${only}`);

const NAME_WIDTH = 54;
const MARK_WIDTH = 9;
const WHY_WIDTH = 100;
const rowOf = (name: string, { noticed, spoilt }: Trial): string => {
  const marks = JUDGE_NAMES.map((judge) => (noticed[judge] === undefined ? '·' : '×').padStart(MARK_WIDTH)).join('');
  const why = spoilt === null ? (Object.values(noticed)[0] ?? 'nobody notices') : `?? ${spoilt}`;
  return `${name.padEnd(NAME_WIDTH)}${marks}  ${why.slice(0, WHY_WIDTH)}`;
};

/** Whoever edits meanwhile edits something else: all trials see the same files. */
const PARTS = ['machines', 'sandbox', 'actors', 'test/machines', 'test/properties', 'package.json'] as const;
const root = fileURLToPath(new URL('../../', import.meta.url));
const copy = mkdtempSync(join(tmpdir(), 'turnstile-faults-'));
process.once('exit', () => rmSync(copy, { recursive: true, force: true }));
for (const part of PARTS) cpSync(join(root, part), join(copy, part), { recursive: true });
symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
const home = pathToFileURL(`${copy}/`);

const started = performance.now();
console.log(`${''.padEnd(NAME_WIDTH)}${JUDGE_NAMES.map((judge) => judge.padStart(MARK_WIDTH)).join('')}`);
const whole = await tryFault(null, { home });
console.log(rowOf('(no fault)', whole));

const survivors: string[] = [];
const caught: Trial[] = [];
const waiting = [...chosen];
const work = async (): Promise<void> => {
  for (let fault: Fault | undefined = waiting.shift(); fault !== undefined; fault = waiting.shift()) {
    const trial = await tryFault(fault, { home });
    console.log(rowOf(fault.name, trial));
    if (isCaught(trial)) caught.push(trial);
    else survivors.push(`${fault.name}${trial.spoilt === null ? '' : ` (${trial.spoilt})`}`);
  }
};
await Promise.all(Array.from({ length: WORKERS }, work));

const by = JUDGE_NAMES.map(
  (judge) => `${judge} ${caught.filter(({ noticed }) => noticed[judge] !== undefined).length}`,
);
const seconds = ((performance.now() - started) / 1_000).toFixed(0);
console.log(`${caught.length} of ${chosen.length} faults were noticed in ${seconds} s (${by.join(', ')})`);
if (survivors.length > 0) console.log(`survivors:\n  ${survivors.join('\n  ')}`);
process.exitCode = survivors.length === 0 && Object.keys(whole.noticed).length === 0 && whole.spoilt === null ? 0 : 1;
