import { dirname, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SandboxPolicy } from './policy.ts';
import { HOST } from './request.fixture.ts';
import type { Kind, Look } from './look.ts';
import { lookAround, type SurveyOptions } from './terrain.ts';

/** A disk from a list of paths: `a/` is a folder, `a -> b` a link, `a = text` a file. */
const diskOf = (...entries: readonly string[]): Look => {
  const nodes = new Map<string, { kind: Kind; text: string }>([['/', { kind: 'folder', text: '' }]]);
  const folders = (path: string): void => {
    if (nodes.has(path)) return;
    folders(dirname(path));
    nodes.set(path, { kind: 'folder', text: '' });
  };
  for (const entry of entries) {
    const [path = '', text = ''] = entry.split(/ (?:->|=) /);
    folders(path.endsWith('/') ? path.slice(0, -1) : dirname(path));
    if (!path.endsWith('/')) nodes.set(path, { kind: entry.includes(' -> ') ? 'link' : 'file', text });
  }
  const realpath = (path: string, hops = 0): string | null => {
    if (hops > 40) return null;
    if (path === '/') return '/';
    const parent = realpath(dirname(path), hops + 1);
    const here = parent === null ? null : resolve(parent, path.slice(path.lastIndexOf('/') + 1));
    const node = here === null ? undefined : nodes.get(here);
    if (here === null || !node) return null;
    return node.kind === 'link' ? realpath(resolve(dirname(here), node.text), hops + 1) : here;
  };
  return {
    realpath,
    kind: (path) => nodes.get(path)?.kind ?? null,
    list: (path) =>
      new Map(
        [...nodes].flatMap(([name, { kind }]): [string, Kind][] =>
          name !== '/' && dirname(name) === path ? [[name.slice(name.lastIndexOf('/') + 1), kind]] : [],
        ),
      ),
    text: (path) => (nodes.get(path)?.kind === 'file' ? (nodes.get(path)?.text ?? null) : null),
    link: (path) => (nodes.get(path)?.kind === 'link' ? (nodes.get(path)?.text ?? null) : null),
    isWritable: (path) => !path.startsWith('/fixed'),
  };
};

const workspace = (...writableRoots: readonly string[]): SandboxPolicy => ({
  kind: 'workspaceWrite',
  writableRoots,
  network: 'off',
  tmp: 'private',
});
const around = (disk: Look, policy: SandboxPolicy, options: SurveyOptions = {}, cwd = '/ws') =>
  lookAround(policy, cwd, HOST, options, disk);

describe('roots', () => {
  it('R31: are real paths, also through links', () => {
    expect(around(diskOf('/data/ws/', '/ws -> /data/ws'), workspace('/ws')).roots).toEqual(['/data/ws']);
    expect(around(diskOf('/data/ws/', '/ws -> /data/ws'), workspace('/ws')).cwd).toBe('/data/ws');
  });
  it('that do not exist are told and left out', () => {
    const terrain = around(diskOf('/ws/'), workspace('/ws', '/none'));
    expect(terrain.roots).toEqual(['/ws']);
    expect(terrain.warnings).toEqual(['the writable folder /none does not exist']);
  });
  it('are none under read-only', () =>
    expect(around(diskOf('/ws/.git/HEAD'), { kind: 'readOnly', network: 'off' })).toMatchObject({
      roots: [],
      protectedPaths: [],
      absentPaths: [],
    }));
});

