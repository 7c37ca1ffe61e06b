/**
 * The servers of tools that a client names for a session, beside those of the configuration; what cannot be one is a
 * warning. They are started as if they stood in the configuration: the client is the person's own editor.
 */
import type { McpServer } from '@agentclientprotocol/sdk';
import type { RuntimeConfig } from '../../actors/contract.ts';
import { MAX_MCP_SERVERS } from '../../machines/limits.ts';
import type { ConfigFile } from '../config/keys.ts';
import { mcpServersOf, type McpServers } from '../config/mcp.ts';

type Row = NonNullable<ConfigFile['mcp_servers']>[string];

const pairs = (list: readonly { readonly name: string; readonly value: string }[]): Record<string, string> =>
  Object.fromEntries(list.map(({ name, value }) => [name, value]));

const rowOf = (server: McpServer): Row | null => {
  if (!('type' in server)) return { command: server.command, args: server.args, env: pairs(server.env) };
  return server.type === 'http' ? { url: server.url, http_headers: pairs(server.headers) } : null;
};

/** Editors name them for people; in the names of tools there is room for less. */
const nameOf = ({ name }: McpServer): string => name.replace(/[^A-Za-z0-9_-]+/g, '-').slice(0, 32);

export const withServers = (
  runtime: RuntimeConfig,
  named: readonly McpServer[],
  env: Readonly<Record<string, string | undefined>>,
): { readonly runtime: RuntimeConfig; readonly warnings: readonly string[] } => {
  const own = runtime.mcpServers ?? [];
  const warnings: string[] = [];
  const rows = named.flatMap((server): [string, Row][] => {
    const name = nameOf(server);
    const row = rowOf(server);
    const isTaken = own.some((known) => known.name === name);
    if (row !== null && !isTaken) return [[name, row]];
    warnings.push(
      `the MCP server ${name} of the client is left out: ` +
        (isTaken ? 'the configuration has one of this name' : 'only standard streams and streamable HTTP are spoken'),
    );
    return [];
  });
  const made: McpServers = mcpServersOf({ mcp_servers: Object.fromEntries(rows) }, env, runtime.cwd);
  const servers = [...own, ...made.servers].slice(0, MAX_MCP_SERVERS);
  return { runtime: { ...runtime, mcpServers: servers }, warnings: [...warnings, ...made.warnings] };
};
