/** The commands of the README that need no network do what they say: blocks marked `sh offline` are run, line by line. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { blocksOf, documentText, root } from './documents.ts';

const lines = blocksOf(documentText('README.md'))
  .filter(({ info }) => info === 'sh offline')
  .flatMap(({ code }) => code.trim().split('\n'));

const home = mkdtempSync(join(tmpdir(), 'turnstile-readme-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** `npx` only finds the program; finding it is not what is tested here. */
const run = (line: string) =>
  promisify(execFile)(
    '/bin/sh',
    ['-ec', line.replaceAll('npx turnstile', `"${process.execPath}" "${join(root, 'cli/turnstile.mjs')}"`)],
    {
      cwd: home,
      env: {
        PATH: process.env['PATH'],
        HOME: home,
        TURNSTILE_HOME: join(home, '.turnstile'),
        TURNSTILE_FROM_SOURCE: '1',
      },
    },
  );

describe('the README', () => {
  it('has commands to try', () => expect(lines.length).toBeGreaterThanOrEqual(4));

  it.each(lines)('%s', async (line) => {
    // Without a sandbox `doctor` says so by exit code 1; what it prints is a good answer all the same.
    const { stdout } = await run(line).catch((error: { stdout: string; code: number }) => {
      if (line.endsWith('doctor') && error.code === 1) return error;
      throw error;
    });
    expect(stdout).not.toBe('');
    if (line.includes('say hi')) expect(stdout).toContain('hi');
    if (!line.includes('--json')) return;
    const parsed = stdout
      .trim()
      .split('\n')
      .map((one) => JSON.parse(one) as { readonly type: string });
    expect(parsed.map(({ type }) => type)).toEqual(expect.arrayContaining(['thread.started', 'turn.completed']));
  });
});
