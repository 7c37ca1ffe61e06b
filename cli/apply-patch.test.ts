/** The binary as a real process, with nothing in its environment. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const base = mkdtempSync(join(tmpdir(), 'patch-binary-'));
afterAll(() => rmSync(base, { recursive: true }));

const BINARY = join(import.meta.dirname, 'apply-patch.ts');
const PATCH = '*** Begin Patch\n*** Update File: f.txt\n@@\n-old\n+new\n*** End Patch';

const run = (args: readonly string[], input: string | Buffer = '', text = 'old\n') => {
  const cwd = mkdtempSync(join(base, 'case-'));
  writeFileSync(join(cwd, 'f.txt'), text);
  const { status, stdout, stderr } = spawnSync(process.execPath, [BINARY, ...args], { cwd, input, env: {} });
  return { status, out: String(stdout), err: String(stderr), now: readFileSync(join(cwd, 'f.txt'), 'utf8') };
};

describe('apply-patch, the binary (F.4.5)', () => {
  const success = { status: 0, out: 'Success. Updated the following files:\nM f.txt\n', err: '', now: 'new\n' };

  it('takes the patch from standard input', () => expect(run([], PATCH)).toEqual(success));
  it('takes the patch as its argument', () => expect(run([PATCH])).toEqual(success));

  it('exits 1 when the patch does not fit, and quotes what was not found', () => {
    const { status, out, err, now } = run([PATCH], '', 'other\n');
    expect({ status, out, now }).toEqual({ status: 1, out: '', now: 'other\n' });
    expect(err).toMatch(/^Failed to find expected lines in f\.txt:\nold\n/);
    expect(err).toContain('Nothing was changed.');
  });

  it('exits 1 when the text is no patch', () => {
    expect(run(['hello'])).toMatchObject({
      status: 1,
      err: expect.stringMatching(/^Invalid patch: The first line of the patch must be '\*\*\* Begin Patch'\n/),
    });
    expect(run(['*** Begin Patch\n*** Add File: x']).err).toMatch(/^Invalid patch: The last line of the patch must be/);
  });

  it('exits 2 without a patch, and with two', () => {
    expect(run([])).toMatchObject({ status: 2, err: expect.stringContaining('Usage: apply-patch') });
    expect(run([PATCH, PATCH])).toMatchObject({ status: 2, err: expect.stringContaining('exactly one'), now: 'old\n' });
  });

  it('exits 1 for bytes that are not UTF-8', () => {
    expect(run([], Buffer.from([0xff, 0xfe, 0x41])).status).toBe(1);
  });

  it('takes a patch that is too long for an argument', () => {
    const long = `*** Begin Patch\n*** Update File: f.txt\n@@\n-old\n${'+a line that is new\n'.repeat(20_000)}*** End Patch\n`;
    expect(run([], long)).toMatchObject({ status: 0, now: 'a line that is new\n'.repeat(20_000) });
  });

  it('is whole also when it is asked to stop while it writes (R34)', async () => {
    const cwd = mkdtempSync(join(base, 'case-'));
    const count = 400;
    const names = Array.from({ length: count }, (_, index) => `f${index}`);
    const patch = `*** Begin Patch\n${names.map((name) => `*** Add File: ${name}\n+${'x'.repeat(5_000)}\n`).join('')}*** End Patch`;
    const child = spawn(process.execPath, [BINARY], { cwd, env: {}, stdio: ['pipe', 'ignore', 'ignore'] });
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    child.stdin.end(patch);
    while (readdirSync(cwd).length === 0) await new Promise((resolve) => setImmediate(resolve));
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
    expect(readdirSync(cwd).sort()).toEqual(names.sort());
  });
});
