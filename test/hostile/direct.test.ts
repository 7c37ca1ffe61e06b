/** R22, R27: where nothing confines a command, it is ended all the same, and nobody is left: as root and as an ordinary user. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { direct, NOT_BY_DIRECT } from './attempts/direct.ts';

const NOBODY = { uid: 65534, gid: 65534 };
const isRoot = process.getuid?.() === 0;
const users = isRoot ? (['root', 'ordinary'] as const) : (['ordinary'] as const);
const program = new URL('./direct.fixture.ts', import.meta.url).pathname;
const table: string[] = [];

describe.skipIf(process.platform !== 'linux')('Direct against', () => {
  afterAll(() => console.log(['attempts that were ended under Direct:', ...table].join('\n')));

  it.each(users)('killing and reaping, %s', { timeout: 300_000 }, async (user) => {
    const { stdout } = await promisify(execFile)(process.execPath, [program], {
      ...(user === 'ordinary' && isRoot ? NOBODY : {}),
      env: { PATH: process.env['PATH'], TMPDIR: '/tmp' },
      cwd: '/',
    });
    const told = stdout
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as { readonly name: string; readonly broken: string | null });
    const broken = told.filter((one) => one.broken !== null);
    const open = broken.filter(({ name }) => name in NOT_BY_DIRECT);
    table.push(
      `  ${`killing and reaping, direct, ${user}`.padEnd(44)} ${told.length - broken.length} of ${direct.length}`,
    );
    for (const { name } of open) table.push(`    open: ${name}: ${NOT_BY_DIRECT[name]}`);
    expect(broken.filter((one) => !open.includes(one))).toEqual([]);
    expect(told.map(({ name }) => name)).toEqual(direct.map(({ name }) => name));
  });
});
