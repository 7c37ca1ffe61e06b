/** A request to plan from, for tests: a Linux machine with a working bubblewrap, and a workspace at /ws. */
import type { Command, Host, PlanRequest, Terrain } from './plan.ts';
import type { SandboxPolicy } from './policy.ts';

export const HOST: Host = {
  platform: 'linux',
  arch: 'x64',
  uid: 1000,
  home: '/home/user',
  tmp: '/tmp',
  shell: '/bin/bash',
  helpers: { bwrap: { path: '/usr/bin/bwrap', version: '0.11.0', features: ['bind-fd', 'disable-userns'] } },
  probes: { bubblewrap: null },
};

/** With perl, so that a list of hosts can be kept. */
export const GATED_HOST: Host = {
  ...HOST,
  helpers: { ...HOST.helpers, perl: { path: '/usr/bin/perl', version: 'unknown', features: [] } },
};

/** A workspace whose network is a list. */
export const listing = (hosts: readonly string[], except?: readonly string[]): SandboxPolicy => ({
  ...{ kind: 'workspaceWrite', writableRoots: ['/ws'], tmp: 'private' },
  network: { hosts: [...hosts], ...(except === undefined ? {} : { except: [...except] }) },
});

/** The same machine before anybody installed bubblewrap. */
export const BARE_HOST: Host = { ...HOST, helpers: {}, probes: {} };

export const MAC: Host = {
  ...HOST,
  platform: 'darwin',
  arch: 'arm64',
  helpers: { 'sandbox-exec': { path: '/usr/bin/sandbox-exec', version: 'unknown', features: [] } },
  probes: { seatbelt: null },
};

export const TERRAIN: Terrain = {
  cwd: '/ws',
  roots: ['/ws'],
  protectedPaths: ['/ws/.git', '/ws/sub/inner/.git'],
  absentPaths: ['/ws/.codex'],
  hidden: [
    { path: '/home/user/.ssh', isFolder: true },
    { path: '/home/user/.netrc', isFolder: false },
  ],
  privateTmp: '/home/user/.turnstile/tmp/1',
  warnings: [],
};

export const commandOf = (...argv: Command['argv']): Command => ({
  argv,
  cwd: '/ws',
  env: { PATH: '/usr/bin:/bin' },
  timeoutMs: 10_000,
  input: null,
});

export const sh = (script: string): Command => commandOf('/bin/bash', '-c', script);

/** Our own patch binary, and where it will write. */
export const patchOf = (...writes: readonly string[]): Command => ({
  ...commandOf('/usr/bin/node', '/opt/turnstile/patch.js'),
  env: {},
  input: 'a patch',
  isOwn: true,
  writes,
});

export const request = (command: Command, more: Partial<PlanRequest> = {}): PlanRequest => ({
  command,
  sandbox: { kind: 'workspaceWrite', writableRoots: ['/ws'], network: 'off', tmp: 'private' },
  approval: 'on-request',
  grants: [],
  rules: [],
  escalation: null,
  host: HOST,
  terrain: TERRAIN,
  ...more,
});
