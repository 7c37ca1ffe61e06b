/** R33: a plan grows with the rules, and not with the files. 30 000 files; with `TURNSTILE_DEEP=1` 300 000. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { bubblewrap } from '../../sandbox/backends/bubblewrap.backend.ts';
import { findHost, survey } from '../../sandbox/host.ts';
import type { Host } from '../../sandbox/plan.ts';

const MANY = process.env['TURNSTILE_DEEP'] === '1' ? 300_000 : 30_000;
const FOLDERS = 300;
const RULES = 40;

const base = mkdtempSync('/var/tmp/turnstile-large-');
afterAll(() => rmSync(base, { recursive: true }));

/** As many folders and rules in each; only the number of files differs. */
const fill = (name: string, files: number): string => {
  const root = join(base, name);
  for (let folder = 0; folder < FOLDERS; folder += 1) {
    const path = join(root, 'src', `d${folder}`);
    mkdirSync(path, { recursive: true });
    for (let file = 0; file < files / FOLDERS; file += 1) writeFileSync(join(path, `f${file}`), '');
  }
  for (let rule = 0; rule < RULES; rule += 1) mkdirSync(join(root, 'roots', `r${rule}`), { recursive: true });
  return root;
};

const found = findHost();
const host: Host = {
  ...found,
  helpers: { bwrap: { path: '/usr/bin/bwrap', version: '0.11.0', features: ['bind-fd'] } },
};
const planOf = (root: string) => {
  const writableRoots = Array.from({ length: RULES }, (_, rule) => join(root, 'roots', `r${rule}`));
  const policy = {
    kind: 'workspaceWrite',
    writableRoots: [root, ...writableRoots],
    network: 'off',
    tmp: 'private',
  } as const;
  const command = { argv: ['true'] as const, cwd: root, env: {}, timeoutMs: 1, input: null };
  const start = performance.now();
  const spawn = bubblewrap.confine(command, policy, survey(policy, root, host), host);
  return { bytes: JSON.stringify(spawn).replaceAll(root, '/root').length, ms: performance.now() - start };
};
const median = (root: string): number => {
  const times = Array.from({ length: 15 }, () => planOf(root).ms).toSorted((left, right) => left - right);
  return times[7] ?? 0;
};

describe.skipIf(found.platform !== 'linux')('a large workspace (R33)', () => {
  it(`with ${MANY} files has the plan of a small one, and about its price`, { timeout: 300_000 }, () => {
    const [small, large] = [fill('few', FOLDERS), fill('lot', MANY)];
    expect(planOf(large).bytes).toBe(planOf(small).bytes);
    const [few, many] = [median(small), median(large)];
    console.log(`plans with ${RULES} rules: ${few.toFixed(1)} ms, ${many.toFixed(1)} ms with ${MANY} files`);
    expect(many).toBeLessThan(Math.max(3 * few, few + 15));
  });
});
