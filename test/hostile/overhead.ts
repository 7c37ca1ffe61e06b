/**
 * What our sandbox costs beside bubblewrap alone with the same namespaces: medians of `true`, taken in turns in one run.
 * `node test/hostile/overhead.ts [ROUNDS]` prints the ratios and fails above the limit. Not part of the tests: a busy
 * machine moves single times, and even ratios.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { bubblewrap } from '../../sandbox/backends/bubblewrap.backend.ts';
import { direct } from '../../sandbox/backends/direct.backend.ts';
import { findHost, probe, survey } from '../../sandbox/host.ts';
import type { Command, Spawn } from '../../sandbox/plan.ts';
import { runSpawn } from './run-spawn.ts';

/** Of our median to that of bare bubblewrap. */
const MAX_RATIO = 1.5;
const ROUNDS = Number(process.argv[2] ?? 100);

const host = await probe(findHost());
const bwrap = host.helpers['bwrap'];
if (!bwrap || host.probes['bubblewrap'] !== null) throw new Error('there is no bubblewrap to compare with');

const root = mkdtempSync('/var/tmp/overhead-');
const policy = { kind: 'workspaceWrite', writableRoots: [root], network: 'off', tmp: 'private' } as const;
const command: Command = {
  ...{ argv: ['/bin/true'] as const, cwd: root, env: { PATH: '/usr/bin:/bin' } },
  ...{ timeoutMs: 10_000, input: null },
};
const NAMESPACES = [
  ...['--new-session', '--die-with-parent', '--unshare-user', '--unshare-pid', '--unshare-ipc', '--unshare-uts'],
  ...['--unshare-cgroup-try', '--unshare-net', '--disable-userns', '--cap-drop', 'ALL'],
];
const plain = direct.confine(command, { kind: 'fullAccess' }, survey(policy, root, host), host);
const bare: Spawn = {
  ...plain,
  argv: [bwrap.path, ...NAMESPACES, '--ro-bind', '/', '/', '--dev', '/dev', '--proc', '/proc', '--', '/bin/true'],
};
const ours = (): Spawn =>
  bubblewrap.confine(command, policy, survey(policy, root, host, { privateTmp: join(root, 'tmp') }), host);

const gated = { ...policy, network: { hosts: ['a.test'] } } as const;
const withHosts = (): Spawn =>
  bubblewrap.confine(command, gated, survey(gated, root, host, { privateTmp: join(root, 'tmp') }), host);

const KINDS: readonly (readonly [name: string, make: () => Spawn])[] = [
  ['direct', () => plain],
  ['bubblewrap alone', () => bare],
  ['ours, with survey and plan', ours],
  ['ours, with a list of hosts', withHosts],
];
const times = new Map<string, number[]>(KINDS.map(([name]) => [name, []]));
for (let round = 0; round < ROUNDS; round += 1) {
  for (const [name, make] of KINDS) {
    const start = performance.now();
    const { ending } = await runSpawn(make());
    if (ending.kind !== 'exited' || ending.code !== 0) throw new Error(`${name}: ${JSON.stringify(ending)}`);
    times.get(name)?.push(performance.now() - start);
  }
}
rmSync(root, { recursive: true });

const at = (name: string, part: number): number => {
  const sorted = (times.get(name) ?? []).toSorted((left, right) => left - right);
  return sorted[Math.floor(sorted.length * part)] ?? Number.NaN;
};
for (const [name] of KINDS) {
  const ratios = ['direct', 'bubblewrap alone'].map((other) => (at(name, 0.5) / at(other, 0.5)).toFixed(2));
  const words = `p50 ${at(name, 0.5).toFixed(1)} ms, p95 ${at(name, 0.95).toFixed(1)} ms`;
  console.log(`${name.padEnd(28)} ${words}, × direct ${ratios[0]}, × bubblewrap ${ratios[1]}`);
}
const ratio = at('ours, with survey and plan', 0.5) / at('bubblewrap alone', 0.5);
console.log(`${ratio.toFixed(2)} times bubblewrap alone; the limit is ${MAX_RATIO}`);
process.exitCode = ratio <= MAX_RATIO ? 0 : 1;
