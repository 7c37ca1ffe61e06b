/** The diff of a turn (C.8), and what the real git makes of it: applied to what was, it gives what is. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { MAX_DIFFED_BYTES } from './sight.ts';
import { createTurnDiff, gitRootOf, MAX_WATCHED } from './turn-diff.ts';

const base = mkdtempSync(join(tmpdir(), 'turn-diff-'));
afterAll(() => rmSync(base, { recursive: true }));
const folder = () => mkdtempSync(join(base, 'case-'));

const write = (root: string, path: string, text: string | Buffer, mode = 0o644) => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  rmSync(join(root, path), { force: true });
  writeFileSync(join(root, path), text);
  chmodSync(join(root, path), mode);
};

const NAMES = ['plain', 'with space', 'sub/dir/x', 'quo"te', 'back\\slash', 'tab\there', 'ünï', 'new\nline'];

const content = fc.oneof(
  fc
    .array(fc.constantFrom('a', 'b', 'c', '', ' d', '-e', '+f', '\\ g', 'é\r'), { maxLength: 12 })
    .map((lines) => lines.join('\n')),
  fc
    .array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 12 })
    .map((lines) => lines.map((line) => `${line}\n`).join('')),
);
type State = null | { link: string } | { text: string; mode: number };
const state: fc.Arbitrary<State> = fc.oneof(
  { weight: 2, arbitrary: fc.constant(null) },
  { weight: 1, arbitrary: fc.record({ link: fc.constantFrom('plain', '/nowhere', 'ünï') }) },
  { weight: 6, arbitrary: fc.record({ text: content, mode: fc.constantFrom(0o644, 0o755) }) },
);
const disk = fc.tuple(...NAMES.map(() => state));

const put = (root: string, path: string, what: State) => {
  if (what === null) return rmSync(join(root, path), { force: true });
  if ('text' in what) return write(root, path, what.text, what.mode);
  write(root, path, '');
  rmSync(join(root, path));
  symlinkSync(what.link, join(root, path));
};

const treeOf = (root: string) =>
  NAMES.map((path) => {
    const stat = lstatSync(join(root, path), { throwIfNoEntry: false });
    if (!stat) return null;
    return stat.isSymbolicLink()
      ? readlinkSync(join(root, path))
      : [readFileSync(join(root, path), 'utf8'), stat.mode & 0o111];
  });

const gitApply = (root: string, diff: string) => {
  const env = { PATH: process.env['PATH'], GIT_CEILING_DIRECTORIES: dirname(root), GIT_CONFIG_GLOBAL: '/dev/null' };
  if (diff !== '') execFileSync('git', ['apply', '--whitespace=nowarn', '-'], { cwd: root, input: diff, env });
};

describe('the diff of a turn (C.8)', () => {
  it('applied by git to what was, gives what is', async () => {
    await fc.assert(
      fc.asyncProperty(disk, disk, fc.constantFrom(null, [0, 1], [2, 3], [4, 5]), async (before, after, move) => {
        const root = folder();
        NAMES.forEach((path, index) => put(root, path, before[index]!));
        const was = folder();
        cpSync(root, was, { recursive: true, verbatimSymlinks: true });
        const turn = createTurnDiff({ root });
        if (move) turn.moves(join(root, NAMES[move[0]!]!), join(root, NAMES[move[1]!]!));
        turn.watch(NAMES.map((path) => join(root, path)));
        NAMES.forEach((path, index) => put(root, path, after[index]!));
        gitApply(was, await turn.diff());
        expect(treeOf(was)).toEqual(treeOf(root));
      }),
      { numRuns: 120 },
    );
  });

  it('C.8.3: has the form of git, sorted by path', async () => {
    const root = folder();
    write(root, 'b', 'one\n');
    write(root, 'gone', 'x\n');
    const turn = createTurnDiff({ root });
    turn.watchChanges(
      ['gone', 'b', 'a'].map((path) => ({ path, kind: 'update', diff: '' })),
      root,
    );
    write(root, 'a', 'new\n', 0o755);
    write(root, 'b', 'two\n');
    rmSync(join(root, 'gone'));
    expect(await turn.diff()).toBe(`diff --git a/a b/a
new file mode 100755
index ${'0'.repeat(40)}..3e757656cf36eca53338e520d134963a44f793f8
--- /dev/null
+++ b/a
@@ -0,0 +1 @@
+new
diff --git a/b b/b
index 5626abf0f72e58d7a153368ba57db4c673c0e171..f719efd430d52bcfc8566a43b2eb655688d38871 100644
--- a/b
+++ b/b
@@ -1 +1 @@
-one
+two
diff --git a/gone b/gone
deleted file mode 100644
index 587be6b4c3f93f93c489c0111bba5596147a26cb..${'0'.repeat(40)}
--- a/gone
+++ /dev/null
@@ -1 +0,0 @@
-x
`);
  });

  it('C.8.1: the first sight counts, and a change that was undone is none (C.8.5)', async () => {
    const root = folder();
    write(root, 'f', 'one\n');
    const turn = createTurnDiff({ root });
    turn.watch([join(root, 'f')]);
    write(root, 'f', 'two\n');
    turn.watch([join(root, 'f')]);
    expect(await turn.diff()).toContain('-one\n+two\n');
    write(root, 'f', 'one\n');
    expect(await turn.diff()).toBe('');
  });

  it('C.8.2: follows a file through its names', async () => {
    const root = folder();
    write(root, 'a', 'one\ntwo\n');
    const turn = createTurnDiff({ root });
    turn.watchChanges([{ path: 'a', kind: 'update', movedTo: 'b', diff: '' }], root);
    renameSync(join(root, 'a'), join(root, 'b'));
    turn.moves(join(root, 'b'), join(root, 'c'));
    renameSync(join(root, 'b'), join(root, 'c'));
    expect(await turn.diff()).toBe('diff --git a/a b/c\nsimilarity index 100%\nrename from a\nrename to c\n');
    write(root, 'c', 'one\n2\n');
    expect(await turn.diff()).toMatch(
      /^diff --git a\/a b\/c\nrename from a\nrename to c\nindex .*\n--- a\/a\n\+\+\+ b\/c\n/,
    );
  });

  it('C.8.4: a move from nowhere is a new file; bytes that are no text differ', async () => {
    const root = folder();
    write(root, 'bin', Buffer.from([0xff, 0]));
    const turn = createTurnDiff({ root });
    turn.moves(join(root, 'nowhere'), join(root, 'there'));
    turn.watch([join(root, 'bin')]);
    write(root, 'there', 'x\n');
    write(root, 'bin', Buffer.from([0xfe, 0]));
    const diff = await turn.diff();
    expect(diff).toContain('Binary files a/bin and b/bin differ\n');
    expect(diff).toContain('diff --git a/there b/there\nnew file mode 100644\n');
  });

  it('has limits: on the size of a file, and on their number', async () => {
    const root = folder();
    write(root, 'large', 'x'.repeat(MAX_DIFFED_BYTES + 1));
    const turn = createTurnDiff({ root });
    turn.watch([join(root, 'large'), ...Array.from({ length: MAX_WATCHED }, (_, index) => join(root, `f${index}`))]);
    write(root, 'large', 'y'.repeat(MAX_DIFFED_BYTES + 2));
    expect(await turn.diff()).toMatch(
      /^# 1 more changed files are not shown\n[^]*Binary files a\/large and b\/large differ\n$/,
    );
  });

  it('finds the root of the repository', () => {
    const root = folder();
    mkdirSync(join(root, '.git'));
    mkdirSync(join(root, 'a/b'), { recursive: true });
    expect(gitRootOf(join(root, 'a/b'))).toBe(root);
    expect(readdirSync(root)).toContain('.git');
  });
});
