/** R21: any amount of output in bounded memory, with its beginning and its end, and the whole of it in a file. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { createProcesses } from '../../actors/processes/processes.ts';
import { PRINTED_BYTES, PRINTED_CHUNKS } from '../../actors/processes/printed.ts';
import { KEPT_OUTPUT_BYTES, MODEL_OUTPUT_BYTES, SPILL_BYTES } from '../../machines/limits.ts';
import { bash, run, start } from './bench.ts';

const MIB = 1024 * 1024;
const processes = createProcesses();
const folder = mkdtempSync(join(tmpdir(), 'flood-'));
afterAll(() => {
  processes.close();
  rmSync(folder, { recursive: true });
});

interface Flood {
  readonly grewBytes: number;
  readonly ending: unknown;
  readonly keptBytes: number;
  readonly omittedBytes: number;
  readonly end: string;
  readonly spill?: string;
  readonly shown: string;
}
const flood = async (script: string, spillFolder: string): Promise<Flood> => {
  const fixture = join(import.meta.dirname, 'flood.fixture.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [fixture, script, spillFolder]);
  return JSON.parse(stdout) as Flood;
};

describe('R21: bounded output', () => {
  it('1 GiB costs less than 50 MB, and its end is there', async () => {
    const seen = await flood('echo first; head -c 1073741824 /dev/zero; echo; echo last words', folder);
    expect(seen.ending).toEqual({ kind: 'exited', code: 0 });
    expect(seen.grewBytes).toBeLessThan(50 * MIB);
    expect(seen.end).toMatch(/last words\n$/);
    expect(seen.keptBytes).toBeLessThan(KEPT_OUTPUT_BYTES + 100);
    expect(seen.omittedBytes).toBeGreaterThan(1024 * MIB - KEPT_OUTPUT_BYTES);
    expect(Buffer.byteLength(seen.shown)).toBeLessThanOrEqual(MODEL_OUTPUT_BYTES);
    expect(seen.shown).toMatch(/Total output lines: 3\nOutput:\nfirst\n/);
    expect(statSync(seen.spill!).size).toBe(SPILL_BYTES);
    expect(statSync(seen.spill!).mode & 0o777).toBe(0o600);
    rmSync(seen.spill!);
  }, 60_000);

  it('one line of 100 MB costs no more', async () => {
    const seen = await flood(`head -c 100000000 /dev/zero | tr '\\0' x; echo end`, folder);
    expect(seen.grewBytes).toBeLessThan(50 * MIB);
    expect(seen.end).toBe(`${'x'.repeat(16)}end\n`);
    expect(seen.shown).toMatch(
      /\nx+\n\[\.\.\. omitted 0 of 1 lines, \d+ bytes; all of it is in \S+ \.\.\.\]\nx+end\n$/,
    );
    rmSync(seen.spill!);
  });

  it('300 kB: the spill holds all of it, in the order in which it came', async () => {
    const { result, output } = await run(bash('seq 50000'), processes, { spillFolder: folder });
    const whole = Array.from({ length: 50_000 }, (_, i) => `${i + 1}\n`).join('');
    expect(readFileSync(result.spill!, 'utf8')).toBe(whole);
    expect(whole.startsWith(result.output.slice(0, 100_000))).toBe(true);
    expect(whole.endsWith(result.output.slice(-100_000))).toBe(true);
    expect(result.output).toContain(`\n[... ${result.omittedBytes} bytes left out ...]\n`);
    expect(output).toMatch(/Total output lines: 50000\nOutput:\n1\n2\n/);
    expect(output).toMatch(/\n\[\.\.\. omitted \d+ of 50000 lines, .*\n[^]*\n50000\n$/);
  });

  it('what fits is not spilled, and without a folder nothing is', async () => {
    const before = readdirSync(folder).length;
    expect((await run(bash('seq 5000'), processes, { spillFolder: folder })).result.spill).toBeUndefined();
    expect((await run(bash('seq 90000'), processes)).result.spill).toBeUndefined();
    expect(readdirSync(folder)).toHaveLength(before);
  });

  it('a spill that cannot be written is no reason to fail', async () => {
    const { result } = await run(bash('seq 90000'), processes, { spillFolder: '/proc/no/such' });
    expect(result.ending).toEqual({ kind: 'exited', code: 0 });
    expect(result.spill).toBeUndefined();
  });

  it('E.8: what is shown while it runs has an end', async () => {
    const test = start(bash('yes | head -c 20000000'), processes);
    await test.report;
    const shown = test.deltas.reduce((sum, delta) => sum + (delta.type === 'exec.printed' ? delta.chunk.length : 0), 0);
    expect(shown).toBeLessThan(PRINTED_BYTES + 65_536 + 3);
    expect(test.deltas.length).toBeLessThanOrEqual(PRINTED_CHUNKS);
  });

  it('a flood is stopped at once', async () => {
    const test = start(bash('yes'), processes);
    await test.printed('y');
    const asked = performance.now();
    test.send({ type: 'exec.cancel' });
    expect((await test.report).result.ending).toEqual({ kind: 'cancelled', signal: 'SIGTERM' });
    expect(performance.now() - asked).toBeLessThan(500);
  });
});
