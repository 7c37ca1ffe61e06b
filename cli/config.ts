/** Flags, environment and files → everything the runtime is made from. A bad configuration is a UsageError, never a guess. */
import { statSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RuntimeConfig } from '../actors/contract.ts';
import { compactAtOf } from '../actors/providers/models.ts';
import { MAX_ATTEMPTS } from '../machines/limits.ts';
import { commandEnvironment } from './config/environment.ts';
import { hooksOf } from './config/hooks.ts';
import type { ConfigFile } from './config/keys.ts';
import { projectRoot, readLayers, type Layer, type Layers } from './config/layers.ts';
import { mcpServersOf } from './config/mcp.ts';
import { chooseProvider } from './config/providers.ts';
import { readRules } from './config/rules.ts';
import type { Flags } from './flags.ts';
import { UsageError } from './mode.ts';

export interface Resolved {
  readonly runtime: RuntimeConfig;
  readonly layers: Layers;
  readonly warnings: readonly string[];
  /** The user named a provider. Otherwise it was found, and the chat says which. */
  readonly wasProviderChosen: boolean;
}

export interface ConfigRequest {
  readonly flags: Flags;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly version: string;
  /** Somebody can answer questions. */
  readonly isAttended: boolean;
}

const PROJECT_DOC_BYTES = 32_768;

const refuse = (message: string): never => {
  throw new UsageError(message);
};

const folder = (path: string, what: string): string =>
  statSync(path, { throwIfNoEntry: false })?.isDirectory() ? path : refuse(`${what}: ${path} is not a folder`);

export const homeOf = (env: ConfigRequest['env'], cwd: string): string =>
  env['TURNSTILE_HOME'] ? resolve(cwd, env['TURNSTILE_HOME']) : join(env['HOME'] || homedir(), '.turnstile');

/** Flags are a layer like the others, the topmost. */
const flagLayers = (flags: Flags, isAttended: boolean): readonly Layer[] => {
  const layer = (flag: string, tree: Layer['tree']): Layer => ({ origin: flag, tree });
  return [
    ...(flags.fullAuto
      ? [
          layer('--full-auto', {
            sandbox_mode: 'workspace-write',
            approval_policy: isAttended ? 'on-request' : 'never',
          }),
        ]
      : []),
    ...(flags.bypass
      ? [
          layer('--dangerously-bypass-approvals-and-sandbox', {
            sandbox_mode: 'danger-full-access',
            approval_policy: 'never',
          }),
        ]
      : []),
    ...(flags.model === undefined ? [] : [layer('--model', { model: flags.model })]),
    ...(flags.sandbox === undefined ? [] : [layer('--sandbox', { sandbox_mode: flags.sandbox })]),
    ...(flags.approval === undefined ? [] : [layer('--ask-for-approval', { approval_policy: flags.approval })]),
  ];
};

type Network = Extract<RuntimeConfig['sandbox'], { kind: 'workspaceWrite' }>['network'];

const networkOf = (access: NonNullable<ConfigFile['sandbox_workspace_write']>['network_access'] = false): Network => {
  if (typeof access === 'string') return access;
  if (typeof access === 'boolean') return access ? 'on' : 'off';
  return access.length === 0 ? 'off' : { hosts: access };
};

const sandboxOf = (
  config: ConfigFile,
  cwd: string,
  addDirs: readonly string[],
  env: ConfigRequest['env'],
  trust: Layers['trust'],
): RuntimeConfig['sandbox'] => {
  const mode = config.sandbox_mode ?? (trust === 'trusted' ? 'workspace-write' : 'read-only');
  const own = config.sandbox_workspace_write ?? {};
  const network = networkOf(own.network_access);
  if (mode === 'danger-full-access') return { kind: 'fullAccess' };
  if (mode === 'read-only')
    return {
      kind: 'readOnly',
      network: 'off',
      ...(config.sandbox_fallback === 'landlock' && { fallback: 'landlock' }),
    };
  const tmp = env['TMPDIR'];
  const takesTmp = tmp !== undefined && isAbsolute(tmp) && !['/', '/tmp', '/tmp/'].includes(tmp);
  const expand = (path: string) =>
    resolve(
      cwd,
      path.replace(/^~(?=\/|$)/, () => env['HOME'] ?? homedir()),
    );
  return {
    kind: 'workspaceWrite',
    writableRoots: [
      ...new Set([
        cwd,
        ...addDirs,
        ...(own.writable_roots ?? []).map(expand),
        ...(takesTmp && own.exclude_tmpdir_env_var !== true ? [tmp] : []),
      ]),
    ],
    network,
    tmp: own.exclude_slash_tmp === false ? 'host' : 'private',
  };
};

