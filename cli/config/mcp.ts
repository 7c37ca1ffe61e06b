/** `[mcp_servers.NAME]` → the servers that a session starts. What cannot be one is a warning, and left out. Pure. */
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import type { RuntimeConfig } from '../../actors/contract.ts';
import { MAX_MCP_SERVERS, MCP_STARTUP_MS, MCP_TOOL_MS } from '../../machines/limits.ts';
import { commandEnvironment } from './environment.ts';
import type { ConfigFile, McpServer } from './keys.ts';

type Server = NonNullable<RuntimeConfig['mcpServers']>[number];
type Env = Readonly<Record<string, string | undefined>>;

/** It becomes a part of the names of tools, which providers restrict. */
const NAME = /^[A-Za-z0-9_-]{1,32}$/;
/** A timer holds no more. Milliseconds. */
const MAX_MS = 2_147_483_647;

const milliseconds = (seconds: number | undefined): number | undefined =>
  seconds === undefined ? undefined : Math.min(MAX_MS, Math.max(1, Math.round(seconds * 1_000)));

const known = (env: Env, names: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));

const headersOf = (server: McpServer, env: Env): Readonly<Record<string, string>> => {
  const token = server.bearer_token_env_var === undefined ? undefined : env[server.bearer_token_env_var];
  const named = Object.entries(server.env_http_headers ?? {}).flatMap(([header, name]) => {
    const value = env[name];
    return value === undefined ? [] : [[header, value] as const];
  });
  return {
    ...server.http_headers,
    ...Object.fromEntries(named),
    ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
  };
};

const isWeb = (url: string): boolean => URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);

/** A sentence instead, where it cannot be reached. */
const howOf = (server: McpServer, env: Env, cwd: string): Server['how'] | string => {
  const { command, url, args = [] } = server;
  if (command !== undefined && url !== undefined) return 'it has a command and a url; only one of them can be meant';
  if (url !== undefined)
    return isWeb(url)
      ? { kind: 'http', url, headers: headersOf(server, env) }
      : `${JSON.stringify(url)} is no web address`;
  if (command === undefined || command === '') return 'it has neither a command nor a url';
  const home = env['HOME'] ?? homedir();
  return {
    kind: 'stdio',
    argv: [command, ...args],
    cwd: resolve(
      cwd,
      (server.cwd ?? '.').replace(/^~(?=\/|$)/, () => home),
    ),
    // A server gets what it needs to start, and of the rest only what was named.
    env: { ...commandEnvironment(env, { inherit: 'core' }), ...known(env, server.env_vars ?? []), ...server.env },
  };
};

export interface McpServers {
  readonly servers: readonly Server[];
  readonly warnings: readonly string[];
}

export const mcpServersOf = (config: ConfigFile, env: Env, cwd: string): McpServers => {
  const servers: Server[] = [];
  const warnings: string[] = [];
  for (const [name, server] of Object.entries(config.mcp_servers ?? {})) {
    if (server.enabled === false) continue;
    const skip = (why: string) => void warnings.push(`mcp_servers.${name} is left out: ${why}`);
    const how = NAME.test(name) ? howOf(server, env, cwd) : 'its name may have letters, digits, - and _ (at most 32)';
    if (typeof how === 'string') skip(how);
    else if (servers.length >= MAX_MCP_SERVERS) skip(`there are ${MAX_MCP_SERVERS} already`);
    else
      servers.push({
        name,
        how,
        startupMs: milliseconds(server.startup_timeout_sec) ?? server.startup_timeout_ms ?? MCP_STARTUP_MS,
        toolMs: milliseconds(server.tool_timeout_sec) ?? MCP_TOOL_MS,
        enabled: server.enabled_tools ?? null,
        disabled: server.disabled_tools ?? [],
        approval: server.default_tools_approval_mode ?? 'auto',
        toolApproval: Object.fromEntries(
          Object.entries(server.tools ?? {}).flatMap(([tool, { approval_mode: mode }]) =>
            mode === undefined ? [] : [[tool, mode]],
          ),
        ),
      });
  }
  return { servers, warnings };
};
