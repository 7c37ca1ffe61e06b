/**
 * Deliberate faults in a copy of the machines; the stories of chance must notice each, or else the named tests.
 * `node test/machines/mutation.ts [part of a name | from-to]` prints who noticed what, and ends with 1 where a fault went
 * unnoticed; `0-9` takes the first ten faults.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FAULTS } from './faults.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const only = process.argv[2] ?? '';
const range = /^(\d+)-(\d+)$/.exec(only);
const chosen = FAULTS.filter(({ name }, n) =>
  range === null ? name.includes(only) : n >= Number(range[1]) && n <= Number(range[2]),
);
const VITEST = join(ROOT, 'node_modules/vitest/vitest.mjs');
/** For one look at one fault. Milliseconds. */
const PATIENCE_MS = 30_000;
const copy = mkdtempSync(join(tmpdir(), 'mutation-'));
for (const part of [
  'machines',
  'sandbox',
  'actors',
  'test/machines',
  'test/properties',
  'package.json',
  'tsconfig.json',
])
  cpSync(join(ROOT, part), join(copy, part), { recursive: true });
symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));

const survivors: string[] = [];
try {
  for (const { name, file, from, to } of chosen) {
    const path = join(copy, 'machines', file);
    const text = readFileSync(path, 'utf8');
    if (!text.includes(from)) {
      survivors.push(`${name} (the text is not there any more)`);
      console.log(`??      ${name}`);
      continue;
    }
    writeFileSync(path, text.replace(from, to));
    const look = (...args: readonly string[]) =>
      spawnSync(process.execPath, args, { cwd: copy, encoding: 'utf8', timeout: PATIENCE_MS });
    const told = look(join(copy, 'test/properties/search.ts'));
    const tested = told.status === 0 ? look(VITEST, 'run', '--root', copy, 'test/machines', 'machines') : null;
    writeFileSync(path, text);
    const { status, stdout, stderr } = tested ?? told;
    const why = `${stdout}${stderr}`.split('\n').find((line) => /Error|broken|FAIL/.test(line)) ?? '';
    if (status === 0) survivors.push(name);
    const mark = status === 0 ? 'MISSED' : tested === null ? 'story ' : 'test  ';
    console.log(`${mark}  ${name}  ${why.trim().slice(0, 110)}`);
  }
} finally {
  rmSync(copy, { recursive: true, force: true });
}
console.log(survivors.length === 0 ? 'all were caught' : `survivors:\n  ${survivors.join('\n  ')}`);
process.exitCode = survivors.length === 0 ? 0 : 1;