describe('what is protected', () => {
  it('a repository, as a folder', () => {
    const terrain = around(diskOf('/ws/.git/HEAD', '/ws/src/a'), workspace('/ws'));
    expect(terrain.protectedPaths).toEqual(['/ws/.git']);
    expect(terrain.absentPaths).toEqual(['/ws/.turnstile', '/ws/.codex', '/ws/.agents', '/ws/.claude']);
  });

  it('R31: a linked worktree, its gitdir and its commondir, where these can be written', () => {
    const disk = diskOf(
      '/ws/.git = gitdir: /main/.git/worktrees/w',
      '/main/.git/worktrees/w/commondir = ../..',
      '/main/.git/HEAD',
    );
    expect(around(disk, workspace('/ws')).protectedPaths).toEqual(['/ws/.git']);
    expect(around(disk, workspace('/ws', '/main')).protectedPaths).toEqual([
      '/ws/.git',
      '/main/.git/worktrees/w',
      '/main/.git',
    ]);
  });

  it('a commondir that a folder names', () => {
    const disk = diskOf('/ws/.git/commondir = ../shared', '/ws/shared/config');
    expect(around(disk, workspace('/ws')).protectedPaths).toEqual(['/ws/.git', '/ws/shared']);
  });

  it('repositories inside, three levels down, and bare ones', () => {
    const disk = diskOf(
      '/ws/a/.git/HEAD',
      '/ws/a/b/c/.git = gitdir: x',
      '/ws/a/b/c/d/.git/HEAD',
      '/ws/r.git/HEAD',
      '/ws/r.git/objects/',
      '/ws/r.git/refs/',
      '/ws/r.git/hooks/',
      '/ws/r.git/config',
    );
    expect(around(disk, workspace('/ws')).protectedPaths.toSorted()).toEqual([
      '/ws/a/.git',
      '/ws/a/b/c/.git',
      '/ws/r.git/config',
      '/ws/r.git/hooks',
    ]);
  });

  it('R31: in a git folder that was granted, what git obeys, and nothing else', () => {
    const git = ['HEAD', 'objects/', 'refs/', 'config', 'info/', 'worktrees/w/gitdir', 'worktrees/w/index'].map(
      (name) => `/ws/.git/${name}`,
    );
    const terrain = around(diskOf(...git, '/ws/a'), workspace('/ws', '/ws/.git'));
    expect(terrain.gitFolder).toBe('/ws/.git');
    expect(terrain.protectedPaths).toEqual(['/ws/.git/config', '/ws/.git/info', '/ws/.git/worktrees/w/gitdir']);
    expect(terrain.absentPaths).toContain('/ws/.git/hooks');
  });

  it('R31: the git folder of a linked worktree is the shared one', () => {
    const main = ['HEAD', 'objects/', 'refs/', 'worktrees/w/HEAD', 'worktrees/w/commondir = ../..'].map(
      (name) => `/main/.git/${name}`,
    );
    const disk = diskOf('/ws/.git = gitdir: /main/.git/worktrees/w', ...main);
    const terrain = around(disk, workspace('/ws', '/main/.git'));
    expect(terrain.gitFolder).toBe('/main/.git');
    expect(terrain.protectedPaths).toEqual(['/ws/.git', '/main/.git/worktrees/w/commondir']);
  });

  it('nothing in node_modules, which would take long', () => {
    expect(around(diskOf('/ws/node_modules/x/.git/HEAD'), workspace('/ws')).protectedPaths).toEqual([]);
  });

  it('a link in place of .git is reported, since it could be swapped', () => {
    const terrain = around(
      diskOf('/ws/.git -> /elsewhere', '/elsewhere/HEAD', '/ws/.vscode -> /v', '/v/'),
      workspace('/ws'),
    );
    expect(terrain.unprotectable).toEqual(['/ws/.git']);
    expect(terrain.warnings).toEqual(['/ws/.vscode is a symbolic link and cannot be protected from being swapped']);
  });

  it('an empty folder is the mount point of a command that runs, or of one that was killed: as good as absent', () => {
    const terrain = around(diskOf('/ws/.git/', '/ws/.codex/', '/ws/.vscode/'), workspace('/ws'));
    expect(terrain.absentPaths).toEqual(expect.arrayContaining(['/ws/.git', '/ws/.codex']));
    expect(terrain.protectedPaths).toEqual(['/ws/.vscode']);
  });

  it('what cannot be made there anyway needs no cover', () => {
    expect(around(diskOf('/fixed/a'), workspace('/fixed')).absentPaths).toEqual([]);
  });

  it('tells when there is more than one looks at', () => {
    const many = Array.from({ length: 700 }, (_, index) => `/ws/d${index}/`);
    expect(around(diskOf(...many), workspace('/ws')).warnings).toEqual([
      '/ws has many folders: repositories deeper in it may be unprotected',
    ]);
  });
});

describe('what is hidden', () => {
  it('keys at home that exist, by their real paths', () => {
    const disk = diskOf('/ws/', '/home/user/.ssh -> /keys', '/keys/id', '/home/user/.netrc', '/etc/own');
    expect(around(disk, workspace('/ws'), { hide: ['/etc/own', '/none'] }).hidden).toEqual([
      { path: '/keys', isFolder: true },
      { path: '/home/user/.netrc', isFolder: false },
      { path: '/etc/own', isFolder: false },
    ]);
  });
  it('not where somebody works', () => {
    expect(
      around(diskOf('/home/user/.ssh/project/'), workspace('/home/user/.ssh/project'), {}, '/home/user/.ssh/project')
        .hidden,
    ).toEqual([]);
  });
});

describe('what stays readable', () => {
  it('a project below /tmp, and our own folders there', () => {
    const disk = diskOf('/tmp/p/.git/HEAD', '/tmp/p/sub/', '/tmp/dist/', '/opt/node/');
    expect(
      around(disk, { kind: 'readOnly', network: 'off' }, { keep: ['/tmp/dist', '/opt/node', '/none'] }, '/tmp/p/sub')
        .kept,
    ).toEqual(['/tmp/p', '/tmp/dist']);
  });
  it('never all of /tmp', () => {
    expect(
      around(diskOf('/tmp/.git/HEAD', '/tmp/a/'), { kind: 'readOnly', network: 'off' }, {}, '/tmp/a').kept,
    ).toEqual(['/tmp/a']);
  });
});

describe('where writes lead (R30)', () => {
  const reach = (path: string, ...entries: readonly string[]) =>
    around(diskOf('/ws/', ...entries), workspace('/ws'), { writes: [path] }).reach?.[0];
  it.each([
    ['/ws/a', [], '/ws/a', '/ws'],
    ['/ws/x/y/a', [], '/ws/x/y/a', '/ws'],
    ['/ws/l/a', ['/ws/l -> /etc', '/etc/'], '/etc/a', '/etc'],
    ['/ws/a', ['/ws/a -> ../etc/b', '/etc/b'], '/etc/b', '/etc'],
    ['/ws/a', ['/ws/a -> /etc/new', '/etc/'], '/etc/new', '/etc'],
    ['/ws/l/x/y', ['/ws/l -> m', '/ws/m -> /etc', '/etc/'], '/etc/x/y', '/etc'],
    ['/ws/../etc/a', ['/etc/'], '/etc/a', '/etc'],
  ] as const)('%s with %j', (path, entries, real, folder) =>
    expect(reach(path, ...entries)).toEqual({ path, real, folder }),
  );

  it('ends in a circle', () => {
    expect(reach('/ws/a/b', '/ws/a -> c', '/ws/c -> a')).toMatchObject({ path: '/ws/a/b' });
  });
});
