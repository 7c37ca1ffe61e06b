import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { MAX_FILE_BYTES } from './limits.ts';
import { createTurns, type Turns } from './turns.ts';

const newStage = () => {
  const base = realpathSync(mkdtempSync(join(tmpdir(), 'files-')));
  onTestFinished(() => {
    execFileSync('chmod', ['-R', 'u+rwx', base]);
    rmSync(base, { recursive: true, force: true });
  });
  const [root, folder] = [join(base, 'work'), join(base, 'home', 'files')];
  mkdirSync(root);
  const count = { names: 0 };
  const begin = () =>
    createTurns({
      folder,
      without: [join(base, 'home')],
      now: Date.now,
      newName: () => `${Date.now()}-${++count.names}`,
    });
  return { base, root, folder, begin, at: (...path: readonly string[]) => join(root, ...path) };
};
const never = new AbortController().signal;
const turn = async (turns: Turns, n: number, root: string, work: () => void) => {
  await turns.before(`turn-${n}`, [root]);
  work();
  await turns.settle(`turn-${n}`);
};

/** Everything below a folder that a rewind promises to bring back. */
const picture = (folder: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .sort()
      .map((name) => {
        const path = join(folder, name);
        const stats = lstatSync(path);
        const mode = (stats.mode & 0o7777).toString(8);
        if (stats.isSymbolicLink()) return [name, `-> ${readlinkSync(path)}`];
        return [name, stats.isDirectory() ? `${mode} folder` : `${mode} ${readFileSync(path, 'base64')}`];
      }),
  );

describe('a turn that is taken back', () => {
  it('brings back what was created, changed, deleted, renamed, linked, and had another mode', async () => {
    const { root, at, begin } = newStage();
    mkdirSync(at('deep', 'er'), { recursive: true });
    for (const name of ['changed', 'gone', 'from', 'mode', 'deep/er/inner', 'becomes-folder'])
      writeFileSync(at(name), `${name} before\n`);
    symlinkSync('changed', at('link'));
    mkdirSync(at('becomes-file'));
    const before = picture(root);
    const turns = begin();
    await turn(turns, 1, root, () => {
      writeFileSync(at('changed'), 'after');
      rmSync(at('gone'));
      renameSync(at('from'), at('to'));
      chmodSync(at('mode'), 0o751);
      rmSync(at('deep'), { recursive: true });
      mkdirSync(at('new', 'folder'), { recursive: true });
      writeFileSync(at('new', 'folder', 'file'), Buffer.from([0, 255, 10]));
      rmSync(at('link'));
      symlinkSync('/etc/passwd', at('link'));
      rmSync(at('becomes-folder'));
      mkdirSync(at('becomes-folder'));
      writeFileSync(at('becomes-folder', 'x'), 'x');
      rmSync(at('becomes-file'), { recursive: true });
      writeFileSync(at('becomes-file'), 'file');
    });
    const { restored, kept, notCovered } = await turns.restore(1, never);
    expect({ kept, notCovered }).toEqual({ kept: [], notCovered: [] });
    expect(picture(root)).toEqual(before);
    expect(restored.length).toBeGreaterThan(10);
    expect(await turns.restore(1, never)).toEqual({ restored: [], kept: [], notCovered: [] });
  });

  it('goes two turns back, also in another life, and only as far as it is told', async () => {
    const { root, at, begin } = newStage();
    writeFileSync(at('a'), '0');
    const turns = begin();
    await turn(turns, 1, root, () => writeFileSync(at('a'), '1'));
    await turn(turns, 2, root, () => writeFileSync(at('a'), '2'));
    await turn(turns, 3, root, () => writeFileSync(at('b'), '3'));
    await begin().restore(3, never);
    expect(picture(root)).toEqual({ a: `644 ${btoa('2')}` });
    await begin().restore(1, never);
    expect(readFileSync(at('a'), 'utf8')).toBe('0');
  });

  it('keeps what somebody else has changed since, or between two turns, and names it', async () => {
    const { root, at, begin } = newStage();
    for (const name of ['later', 'between', 'mine']) writeFileSync(at(name), '0');
    const turns = begin();
    await turn(turns, 1, root, () => {
      for (const name of ['later', 'between', 'mine']) writeFileSync(at(name), '1');
      mkdirSync(at('folder'));
    });
    writeFileSync(at('between'), 'hand');
    await turn(turns, 2, root, () => writeFileSync(at('between'), '2'));
    writeFileSync(at('later'), 'hand');
    writeFileSync(at('folder', 'my own'), 'hand');
    const { kept } = await turns.restore(1, never);
    expect(kept.map(({ path }) => path).sort()).toEqual([at('between'), at('folder'), at('later')]);
    expect(['later', 'between', 'mine'].map((name) => readFileSync(at(name), 'utf8'))).toEqual(['hand', 'hand', '0']);
    expect(readFileSync(at('folder', 'my own'), 'utf8')).toBe('hand');
  });

  it('never writes through a link that took the place of a folder', async () => {
    const { base, root, at, begin } = newStage();
    mkdirSync(at('folder'));
    writeFileSync(at('folder', 'file'), 'before');
    const turns = begin();
    await turn(turns, 1, root, () => writeFileSync(at('folder', 'file'), 'after'));
    const outside = join(base, 'outside');
    renameSync(at('folder'), outside); // the very same file, with the very same contents
    symlinkSync(outside, at('folder'));
    const { restored, kept } = await turns.restore(1, never);
    expect(restored).toEqual([]);
    expect(kept.map(({ path }) => path)).toContain(at('folder', 'file'));
    expect(readFileSync(join(outside, 'file'), 'utf8')).toBe('after');
  });

  it('replaces a link that stands for a file, and leaves alone what it leads to', async () => {
    const { base, root, at, begin } = newStage();
    writeFileSync(join(base, 'secret'), 'secret');
    writeFileSync(at('file'), 'before');
    const turns = begin();
    await turn(turns, 1, root, () => {
      rmSync(at('file'));
      symlinkSync(join(base, 'secret'), at('file'));
    });
    expect((await turns.restore(1, never)).kept).toEqual([]);
    expect([readFileSync(at('file'), 'utf8'), readFileSync(join(base, 'secret'), 'utf8')]).toEqual([
      'before',
      'secret',
    ]);
  });

  it('says what it does not cover: large files, folders it skips, a turn whose end nobody saw', async () => {
    const { root, at, begin } = newStage();
    mkdirSync(at('node_modules'));
    writeFileSync(at('large'), Buffer.alloc(MAX_FILE_BYTES + 1));
    const turns = begin();
    await turn(turns, 1, root, () => {
      writeFileSync(at('large'), 'small');
      writeFileSync(at('new large'), Buffer.alloc(MAX_FILE_BYTES + 1));
      writeFileSync(at('node_modules', 'x'), 'x');
    });
    await turns.before('turn-2', [root]);
    const { notCovered, restored, kept } = await begin().restore(1, never);
    expect(notCovered).toEqual([
      `${at('large')} (its contents were not saved)`,
      'turn-2: its end was not seen',
      `${at('node_modules')} (never looked into)`,
    ]);
    expect({ restored, kept }).toEqual({ restored: [at('new large')], kept: [] });
    expect(existsSync(at('node_modules', 'x'))).toBe(true);
  });

  it('stops where it is when there is no time left, and can be asked again', async () => {
    const { root, at, begin } = newStage();
    const turns = begin();
    await turn(turns, 1, root, () => writeFileSync(at('new'), 'x'));
    expect(await turns.restore(1, AbortSignal.abort())).toMatchObject({ restored: [], kept: [{ path: at('new') }] });
    expect((await turns.restore(1, never)).restored).toEqual([at('new')]);
  });

  it('is not fooled by a change that keeps the size and the time of a file', async () => {
    const { root, at, begin } = newStage();
    writeFileSync(at('a'), 'one');
    const turns = begin();
    await turn(turns, 1, root, () =>
      execFileSync('sh', ['-c', 'cp -p a b && printf two > a && touch -r b a && rm b'], { cwd: root }),
    );
    await turns.restore(1, never);
    expect(readFileSync(at('a'), 'utf8')).toBe('one');
  });
});

