/** All or nothing, and nothing outside: a patch that fails on its way, and paths that lead elsewhere (R30, R34). */
import { spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { applyPatch, verifyPatch } from './apply.ts';
import { commit } from './commit.ts';
import { createGrip } from './grip.ts';

const base = mkdtempSync(join(tmpdir(), 'patch-transaction-'));
afterAll(() => rmSync(base, { recursive: true }));

/** `in` is the working folder, `out` is not. */
const place = (files: Record<string, string> = {}) => {
  const folder = mkdtempSync(join(base, 'case-'));
  const cwd = join(folder, 'in');
  const out = join(folder, 'out');
  mkdirSync(cwd);
  mkdirSync(out);
  writeFileSync(join(out, 'secret'), 'old\n');
  for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text);
  return { cwd, out, secret: () => readFileSync(join(out, 'secret'), 'utf8') };
};
const patch = (...lines: string[]) => ['*** Begin Patch', ...lines, '*** End Patch'].join('\n');
const update = (path: string) => patch(`*** Update File: ${path}`, '@@', '-old', '+new');

describe('a patch is a transaction (R34, F.4.2)', () => {
  it('writes nothing when the last of many hunks does not fit', () => {
    const { cwd } = place({ a: 'old\n', b: 'b\n' });
    const text = patch('*** Add File: n/e/w', '+x', '*** Delete File: b', '*** Update File: a', '@@', '-none', '+x');
    expect(applyPatch(text, { cwd })).toMatchObject({ kind: 'problem', message: expect.stringContaining('none') });
    expect(readdirSync(cwd).sort()).toEqual(['a', 'b']);
  });

  it('undoes everything when a write fails half-way', () => {
    const { cwd } = place({ a: 'old\n', gone: 'gone\n' });
    // `n` becomes a file and is then needed as a folder: known only while writing.
    const text = patch(
      ...['*** Update File: a', '@@', '-old', '+new', '*** Delete File: gone'],
      ...['*** Add File: x/y/z', '+deep', '*** Add File: n', '+n', '*** Add File: n/m', '+m'],
    );
    const applied = applyPatch(text, { cwd });
    expect(applied).toMatchObject({ kind: 'problem', remedy: 'Nothing was changed.' });
    expect(readdirSync(cwd).sort()).toEqual(['a', 'gone']);
    expect(readFileSync(join(cwd, 'a'), 'utf8')).toBe('old\n');
  });

  it('notices a file that changed between checking and writing', () => {
    const { cwd } = place({ a: 'old\n' });
    const resolved = verifyPatch(update('a'), { cwd });
    writeFileSync(join(cwd, 'a'), 'old\nand more\n');
    expect(resolved.kind === 'resolved' && commit(resolved)).toMatchObject({
      message: expect.stringContaining('somebody else changed it'),
    });
    expect(readFileSync(join(cwd, 'a'), 'utf8')).toBe('old\nand more\n');
    expect(readdirSync(cwd)).toEqual(['a']);
  });

  it('keeps the mode, also when a file moves', () => {
    const { cwd } = place({ run: 'old\n' });
    chmodSync(join(cwd, 'run'), 0o755);
    applyPatch(patch('*** Update File: run', '*** Move to: bin/run', '@@', '-old', '+new'), { cwd });
    expect(statSync(join(cwd, 'bin/run')).mode & 0o777).toBe(0o755);
    expect(existsSync(join(cwd, 'run'))).toBe(false);
  });

  it('moves a file onto itself without losing it', () => {
    const { cwd } = place({ a: 'old\n' });
    applyPatch(patch('*** Update File: a', '*** Move to: ./a', '@@', '-old', '+new'), { cwd });
    expect(readFileSync(join(cwd, 'a'), 'utf8')).toBe('new\n');
  });

  it('sees in a later hunk what an earlier one made (F.4.3)', () => {
    const { cwd } = place({ a: 'old\n' });
    const text = patch(
      ...['*** Update File: a', '*** Move to: b', '@@', '-old', '+one', '*** Update File: b', '@@', '-one', '+two'],
      ...['*** Add File: c', '+c', '*** Delete File: c', '*** Add File: a', '+again'],
    );
    expect(applyPatch(text, { cwd }).kind).toBe('applied');
    expect(readdirSync(cwd).sort()).toEqual(['a', 'b']);
    expect(readFileSync(join(cwd, 'b'), 'utf8')).toBe('two\n');
  });

  it('refuses bytes that are no text, rather than harm them', () => {
    const { cwd } = place();
    writeFileSync(join(cwd, 'a'), Buffer.from([0x6f, 0x6c, 0x64, 0x0a, 0xff]));
    expect(applyPatch(update('a'), { cwd })).toMatchObject({ message: expect.stringContaining('not UTF-8') });
    expect(applyPatch(patch('*** Delete File: a'), { cwd }).kind).toBe('applied');
  });
});

