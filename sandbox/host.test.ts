import * as fs from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { findHost, probe, recordOf, survey } from './host.ts';
import type { SandboxPolicy } from './policy.ts';

const folder = fs.mkdtempSync(join(fs.realpathSync('/var/tmp'), 'turnstile-host-'));
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

const host = findHost();
const workspace = (root: string): SandboxPolicy => ({
  kind: 'workspaceWrite',
  writableRoots: [root],
  network: 'off',
  tmp: 'private',
});

describe('findHost', () => {
  it('knows who and where we are', () => {
    expect(host).toMatchObject({ platform: process.platform, arch: process.arch, uid: process.getuid?.() });
    for (const path of [host.home, host.shell, host.tmp]) expect(path).toMatch(/^\//);
  });

  it('finds helpers by absolute path, whatever PATH says', () => {
    const path = process.env['PATH'];
    fs.writeFileSync(join(folder, 'bwrap'), '#!/bin/sh\n', { mode: 0o755 });
    process.env['PATH'] = folder;
    try {
      expect(findHost().helpers).toEqual(host.helpers);
      expect(findHost().helpers['bwrap']?.path ?? '/usr/bin/bwrap').toMatch(/^\/(usr|bin|run)\//);
    } finally {
      process.env['PATH'] = path;
    }
  });

  it('is JSON', () => expect(JSON.parse(JSON.stringify(host))).toEqual(host));
});

describe('probe (R27)', () => {
  it('says of each backend here whether it works, and a fitting record spares the work', async () => {
    const known = await probe(host);
    const record = recordOf(known);
    if (Object.keys(host.helpers).length === 0 || record === null) {
      console.warn(`no sandbox works here: ${JSON.stringify(known.probes)}`);
      return;
    }
    expect(Object.values(known.probes)).toEqual([null]);
    expect(await probe(host, record)).toEqual(known);
    const forged = { ...record, probes: { bubblewrap: { layer: 'x', reason: 'x', remedy: 'x' } } };
    expect((await probe(host, { ...forged, fits: 'another kernel' })).probes).toEqual(known.probes);
    expect((await probe(host, forged)).probes).toEqual(forged.probes);
  });

  it('records nothing that is broken', () => {
    expect(recordOf(host)).toBe(null);
    expect(recordOf({ ...host, probes: { bubblewrap: { layer: 'x', reason: 'x', remedy: 'x' } } })).toBe(null);
  });

  it.skipIf(process.platform !== 'linux')('tells a helper that does not work from one that does', async () => {
    const broken = { path: '/bin/false', version: 'unknown', features: [] };
    const known = await probe({ ...host, helpers: { bwrap: broken } });
    expect(known.probes['bubblewrap']).toMatchObject({ layer: 'failed' });
    const missing = await probe({ ...host, helpers: { bwrap: { ...broken, path: '/no/bwrap' } } });
    expect(missing.probes['bubblewrap']).toMatchObject({ layer: 'not-installed' });
  });
});

describe('survey', () => {
  it('sees a real disk', () => {
    const root = join(folder, 'ws');
    fs.mkdirSync(join(root, '.git/objects'), { recursive: true });
    fs.mkdirSync(join(root, 'a/b/.git'), { recursive: true });
    const terrain = survey(workspace(root), root, host, { privateTmp: join(folder, 'tmp') });
    expect(terrain).toMatchObject({
      cwd: root,
      roots: [root],
      protectedPaths: [join(root, '.git'), join(root, 'a/b/.git')],
      privateTmp: join(folder, 'tmp'),
      kept: expect.arrayContaining([root]),
    });
    expect(fs.statSync(join(folder, 'tmp')).mode & 0o777).toBe(0o700);
  });

  it('takes no temporary folder that others can write, nor a link to one', () => {
    const loose = join(folder, 'loose');
    fs.mkdirSync(loose);
    fs.chmodSync(loose, 0o777);
    fs.symlinkSync(folder, join(folder, 'link'));
    for (const privateTmp of [loose, join(folder, 'link')]) {
      const terrain = survey(workspace(folder), folder, host, { privateTmp });
      expect(terrain.privateTmp).toBe(null);
      expect(terrain.warnings.join()).toContain('not ours alone');
    }
  });

  it('notices a repository that appeared since the last time, at once', () => {
    const root = join(folder, 'grows');
    fs.mkdirSync(join(root, 'a/b'), { recursive: true });
    for (let round = 0; round < 50; round += 1) {
      survey(workspace(root), root, host);
      const git = join(root, round % 2 === 0 ? 'a/.git' : 'a/b/.git');
      fs.mkdirSync(git);
      expect(survey(workspace(root), root, host).protectedPaths).toEqual([git]);
      fs.rmdirSync(git);
      expect(survey(workspace(root), root, host).protectedPaths).toEqual([]);
    }
  });

  it('R33: is quick, also in a large workspace', () => {
    const root = join(folder, 'large');
    for (let outer = 0; outer < 30; outer += 1) {
      for (let inner = 0; inner < 30; inner += 1)
        fs.mkdirSync(join(root, `d${outer}/e${inner}/f`), { recursive: true });
    }
    const times = Array.from({ length: 20 }, () => {
      const start = performance.now();
      survey(workspace(root), root, host);
      return performance.now() - start;
    }).toSorted((left, right) => left - right);
    // The median: other tests run beside this one.
    expect(times[10]).toBeLessThan(60);
  });
});
