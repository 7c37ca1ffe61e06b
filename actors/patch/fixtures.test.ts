/** Whole patches on real folders. Each fixture: `input/`, `patch.txt`, `expected/`; the trees are compared byte by byte. */
import { cpSync, existsSync, globSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { applyPatch } from './apply.ts';
import { onStderr } from './patch.ts';

const FIXTURES = join(import.meta.dirname, '../../test/fixtures/patch');

const base = mkdtempSync(join(tmpdir(), 'patch-'));
afterAll(() => rmSync(base, { recursive: true }));

const treeOf = (folder: string): Record<string, string> =>
  Object.fromEntries(
    globSync('**/*', { cwd: folder })
      .filter((file) => statSync(join(folder, file)).isFile())
      .concat(readdirSync(folder).filter((name) => name.startsWith('.')))
      .sort()
      .map((file) => [file, readFileSync(join(folder, file), 'latin1')]),
  );

const run = (name: string) => {
  const cwd = mkdtempSync(join(base, 'case-'));
  const input = join(FIXTURES, name, 'input');
  if (existsSync(input)) cpSync(input, cwd, { recursive: true });
  const applied = applyPatch(readFileSync(join(FIXTURES, name, 'patch.txt'), 'utf8'), { cwd });
  return { cwd, applied };
};

const REJECTED: Readonly<Record<string, string>> = {
  '005-rejects-empty-patch': 'No files were modified.',
  '006-rejects-missing-context': 'Failed to find expected lines in keep.txt:\nlost\n',
  '007-rejects-delete-of-missing-file': 'Failed to delete file nowhere.txt',
  '008-rejects-empty-update': "Invalid patch hunk on line 2: Update file hunk for path 'keep.txt' is empty",
  '009-rejects-update-of-missing-file': 'Failed to read file to update nowhere.txt',
  '012-rejects-delete-of-folder': 'Failed to delete file box',
  '013-rejects-unknown-header':
    "Invalid patch hunk on line 2: '*** Frobnicate File: keep.txt' is not a valid hunk header. Valid hunk headers: '*** Add File: {path}', '*** Delete File: {path}', '*** Update File: {path}'",
  '015-failure-changes-nothing': 'Failed to read file to update nowhere.txt',
};

describe('patch fixtures (F.6)', () => {
  const names = readdirSync(FIXTURES).sort();

  it('are all there', () => {
    expect(names.filter((name) => name.startsWith('0')).length).toBe(23);
  });

  it.each(names)('%s', (name) => {
    const { cwd, applied } = run(name);
    const expected = join(FIXTURES, name, 'expected');
    expect(treeOf(cwd)).toEqual(existsSync(expected) ? treeOf(expected) : {});
    const rejection = REJECTED[name];
    if (rejection === undefined) expect(applied.kind).toBe('applied');
    else expect(applied.kind === 'problem' ? onStderr(applied) : 'applied').toContain(rejection);
  });

  it('F.4.4: says what was done, in the order adds, modifies, deletes', () => {
    const { applied } = run('002-several-operations');
    expect(applied).toEqual({
      kind: 'applied',
      report: 'Success. Updated the following files:\nA new.txt\nM song.txt\nD old.txt\n',
    });
    const moved = run('004-move-to-new-folder').applied;
    expect(moved.kind === 'applied' && moved.report).toContain('\nM b/c/y.txt\n');
  });
});
