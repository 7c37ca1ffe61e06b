/** What a turn says it changed, live (C.8): in git's own form, against what is on the disk when the turn ends. */
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Turn } from '../model-server/scenario.ts';
import { judge } from './judge.ts';
import { live, say, shell, type Live } from './stage.ts';

const open: Live[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});
const patch = (...lines: readonly string[]): Turn => ({
  items: [{ type: 'patch', patch: ['*** Begin Patch', ...lines, '*** End Patch', ''].join('\n') }],
});
const git = (cwd: string, ...args: readonly string[]) =>
  execFileSync('git', ['-C', cwd, ...args], { encoding: 'utf8' });

const begin = async (...turns: readonly Turn[]): Promise<Live> => {
  const on = await live({ turns: [...turns, say('done')] });
  open.push(on);
  return on;
};
const diffOf = async (on: Live): Promise<string> => {
  await on.say('go');
  expect(await on.ended()).toMatchObject({ type: 'turn.completed' });
  judge(on);
  return on.of('turn.diffed').at(-1)?.diff ?? '';
};

describe('the diff of a turn', () => {
  it('C.8.3: git applies it to the state before, and gets the state after', async () => {
    const on = await begin(
      patch(
        '*** Update File: a.txt',
        '@@',
        '-one',
        '+two',
        '*** Add File: new.txt',
        '+fresh',
        '*** Delete File: old.txt',
      ),
      patch('*** Update File: from.txt', '*** Move to: deep/to.txt', '@@', '-kept', '+moved'),
      shell('echo formatted >> a.txt'),
    );
    const work = join(on.folder, 'work');
    mkdirSync(work);
    for (const [name, text] of [
      ['a.txt', 'one\n'],
      ['old.txt', 'old\n'],
      ['from.txt', 'x\nkept\ny\n'],
    ] as const)
      writeFileSync(join(on.folder, name), text);
    for (const name of ['a.txt', 'old.txt', 'from.txt']) cpSync(join(on.folder, name), join(work, name));
    const diff = await diffOf(on);
    expect(diff).toMatch(/^diff --git a\/a\.txt b\/a\.txt$/m);
    expect(diff).toMatch(/^deleted file mode 100644$/m);
    expect(diff).toMatch(/^rename to deep\/to\.txt$/m);
    git(work, 'init', '-q');
    writeFileSync(join(on.folder, 'd.patch'), diff);
    git(work, 'apply', join(on.folder, 'd.patch'));
    for (const name of ['a.txt', 'new.txt', 'deep/to.txt'])
      expect(readFileSync(join(work, name), 'utf8')).toBe(readFileSync(join(on.folder, name), 'utf8'));
    expect([existsSync(join(work, 'old.txt')), existsSync(join(work, 'from.txt'))]).toEqual([false, false]);
  });

  it('shows what a command made of a patched file: another mode, bytes that are no text', async () => {
    const on = await begin(
      patch('*** Update File: run.sh', '@@', '-echo', '+echo hi', '*** Update File: data', '@@', '-text', '+more'),
      shell(`chmod +x run.sh; printf '\\377\\000' > data`),
    );
    writeFileSync(join(on.folder, 'run.sh'), 'echo\n');
    writeFileSync(join(on.folder, 'data'), 'text\n');
    chmodSync(join(on.folder, 'run.sh'), 0o644);
    const diff = await diffOf(on);
    expect(diff).toMatch(/^old mode 100644\nnew mode 100755$/m);
    expect(diff).toMatch(/^Binary files a\/data and b\/data differ$/m);
  });

  it('is silent when a command undoes the patch, when the patch fails, and when only commands changed files', async () => {
    const undone = await begin(patch('*** Add File: a', '+x'), shell('rm a'));
    expect(await diffOf(undone)).toBe('');
    const failed = await begin(patch('*** Update File: nothing', '@@', '-x', '+y'));
    expect(await diffOf(failed)).toBe('');
    const commands = await begin(shell('echo x > b'));
    expect(await diffOf(commands)).toBe('');
  });

  it('names files from the root of the repository, also those in a repository inside it', async () => {
    const on = await begin(patch('*** Add File: inner/a', '+x', '*** Add File: b', '+y'));
    git(on.folder, 'init', '-q');
    mkdirSync(join(on.folder, 'inner'));
    git(join(on.folder, 'inner'), 'init', '-q');
    const diff = await diffOf(on);
    expect([...diff.matchAll(/^diff --git a\/(\S+)/gm)].map(([, path]) => path)).toEqual(['b', 'inner/a']);
  });

  it('an interrupted turn tells it as well', async () => {
    const on = await begin(patch('*** Add File: a', '+x'), shell('echo up; sleep 30'));
    await on.say('go');
    await on.nth('exec.printed');
    await on.interrupt();
    expect(await on.ended()).toMatchObject({ type: 'turn.aborted' });
    expect(on.of('turn.diffed').map(({ diff }) => diff)).toEqual([expect.stringContaining('+x')]);
    judge(on);
  });
});