describe('paths that lead elsewhere (R30)', () => {
  it.each([
    ['a link to a file outside', (cwd: string, out: string) => symlinkSync(join(out, 'secret'), join(cwd, 'f')), 'f'],
    [
      'a link through another link',
      (cwd: string, out: string) => {
        symlinkSync('g', join(cwd, 'f'));
        symlinkSync(join(out, 'secret'), join(cwd, 'g'));
      },
      'f',
    ],
    ['a relative link', (cwd: string) => symlinkSync('../out/secret', join(cwd, 'f')), 'f'],
    ['a folder that is a link', (cwd: string, out: string) => symlinkSync(out, join(cwd, 'd')), 'd/secret'],
    [
      'a link that goes in and out',
      (cwd: string) => {
        mkdirSync(join(cwd, 'd'));
        symlinkSync('d/../../out', join(cwd, 'e'));
      },
      'e/secret',
    ],
    ['a loop', (cwd: string) => symlinkSync('f', join(cwd, 'f')), 'f'],
  ])('does not write through %s', (_, make, path) => {
    const { cwd, out, secret } = place({ mine: 'old\n' });
    make(cwd, out);
    for (const text of [
      update(path),
      patch(`*** Add File: ${path}`, '+new'),
      patch('*** Update File: mine', `*** Move to: ${path}`, '@@', '-old', '+new'),
    ])
      expect(applyPatch(text, { cwd })).toMatchObject({
        kind: 'problem',
        message: expect.stringMatching(/^Failed to/),
      });
    expect(secret()).toBe('old\n');
    expect(readdirSync(out)).toEqual(['secret']);
  });

  it('does not make a file through a dangling link, nor delete behind a folder that is a link', () => {
    const { cwd, out } = place();
    symlinkSync(join(out, 'fresh'), join(cwd, 'f'));
    symlinkSync(out, join(cwd, 'd'));
    expect(applyPatch(patch('*** Add File: f', '+x'), { cwd }).kind).toBe('problem');
    expect(applyPatch(patch('*** Delete File: d/secret'), { cwd }).kind).toBe('problem');
    expect(readdirSync(out)).toEqual(['secret']);
  });

  it('follows a link that stays inside, and keeps the link', () => {
    const { cwd } = place({ real: 'old\n' });
    symlinkSync('real', join(cwd, 'f'));
    expect(applyPatch(update('f'), { cwd }).kind).toBe('applied');
    expect(readlinkSync(join(cwd, 'f'))).toBe('real');
    expect(readFileSync(join(cwd, 'real'), 'utf8')).toBe('new\n');
  });

  it('deletes a link, not what it points to', () => {
    const { cwd, out, secret } = place();
    symlinkSync(join(out, 'secret'), join(cwd, 'f'));
    expect(applyPatch(patch('*** Delete File: f'), { cwd }).kind).toBe('applied');
    expect([existsSync(join(cwd, 'f')), secret()]).toEqual([false, 'old\n']);
  });

  it('puts a link back when a later step fails', () => {
    const { cwd, out } = place({ a: 'a\n' });
    symlinkSync(join(out, 'secret'), join(cwd, 'f'));
    const text = patch('*** Delete File: f', '*** Delete File: a', '*** Add File: n', '+n', '*** Add File: n/m', '+m');
    expect(applyPatch(text, { cwd }).kind).toBe('problem');
    expect(lstatSync(join(cwd, 'f')).isSymbolicLink()).toBe(true);
  });

  it('leaves the other name of a hard link alone', () => {
    const { cwd, out, secret } = place();
    linkSync(join(out, 'secret'), join(cwd, 'f'));
    expect(applyPatch(update('f'), { cwd }).kind).toBe('applied');
    expect([readFileSync(join(cwd, 'f'), 'utf8'), secret()]).toEqual(['new\n', 'old\n']);
  });

  it('writes outside where the path says so openly: that is for the planner to judge', () => {
    const { cwd, out, secret } = place();
    expect(applyPatch(update(join(out, 'secret')), { cwd }).kind).toBe('applied');
    expect(applyPatch(patch('*** Update File: ../out/secret', '@@', '-new', '+newer'), { cwd }).kind).toBe('applied');
    expect(secret()).toBe('newer\n');
  });

  it('notices a folder that became a link between checking and writing', () => {
    const { cwd, out } = place();
    mkdirSync(join(cwd, 'd/e'), { recursive: true });
    mkdirSync(join(out, 'e'));
    for (const folder of [cwd + '/d/e', out + '/e']) writeFileSync(join(folder, 'f'), 'old\n');
    const resolved = verifyPatch(update('d/e/f'), { cwd });
    renameSync(join(cwd, 'd'), join(cwd, 'was'));
    symlinkSync(out, join(cwd, 'd'));
    expect(resolved.kind === 'resolved' && commit(resolved)).toMatchObject({ remedy: 'Nothing was changed.' });
    expect(readFileSync(join(out, 'e/f'), 'utf8')).toBe('old\n');
    expect(readdirSync(join(out, 'e'))).toEqual(['f']);
  });

  it.runIf(process.platform === 'linux')(
    'stays in the folder that it holds, whatever takes its name (Linux only)',
    () => {
      const { cwd, out } = place();
      mkdirSync(join(cwd, 'd'));
      const grip = createGrip();
      const held = grip.at(join(cwd, 'd/f'));
      renameSync(join(cwd, 'd'), join(cwd, 'was'));
      symlinkSync(out, join(cwd, 'd'));
      writeFileSync(held, 'x');
      grip.release();
      expect([readdirSync(out), readdirSync(join(cwd, 'was'))]).toEqual([['secret'], ['f']]);
    },
  );

  it('lets nothing out while a folder is swapped for a link all the time', async () => {
    const { cwd, out, secret } = place();
    mkdirSync(join(cwd, 'd'));
    writeFileSync(join(cwd, 'd/secret'), 'old\n');
    const swap = `
      const { renameSync, symlinkSync, unlinkSync, writeSync } = require('node:fs');
      const [, cwd, out] = process.argv;
      process.chdir(cwd);
      for (let round = 0; ; round++) {
        renameSync('d', 'was'); symlinkSync(out, 'd'); unlinkSync('d'); renameSync('was', 'd');
        if (round === 0) writeSync(1, 'ready');
      }`;
    const rival = spawn(process.execPath, ['-e', swap, cwd, out]);
    await new Promise((resolve) => rival.stdout.once('data', resolve));
    const there = update('d/secret');
    const back = there.replace('-old', '-new').replace('+new', '+old');
    for (let round = 0; round < 500; round++) applyPatch(round % 2 ? back : there, { cwd });
    const ended = new Promise((resolve) => rival.once('exit', resolve));
    rival.kill('SIGKILL');
    await ended;
    expect(secret()).toBe('old\n');
    expect(readdirSync(out)).toEqual(['secret']);
  });
});
