/** E.9: a folder that the sandbox covers answers as if it were not there; whoever stands outside knows better. */
import { describe, expect, it } from 'vitest';
import type { Outside } from '../plan.ts';
import { commandOf, HOST, TERRAIN } from '../request.fixture.ts';
import { bubblewrap } from './bubblewrap.backend.ts';

const policy = { kind: 'workspaceWrite', writableRoots: ['/ws'], network: 'off', tmp: 'private' } as const;
const readOnly = { kind: 'readOnly', network: 'off' } as const;
const OWN = TERRAIN.privateTmp ?? '';
const outsideWith = (...paths: readonly string[]): Outside => ({
  exists: (path) => paths.includes(path),
  mayWrite: () => true,
});

const spawn = bubblewrap.confine(commandOf('true'), policy, { ...TERRAIN, kept: ['/tmp/kept'] }, HOST);
const scratch = bubblewrap.confine(commandOf('true'), readOnly, { ...TERRAIN, roots: [], privateTmp: null }, HOST);
const failed = { kind: 'exited', code: 1 } as const;

describe('ENOENT below a cover', () => {
  it.each([
    ['bash: line 1: /var/tmp/build/out: No such file or directory', ['/var/tmp', '/var/tmp/build'], true],
    ["mkdir: cannot create directory '/tmp/a/b': No such file or directory", ['/tmp', '/tmp/a'], true],
    ["Error: ENOENT: no such file or directory, open '/run/user/1/x'", ['/run/user/1/x'], true],
    ['/bin/bash: line 3: /var/tmp/build/out: No such file or directory', ['/bin/bash', '/var/tmp/build'], true],
    // The same folder is in the scratch space as well: then it is about the file.
    ['cat: /tmp/a/none: No such file or directory', ['/tmp/a', `${OWN}/a`], false],
    ['cat: /tmp/none: No such file or directory', ['/tmp'], false],
    ['cat: /tmp/kept/none: No such file or directory', ['/tmp/kept'], false],
    ['cat: /etc/none: No such file or directory', ['/etc'], false],
    ['cat: /var/tmp/none/none: No such file or directory', ['/var/tmp'], false],
    ['/var/tmp/build exists', ['/var/tmp/build'], false],
  ] as const)('%s', (output, there, isDenied) => {
    const found = bubblewrap.denial(failed, output, spawn, outsideWith(...there));
    expect(found !== null).toBe(isDenied);
    if (isDenied) expect(found).toMatchObject({ what: 'filesystem', certainty: 'likely', evidence: output });
  });

  it('also where the scratch space ends with the command', () => {
    const output = 'cat: /tmp/a/b: No such file or directory';
    expect(bubblewrap.denial(failed, output, scratch, outsideWith('/tmp/a/b'))?.what).toBe('filesystem');
  });

  it('is no denial when nobody outside can be asked', () => {
    expect(bubblewrap.denial(failed, 'cat: /tmp/a/b: No such file or directory', spawn)).toBe(null);
  });
});
