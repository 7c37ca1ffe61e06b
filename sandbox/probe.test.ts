import { describe, expect, it } from 'vitest';
import { ageProblem, classify, distrust, featuresIn, versionIn } from './probe.ts';

describe('what a failed probe says (R27)', () => {
  it.each([
    ['bwrap: setting up uid map: Permission denied', 'userns-forbidden'],
    ['bwrap: loopback: Failed RTM_NEWADDR: Operation not permitted', 'userns-forbidden'],
    ['bwrap: loopback: Failed RTM_NEWLINK: Operation not permitted', 'userns-forbidden'],
    [
      'bwrap: No permissions to creating new namespace, likely because the kernel does not allow non-privileged user namespaces.',
      'userns-forbidden',
    ],
    ['bwrap: Creating new namespace failed: No space left on device', 'userns-forbidden'],
    ["bwrap: Can't mount proc on /newroot/proc: Operation not permitted", 'proc-forbidden'],
    ["bwrap: Can't mount proc on /proc: Operation not permitted", 'proc-forbidden'],
    ['bwrap: prctl(PR_SET_SECCOMP): Invalid argument', 'seccomp'],
    ['bwrap: Unknown option --disable-userns', 'too-old'],
    ['bwrap: Something new', 'failed'],
    ['', 'failed'],
  ])('%s', (stderr, layer) => {
    const said = classify({ code: 1, stderr });
    expect(said?.layer).toBe(layer);
    expect(said?.remedy).not.toBe('');
    if (stderr !== '') expect(said?.reason).toContain(stderr);
  });

  it('nothing, when it worked', () => expect(classify({ code: 0, stderr: 'a warning' })).toBe(null));

  it('that it could not be started', () => {
    expect(classify({ code: null, stderr: '', unstarted: 'spawn ENOENT' })).toMatchObject({ layer: 'not-installed' });
  });
});

describe('what the helper says of itself', () => {
  it('is read from its own text', () => {
    const text = 'x\0bubblewrap 0.8.0\0--bind-fd\0--bind\0--disable-userns\0see --argv0 VALUE\0';
    expect(versionIn(text)).toBe('0.8.0');
    expect(featuresIn(text)).toEqual(['bind-fd', 'disable-userns']);
    expect(versionIn('a script')).toBe('unknown');
  });

  it.each([
    ['0.4.1', 'too-old'],
    ['0.7.0', 'too-old'],
    ['0.8.0', undefined],
    ['0.12.1', undefined],
    ['1.0', undefined],
    ['unknown', undefined],
  ])('%s', (version, layer) => expect(ageProblem(version)?.layer).toBe(layer));
});

describe('who may change the helper', () => {
  it.each([
    ['root alone', { mode: 0o100755, uid: 0 }, false, undefined],
    ['root, seen from a namespace', { mode: 0o100755, uid: 65534 }, true, undefined],
    ['nobody', { mode: 0o100755, uid: 65534 }, false, 'not-trusted'],
    ['a user', { mode: 0o100755, uid: 1000 }, false, 'not-trusted'],
    ['its group', { mode: 0o100775, uid: 0 }, false, 'not-trusted'],
    ['everybody', { mode: 0o100757, uid: 0 }, false, 'not-trusted'],
    ['root, but it is setuid', { mode: 0o104755, uid: 0 }, false, 'not-trusted'],
  ])('%s', (_who, stat, isInNamespace, layer) => {
    expect(distrust('/usr/bin/bwrap', stat, isInNamespace)?.layer).toBe(layer);
  });
});
