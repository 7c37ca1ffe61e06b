/** `turnstile doctor`: what works here, and how to mend what does not. It starts nothing but the no-op of the sandbox probe. */
import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs';
import { delimiter, dirname, resolve } from 'node:path';
import type { RuntimeConfig } from '../actors/contract.ts';
import type { Unavailable } from '../sandbox/plan.ts';
import { hostsOf } from '../sandbox/policy.ts';
import { resolveConfig, type Resolved } from './config.ts';
import { eventOf } from './config/hooks.ts';
import { EXIT } from './exit-code.ts';
import { UsageError, type Mode, type Surroundings } from './mode.ts';
import { choosePaint } from './render/paint.ts';
import { oneLine } from './render/strip.ts';

export interface Check {
  readonly name: string;
  readonly status: 'ok' | 'warning' | 'failed';
  readonly says: string;
  readonly remedy?: string;
  /** Which layer is in the way. */
  readonly layer?: string;
}

const OLDEST_NODE = 24;
/** Below this a long session may not fit. Bytes. */
const LOW_DISK_BYTES = 200 * 1024 * 1024;

const node = (): Check => {
  const isNew = Number(process.versions.node.split('.')[0]) >= OLDEST_NODE;
  return {
    name: 'node',
    status: isNew ? 'ok' : 'failed',
    says: `${process.version} (${process.execPath})`,
    ...(!isNew && { remedy: `Node ${OLDEST_NODE} or newer` }),
  };
};

/** Landlock is for who chose it: without it nothing is broken. */
const secondBest = (problem: Unavailable | null, policy: RuntimeConfig['sandbox']): Check => {
  const isChosen = policy.kind === 'readOnly' && policy.fallback === 'landlock';
  const name = 'sandbox landlock';
  if (problem !== null) {
    const { layer, reason, remedy } = problem;
    return { name, status: 'warning', layer, says: `${layer}: ${reason}`, ...(isChosen && { remedy }) };
  }
  return {
    name,
    status: 'ok',
    says: isChosen
      ? 'takes read-only where nothing better works'
      : 'works; sandbox_fallback = "landlock" would choose it',
  };
};

/** A list of hosts is for who has one: without it nothing is broken. */
const gate = (problem: Unavailable | null, isListed: boolean): Check =>
  problem === null
    ? { name: 'sandbox hosts', status: 'ok', says: 'network_access may be a list of hosts' }
    : {
        ...{ name: 'sandbox hosts', status: 'warning', layer: problem.layer },
        says: `a list of hosts is no network here: ${problem.reason}`,
        ...(isListed && { remedy: problem.remedy }),
      };

const sandbox = async ({ sandbox: policy }: RuntimeConfig): Promise<readonly Check[]> => {
  const { findHost, probe, probeGate, probeLandlock } = await import('../sandbox/host.ts');
  const { BACKENDS, backendNamed, choose, closed } = await import('../sandbox/registry.ts');
  const host = await probeGate(await probeLandlock(await probe(findHost())));
  const confining = { kind: 'readOnly', network: 'off' } as const;
  const listing = { kind: 'readOnly', network: { hosts: ['gate.invalid'] } } as const;
  const backends = BACKENDS.filter(({ name }) => name !== 'direct' && name !== 'landlock').flatMap(
    (backend): readonly Check[] => {
      const problem = backend.unavailable(host, confining);
      const helper = host.helpers['bwrap'] ?? host.helpers['sandbox-exec'];
      const isBoundProc = helper?.features.includes('bound-proc') === true;
      if (problem === null)
        return [
          {
            name: `sandbox ${backend.name}`,
            status: 'ok',
            says: `${helper?.path ?? ''} ${helper?.version ?? ''}${isBoundProc ? ' · /proc of the container, since it is masked' : ''}`.trim(),
          },
        ];
      if (problem.layer === 'platform') return [];
      const { layer, reason, remedy } = problem;
      return [{ name: `sandbox ${backend.name}`, status: 'failed', layer, says: `${layer}: ${reason}`, remedy }];
    },
  );
  const landlock = backendNamed('landlock');
  const chosen = choose(host, policy);
  const used: Check =
    chosen === null
      ? {
          name: 'policy',
          status: 'failed',
          says: `${policy.kind} cannot be kept here`,
          remedy: 'mend a sandbox above; until then nothing runs without approval',
        }
      : {
          name: 'policy',
          status: policy.kind === 'fullAccess' ? 'warning' : 'ok',
          says: `${policy.kind}, by ${chosen.name}`,
        };
  return [
    ...backends,
    ...(host.platform === 'linux'
      ? [secondBest(landlock?.unavailable(host, { ...confining, fallback: 'landlock' }) ?? null, policy)]
      : []),
    ...(host.platform === 'linux' ? [gate(closed(host, listing), hostsOf(policy) !== null)] : []),
    used,
  ];
};