describe('any two turns', () => {
  const name = fc.constantFrom('a', 'b', 'd/a', 'd/b', 'd/e/a', 'link');
  const deed = fc.record({
    name,
    what: fc.constantFrom('write', 'append', 'remove', 'mode', 'folder', 'link', 'rename'),
    to: name,
    text: fc.constantFrom('', 'x', 'y'),
  });
  type Deed = typeof deed extends fc.Arbitrary<infer T> ? T : never;
  const act = (root: string, { name: from, what, to, text }: Deed): void => {
    const [path, other] = [join(root, from), join(root, to)];
    const deeds: Readonly<Record<Deed['what'], () => void>> = {
      write: () => writeFileSync(path, text),
      append: () => appendFileSync(path, text),
      remove: () => rmSync(path, { recursive: true }),
      mode: () => chmodSync(path, 0o700),
      folder: () => mkdirSync(path, { recursive: true }),
      link: () => symlinkSync('nowhere', path),
      rename: () => renameSync(path, other),
    };
    try {
      deeds[what]();
    } catch {
      // not every deed is possible in every place
    }
  };

  it('leave nothing behind when both are taken back', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(deed, { maxLength: 4 }),
        fc.array(deed, { maxLength: 4 }),
        fc.array(deed, { maxLength: 4 }),
        async (setUp, first, second) => {
          const { root, begin } = newStage();
          for (const one of setUp) act(root, one);
          const before = picture(root);
          const turns = begin();
          await turn(turns, 1, root, () => first.forEach((one) => act(root, one)));
          await turn(turns, 2, root, () => second.forEach((one) => act(root, one)));
          expect((await turns.restore(1, never)).kept).toEqual([]);
          expect(picture(root)).toEqual(before);
        },
      ),
      { numRuns: 40 },
    );
  });
});
