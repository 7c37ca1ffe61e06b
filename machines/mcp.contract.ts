/** What a server of tools is given at birth, told, and tells. The session that owns it and the machine itself meet here. */
import { asPort, type Port } from './ports.ts';

/** What the machines must know of a configured server; how it is started is not theirs to know. */
export interface McpServer {
  readonly server: string;
  readonly startupMs: number;
}
export type McpInput = McpServer;

export type McpCommand = { readonly type: 'mcp.stop' };

export interface McpOutput {
  readonly server: string;
}

export type McpLogic = Port<McpCommand, McpInput, McpOutput>;
export const asMcp = asPort<McpLogic>();

export const mcpActorOf = (server: string): string => `mcp-${server}`;
export const isMcpActor = (actorId: string): boolean => actorId.startsWith('mcp-');
