/**
 * Deliberate faults in a copy of the machines; the stories must notice each. `node test/machines/mutation.ts [part of a name]`
 * prints who noticed what, and ends with 1 where a fault went unnoticed.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FAULTS } from './faults.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const only = process.argv[2] ?? '';
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
  for (const { name, file, from, to } of FAULTS.filter((fault) => fault.name.includes(only))) {
    const path = join(copy, 'machines', file);
    const text = readFileSync(path, 'utf8');
    if (!text.includes(from)) {
      survivors.push(`${name} (the text is not there any more)`);
      console.log(`??      ${name}`);
      continue;
    }
    writeFileSync(path, text.replace(from, to));
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(copy, 'test/properties/search.ts')], {
      encoding: 'utf8',
      timeout: 60_000,
    });
    writeFileSync(path, text);
    const why = `${stdout}${stderr}`.split('\n').find((line) => /Error|broken/.test(line)) ?? '';
    if (status === 0) survivors.push(name);
    console.log(`${status === 0 ? 'MISSED' : 'caught'}  ${name}  ${why.trim().slice(0, 110)}`);
  }
} finally {
  rmSync(copy, { recursive: true, force: true });
}
console.log(survivors.length === 0 ? 'all were caught' : `survivors:\n  ${survivors.join('\n  ')}`);
process.exitCode = survivors.length === 0 ? 0 : 1;
