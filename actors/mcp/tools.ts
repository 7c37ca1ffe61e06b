/** What a call of a tool of an MCP server comes to: whose it is, whether its arguments fit, whether anybody must be asked. */
import type { PlanInput, PlanReport } from '../../machines/leaves.ts';
import type { CallView } from '../../machines/protocol/index.ts';
import type { ApprovalPolicy, SandboxPolicy } from '../../sandbox/policy.ts';
import { mayOnlyRead, planRemote } from '../../sandbox/remote.ts';
import type { Desk } from './desk.ts';
import type { McpServerConfig } from './words.ts';

type Planned = Omit<PlanReport, 'type' | 'callId'>;

/** As Codex does, so that transcripts and rules mean the same. */
const prefixOf = (server: string): string => `mcp__${server}__`;
export const nameFor = (server: string, tool: string): string => `${prefixOf(server)}${tool}`;

export const isOffered = ({ enabled, disabled }: McpServerConfig, tool: string): boolean =>
  (enabled === null || enabled.includes(tool)) && !disabled.includes(tool);

/** The longest name that fits: one server may be called as another one begins. */
const ownerOf = (servers: readonly McpServerConfig[], name: string): McpServerConfig | null =>
  servers
    .filter((server) => name.startsWith(prefixOf(server.name)))
    .reduce<McpServerConfig | null>((best, one) => (one.name.length > (best?.name.length ?? 0) ? one : best), null);

/** JSON text of an object; null: it is none. */
const argumentsOf = (args: string): string | null => {
  if (args.trim() === '') return '{}';
  try {
    const value: unknown = JSON.parse(args);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? args : null;
  } catch {
    return null;
  }
};

const answer = (view: CallView, output: string): Planned => ({
  view,
  plan: { step: 'answer', output, succeeded: false },
  isExclusive: false,
});

export interface Policies {
  readonly approval: ApprovalPolicy;
  readonly sandbox: SandboxPolicy;
}

/** Null: this is no tool of a server. A server that still starts is waited for; a turn that does not call it waits for nobody. */
export const planOf =
  (desk: Desk, { approval, sandbox }: Policies) =>
  async ({ tool: name, args, grants, purpose }: PlanInput): Promise<Planned | null> => {
    const owner = purpose === undefined ? ownerOf(desk.servers, name) : null;
    if (owner === null) return null;
    const server = owner.name;
    const tool = name.slice(prefixOf(server).length);
    const view: CallView = { kind: 'mcp', server, tool, args };
    if (!isOffered(owner, tool)) return answer(view, `The configuration does not offer ${tool} of ${server}.`);
    await desk.settled(server);
    const tools = desk.tools(server);
    const known = tools.find((one) => one.name === tool);
    if (known === undefined)
      return answer(
        view,
        tools.length === 0
          ? `The MCP server ${server} is not there, or has no tools.`
          : `The MCP server ${server} has no tool ${tool}. It has: ${tools.map((one) => one.name).join(', ')}.`,
      );
    const fit = argumentsOf(args);
    if (fit === null) return answer(view, `The arguments of ${name} must be a JSON object.`);
    const plan = planRemote({
      remote: { server, tool, args: fit, timeoutMs: owner.toolMs },
      hints: known.hints,
      wanted: owner.toolApproval[tool] ?? owner.approval,
      ...{ approval, sandbox, grants },
    });
    return { view, plan, isExclusive: !mayOnlyRead(known.hints) };
  };
