/** Runs one attempt in a world and judges it from outside. An answer is what went wrong; null: the sandbox held. */
import { readlinkSync } from 'node:fs';
import type { Command, Host, Spawn } from '../../sandbox/plan.ts';
import { plan } from '../../sandbox/planner.ts';
import type { SandboxPolicy } from '../../sandbox/policy.ts';
import { survey } from '../../sandbox/host.ts';
import { needsTmp } from '../../sandbox/terrain.ts';
import type { Attempt, Mode } from './attempt.ts';
import { runSpawn, type Ran } from './run-spawn.ts';
import { differences, machineState, survivors, treeOf } from './witness.ts';
import type { World } from './world.ts';

export type Confiner = 'bubblewrap' | 'landlock';

export interface Stage {
  readonly world: World;
  readonly host: Host;
  readonly mode: Mode;
  /** Default: the best there is. */
  readonly backend?: Confiner;
  readonly as?: { readonly uid: number; readonly gid: number };
  /** Takes something out of the sandbox, to see whether anybody notices. */
  readonly weaken?: (spawn: Spawn) => Spawn;
}

/** `inside` guards what must never happen to the host, even if the sandbox is broken. */
export const PRELUDE = [
  `sys() { perl -e '$n = shift; @a = map { /^-?\\d+$/ ? $_ + 0 : $_ } @ARGV; $r = syscall($n, @a); print $r >= 0 ? "BREACH: call $n gave $r\\n" : "refused: $!\\n"' -- "$@"; }`,
  'inside() { [ "$(readlink /proc/self/ns/pid)" != "$HOST_PID" ] || { echo BREACH; false; }; }',
  '',
].join('\n');

export const policyFor = (mode: Mode, roots: readonly string[]): SandboxPolicy =>
  mode === 'read-only'
    ? { kind: 'readOnly', network: 'off' }
    : { kind: 'workspaceWrite', writableRoots: [...roots], network: 'off', tmp: 'private' };

const commandOf = (attempt: Attempt, world: World): Command => ({
  argv: attempt.argv ?? ['/bin/bash', '-c', PRELUDE + attempt.script],
  cwd: attempt.cwd?.(world) ?? world.ws,
  env: {
    PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin',
    MARK: world.mark,
    WS: world.ws,
    OUT: world.out,
    HOME: world.home,
    BASE: world.base,
    HOSTTMP: world.hostTmp,
    TCP: String(world.ports.tcp),
    UDP: String(world.ports.udp),
    USOCK: world.socketPath,
    ABSTRACT: world.abstractName,
    PARENT: String(process.pid),
    HOST_PID: readlinkSync('/proc/self/ns/pid'),
    ...attempt.env?.(world),
  },
  timeoutMs: attempt.timeoutMs ?? 10_000,
  input: attempt.input ?? null,
});

/** What may change in the workspace, and what may not. */
const fenced = ({ world: { base, ws, tmp }, mode }: Stage): ReadonlyMap<string, string> => {
  if (mode === 'read-only') return treeOf(base, [tmp]);
  const kept = [
    `${ws}/.git`,
    `${ws}/sub/inner/.git`,
    `${ws}/linked/.git`,
    `${ws}/.vscode`,
    `${ws}/bare.git/config`,
    `${ws}/bare.git/hooks`,
  ];
  const made = ['.codex', '.agents', '.claude', '.turnstile'].flatMap((name) => [
    `${ws}/${name}`,
    `${base}/plain/${name}`,
  ]);
  return new Map([
    ...treeOf(base, [ws, tmp, `${base}/plain`]),
    ...[...kept, ...made, `${base}/plain/.git`].flatMap((path) => [...treeOf(path)]),
  ]);
};

/** Landlock is taken where nothing better is installed. */
const hostWith = ({ host, backend }: Stage): Host => {
  const { bwrap, ...others } = host.helpers;
  return backend === 'landlock'
    ? { ...host, helpers: others }
    : { ...host, helpers: bwrap ? { ...others, bwrap } : {} };
};

/** A world recovers between attempts: what an attempt may change is put back by the next world, not here. */
export const judge = async (attempt: Attempt, stage: Stage): Promise<string | null> => {
  const { world, mode, as, weaken, backend } = stage;
  const command = commandOf(attempt, world);
  const wanted = attempt.policy?.(world, mode) ?? policyFor(mode, [world.ws]);
  const policy: SandboxPolicy =
    wanted.kind === 'readOnly' && backend === 'landlock' ? { ...wanted, fallback: 'landlock' } : wanted;
  const hostHere = { ...hostWith(stage), home: world.home, ...(as ? { uid: as.uid } : {}) };
  const terrain = survey(policy, command.cwd, hostHere, { privateTmp: world.tmp, hide: [`${world.home}/own`] });
  const planned = plan({
    command,
    sandbox: policy,
    approval: 'on-request',
    grants: [],
    rules: [{ pattern: ['rm'], decision: 'allow', source: 'the suite' }],
    escalation: null,
    host: hostHere,
    // As root we made the folder for somebody else.
    terrain: needsTmp(policy) ? { ...terrain, privateTmp: world.tmp } : terrain,
  });
  const run = planned.step === 'ask' ? planned.then : planned;
  if (run.step !== 'run') return `it was not planned to run: ${JSON.stringify(run).slice(0, 300)}`;
  if (run.spawn.backend !== (backend ?? 'bubblewrap')) return `it was planned to run by ${run.spawn.backend}`;

  const before = fenced(stage);
  const machineBefore = machineState();
  const reachedBefore = world.reached();
  const spawn = weaken ? weaken(run.spawn) : run.spawn;
  const ran = await runSpawn(spawn, { timeoutMs: command.timeoutMs, ...(as ? { as } : {}) });
  return verdict(ran, [
    () => (ran.output.includes('BREACH') ? `it says so: ${lineWith(ran.output, 'BREACH')}` : null),
    () => (ran.output.includes(world.secret) ? 'a secret was read' : null),
    () => first(differences(before, fenced(stage))),
    () => first(differences(machineBefore, machineState())),
    () => (world.reached() > reachedBefore ? 'a daemon of the host was reached' : null),
    () => (survivors(world.mark).length > 0 ? `processes survived: ${survivors(world.mark).join(' ')}` : null),
    () =>
      ran.ending.kind === 'setupFailed' && !attempt.expect ? `the sandbox was not built: ${ran.ending.reason}` : null,
    () => attempt.expect?.(ran, world, terrain) ?? null,
  ]);
};

const first = (found: readonly string[]): string | null => found[0] ?? null;
const lineWith = (text: string, word: string): string => text.split('\n').find((line) => line.includes(word)) ?? '';

const verdict = (_ran: Ran, checks: readonly (() => string | null)[]): string | null => {
  for (const check of checks) {
    const found = check();
    if (found !== null) return found;
  }
  return null;
};
