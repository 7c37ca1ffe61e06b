/** R31: mount points are taken away by the last process that stands on them, and by the next one where that was killed. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createResidue } from './residue.ts';

const base = mkdtempSync(join(tmpdir(), 'residue-'));
afterAll(() => rmSync(base, { recursive: true }));

const place = () => {
  const folder = mkdtempSync(join(base, 'case-'));
  return { marks: join(folder, 'marks'), path: join(folder, '.codex'), other: join(folder, '.git') };
};

const PROGRAM = `
import { mkdirSync } from 'node:fs';
import { createResidue } from ${JSON.stringify(join(import.meta.dirname, 'residue.ts'))};
const [marks, path] = process.argv.slice(1);
const leave = createResidue(marks).expect([path]);
mkdirSync(path, { recursive: true });
console.log('ready');
process.stdin.once('data', () => { leave(); process.exit(); });
`;
/** Another process that runs something which stands on the path; it leaves when it is written to. */
const another = async (marks: string, path: string): Promise<ChildProcess> => {
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', PROGRAM, marks, path], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return child;
};
const finish = async (child: ChildProcess, how: 'leave' | 'SIGKILL') => {
  const gone = once(child, 'exit');
  if (how === 'leave') child.stdin?.write('x');
  else child.kill('SIGKILL');
  await gone;
};

describe.skipIf(process.platform !== 'linux')('mount points (R31)', () => {
  it('stay while another process needs them, whoever made them', async () => {
    const { marks, path } = place();
    const leave = createResidue(marks).expect([path]);
    mkdirSync(path);
    const child = await another(marks, path);
    leave();
    expect(existsSync(path)).toBe(true);
    await finish(child, 'leave');
    expect(existsSync(path)).toBe(false);
    expect(readdirSync(marks)).toEqual([]);
  });

  it('of a process that was killed go with the next command, or by a sweep', async () => {
    const { marks, path, other } = place();
    await finish(await another(marks, path), 'SIGKILL');
    expect(existsSync(path)).toBe(true);
    createResidue(marks).expect([other])();
    expect(existsSync(path)).toBe(false);

    await finish(await another(marks, path), 'SIGKILL');
    createResidue(marks).sweep();
    expect([existsSync(path), readdirSync(marks)]).toEqual([false, []]);
  });

  it('of a killed process stay while somebody living stands on them', async () => {
    const { marks, path } = place();
    const child = await another(marks, path);
    const leave = createResidue(marks).expect([path]);
    await finish(child, 'SIGKILL');
    createResidue(marks).sweep();
    expect(existsSync(path)).toBe(true);
    leave();
    expect(existsSync(path)).toBe(false);
  });

  it('a folder of the user, or one that is not empty, is never taken', () => {
    const { marks, path, other } = place();
    mkdirSync(path);
    const leave = createResidue(marks).expect([path, other]);
    mkdirSync(other);
    writeFileSync(join(other, 'HEAD'), 'x');
    leave();
    leave();
    expect([existsSync(path), existsSync(other)]).toEqual([true, true]);
  });

  it('without a folder of our own each takes what it made', () => {
    const { path } = place();
    const leave = createResidue('/proc/none').expect([path]);
    mkdirSync(path);
    leave();
    expect(existsSync(path)).toBe(false);
  });
});
