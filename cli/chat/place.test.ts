import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { placeOf, tilde } from './place.ts';

describe('the place', () => {
  it.each([
    ['/home/a', '/home/a', '~'],
    ['/home/a/b', '/home/a', '~/b'],
    ['/home/ab', '/home/a', '/home/ab'],
    ['/x', '/', '/x'],
  ])('%s at home in %s', (path, home, shown) => {
    expect(tilde(path, home)).toBe(shown);
  });

  it('names the branch, a bare commit, and the branch of a worktree', () => {
    const root = mkdtempSync(join(tmpdir(), 'turnstile-place-'));
    expect(placeOf(root, root)).toBe('~');
    mkdirSync(join(root, '.git/worktrees/w'), { recursive: true });
    mkdirSync(join(root, 'w/deep'), { recursive: true });
    writeFileSync(join(root, '.git/HEAD'), 'ref: refs/heads/fix/this\n');
    expect(placeOf(root, root)).toBe('~ ⎇ fix/this');
    writeFileSync(join(root, '.git/HEAD'), '0123456789abcdef\n');
    expect(placeOf(root, root)).toBe('~ ⎇ 01234567');
    writeFileSync(join(root, '.git/worktrees/w/HEAD'), 'ref: refs/heads/w\n');
    writeFileSync(join(root, 'w/.git'), `gitdir: ${join(root, '.git/worktrees/w')}\n`);
    expect(placeOf(join(root, 'w/deep'), root)).toBe('~/w/deep ⎇ w');
  });
});