const provider = ({ provider: { id, wire, baseUrl, apiKey, envKey }, model }: RuntimeConfig): Check => {
  const says = `${id} · ${model}${baseUrl === '' ? '' : ` · ${baseUrl}`}`;
  if (wire === 'rehearsal')
    return {
      name: 'provider',
      status: 'warning',
      says: `${says} (embedded, offline)`,
      remedy: 'set OPENAI_API_KEY or ANTHROPIC_API_KEY, or model_provider = "ollama"',
    };
  if (envKey !== null && apiKey === null)
    return { name: 'provider', status: 'failed', says: `${says}: ${envKey} is not set`, remedy: `export ${envKey}=…` };
  return { name: 'provider', status: 'ok', says: `${says}${envKey === null ? '' : ` · ${envKey} is set`}` };
};

const existing = (path: string): string =>
  existsSync(path) || dirname(path) === path ? path : existing(dirname(path));

const home = ({ home: folder }: RuntimeConfig): Check => {
  const place = existing(folder);
  try {
    accessSync(place, constants.W_OK);
    const { bavail, bsize } = statfsSync(place);
    const free = bavail * bsize;
    const says = `${folder} · ${Math.round(free / 1024 / 1024)} MB free`;
    return free < LOW_DISK_BYTES
      ? { name: 'home', status: 'warning', says, remedy: 'make room: journals are written there' }
      : { name: 'home', status: 'ok', says };
  } catch {
    return {
      name: 'home',
      status: 'failed',
      says: `${folder} cannot be written`,
      remedy: 'set TURNSTILE_HOME to a folder of yours, or use --ephemeral',
    };
  }
};

type Server = NonNullable<RuntimeConfig['mcpServers']>[number];

const isRunnable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
};

/** It is looked for, and not started. What it is given beside its name may be a secret, and is not shown. */
const server = ({ name: given, how }: Server): Check => {
  const name = `server ${given}`;
  if (how.kind === 'http') {
    const { origin, pathname } = new URL(how.url);
    return { name, status: 'ok', says: `${origin}${pathname}, not asked` };
  }
  const [file] = how.argv;
  const folders = (how.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const places = file.includes('/')
    ? [resolve(how.cwd, file)]
    : folders.map((folder) => resolve(how.cwd, folder, file));
  const found = places.find(isRunnable);
  if (found !== undefined) return { name, status: 'ok', says: `${oneLine(found)}, not started` };
  const says = `${oneLine(file)}: there is no such program`;
  return { name, status: 'warning', says, remedy: `mend mcp_servers.${given}.command, or its PATH` };
};

const hook = ({ hook: place, command, runsAs, isRequired }: NonNullable<RuntimeConfig['hooks']>[number]): Check => ({
  name: `hook ${eventOf(place)}`,
  status: 'ok',
  says: `${oneLine(command)} · ${runsAs === 'user' ? 'outside of the sandbox' : 'in the sandbox'}${isRequired ? ' · required' : ''}`,
});

const config = ({ warnings, layers }: Resolved): readonly Check[] => [
  {
    name: 'config',
    status: 'ok',
    says: [...new Set(layers.origins.values())].join(', ') || 'nothing is configured',
  },
  {
    name: 'trust',
    status: 'ok',
    says: layers.trust ?? 'this folder is neither trusted nor untrusted: read-only, asking',
  },
  ...warnings.map((says): Check => ({ name: 'config', status: 'warning', says })),
];

const terminal = ({ streams, env }: Surroundings): Check => {
  const size = streams.isOutTty
    ? `${streams.stdout.columns}×${streams.stdout.rows}`
    : 'not a terminal: the chat is plain';
  const colour =
    choosePaint('auto', streams.isOutTty, env) === choosePaint('never', false, env) ? 'no colours' : 'colours';
  return { name: 'terminal', status: 'ok', says: `${env['TERM'] ?? 'TERM is not set'} · ${size} · ${colour}` };
};

const MARKS = { ok: '✔', warning: '!', failed: '✘' } as const;

export const run: Mode = async ({ flags }, surroundings) => {
  const { env, cwd, version, streams } = surroundings;
  const resolved = await resolveConfig({ flags, env, cwd, version, isAttended: true }).catch((error: unknown) => {
    if (error instanceof UsageError) return error;
    throw error;
  });
  const rest: readonly Check[] =
    resolved instanceof UsageError
      ? [{ name: 'config', status: 'failed', says: resolved.message }]
      : [
          ...(await sandbox(resolved.runtime)),
          provider(resolved.runtime),
          home(resolved.runtime),
          ...(resolved.runtime.mcpServers ?? []).map(server),
          ...(resolved.runtime.hooks ?? []).map(hook),
          ...config(resolved),
        ];
  const checks = [node(), ...rest, terminal(surroundings)];
  const isHealthy = checks.every(({ status }) => status !== 'failed');

  if (flags.json) streams.out(`${JSON.stringify({ version, healthy: isHealthy, checks }, null, 2)}\n`);
  else {
    const paint = choosePaint('auto', streams.isOutTty, env);
    const colour = { ok: paint.green, warning: paint.yellow, failed: paint.red };
    for (const { name, status, says, remedy } of checks) {
      streams.out(`${colour[status](MARKS[status])} ${name.padEnd(20)} ${says}\n`);
      if (remedy !== undefined) streams.out(`  ${''.padEnd(20)} ${paint.dim(`→ ${remedy}`)}\n`);
    }
  }
  return isHealthy ? EXIT.done : EXIT.failed;
};