const approvalOf = (config: ConfigFile, layers: Layers, isAttended: boolean): RuntimeConfig['approval'] =>
  config.approval_policy ?? (!isAttended ? 'never' : layers.trust === 'untrusted' ? 'untrusted' : 'on-request');

/** In the sources it stands beside us; bundled, we are in some chunk and it is at the top. */
const patchProgram = (): string =>
  fileURLToPath(
    import.meta.url.endsWith('.ts')
      ? new URL('./apply-patch.ts', import.meta.url)
      : new URL(import.meta.url.replace(/\/dist\/.*$/, '/dist/apply-patch.js')),
  );

export const resolveConfig = async (request: ConfigRequest): Promise<Resolved> => {
  const { flags, env, version, isAttended } = request;
  const cwd = flags.cd === undefined ? request.cwd : folder(resolve(request.cwd, flags.cd), '--cd');
  const addDirs = (flags.addDir ?? []).map((path) => folder(resolve(request.cwd, path), '--add-dir'));
  const home = homeOf(env, request.cwd);
  const layers = await readLayers({
    home,
    cwd,
    overrides: flags.config ?? [],
    profile: flags.profile,
    flags: flagLayers(flags, isAttended),
  });
  const first = layers.problems[0];
  if (first !== undefined) refuse(first);
  const { config } = layers;

  const script = flags.rehearse === undefined ? undefined : resolve(request.cwd, flags.rehearse);
  if (script !== undefined) {
    const { loadScript } = await import('../actors/providers/rehearsal/script.ts');
    const loaded = await loadScript(script);
    if (loaded.kind === 'unusable') refuse(`--rehearse: ${loaded.message}`);
  }
  const chosen = chooseProvider(config, env, script);
  if (typeof chosen === 'string') return refuse(chosen);
  const project = layers.trust === 'trusted' ? [join(projectRoot(cwd), '.turnstile', 'rules')] : [];
  const rules = readRules([join(home, 'rules'), ...project], cwd);
  if (typeof rules === 'string') return refuse(rules);

  const mcp = mcpServersOf(config, env, cwd);
  const asked = hooksOf(config);
  if (typeof asked === 'string') return refuse(asked);
  const wanted = config.model_auto_compact_token_limit ?? Infinity;
  const compactAt = Math.min(wanted, compactAtOf(chosen.windowSize));
  return {
    layers,
    warnings: [...layers.warnings, ...mcp.warnings, ...asked.warnings],
    wasProviderChosen: chosen.wasChosen,
    runtime: {
      version,
      home,
      cwd,
      model: chosen.model,
      provider: chosen.provider,
      windowSize: chosen.windowSize,
      compactAt,
      reasoningEffort: config.model_reasoning_effort,
      reasoningSummary: config.model_reasoning_summary,
      approval: approvalOf(config, layers, isAttended),
      sandbox: sandboxOf(config, cwd, addDirs, env, layers.trust),
      rules: rules.commands,
      ...(rules.hosts.length > 0 && { hostRules: rules.hosts }),
      isAttended,
      env: commandEnvironment(env, config.shell_environment_policy),
      patchBinary: [process.execPath, patchProgram()],
      projectDocMaxBytes: config.project_doc_max_bytes ?? PROJECT_DOC_BYTES,
      projectDocFallbackFilenames: config.project_doc_fallback_filenames ?? [],
      projectRootMarkers: config.project_root_markers ?? ['.git'],
      maxAttempts: chosen.maxAttempts ?? MAX_ATTEMPTS,
      keepsJournal: flags.ephemeral !== true,
      notify: config.notify ?? null,
      mcpServers: mcp.servers,
      hooks: asked.hooks,
    },
  };
};
