/** The tools a request offers, and how each is told to run a command or apply a patch. */
import type { ToolSpec } from '../provider.ts';
import { isRecord } from '../wire.ts';

export interface Call {
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
}

export interface Escalation {
  readonly justification: string;
}

/** Shell tools by preference; each wants the command in its own words. */
const SHELLS: readonly (readonly [name: string, args: (command: string) => Readonly<Record<string, unknown>>])[] = [
  ['shell', (command) => ({ command })],
  ['shell_command', (command) => ({ command })],
  ['exec_command', (cmd) => ({ cmd })],
  ['bash', (command) => ({ command })],
];

const offered = (tools: readonly ToolSpec[], name: string) => tools.find((tool) => tool.name === name);

export const shellCall = (tools: readonly ToolSpec[], command: string, escalation?: Escalation): Call | null => {
  const shell = SHELLS.find(([name]) => offered(tools, name) !== undefined);
  if (shell === undefined) return null;
  const [name, args] = shell;
  return {
    name,
    args: {
      ...args(command),
      ...(escalation === undefined
        ? {}
        : { with_escalated_permissions: true, justification: escalation.justification }),
    },
  };
};

/** It is waited for so long, then it goes on beside the turn. Milliseconds. */
const BACKGROUND_MS = 1_000;
export const backgroundCall = (tools: readonly ToolSpec[], cmd: string): Call | null =>
  offered(tools, 'exec_command') === undefined
    ? null
    : { name: 'exec_command', args: { cmd, yield_time_ms: BACKGROUND_MS } };

export const talkCall = (tools: readonly ToolSpec[], session: string, chars: string): Call | null =>
  offered(tools, 'write_stdin') === undefined
    ? null
    : { name: 'write_stdin', args: { session_id: Number(session), chars } };

/** The argument is called what the tool calls it: the first that it requires. */
export const patchCall = (tools: readonly ToolSpec[], patch: string): Call | null => {
  const tool = offered(tools, 'apply_patch');
  if (tool === undefined) return null;
  const required = tool.parameters['required'];
  const first: unknown = Array.isArray(required) ? required[0] : undefined;
  const properties = tool.parameters['properties'];
  const only = isRecord(properties) ? Object.keys(properties)[0] : undefined;
  return { name: 'apply_patch', args: { [typeof first === 'string' ? first : (only ?? 'input')]: patch } };
};

export const planCall = (tools: readonly ToolSpec[], steps: readonly (readonly [step: string, status: string])[]) =>
  offered(tools, 'update_plan') === undefined
    ? null
    : { name: 'update_plan', args: { plan: steps.map(([step, status]) => ({ step, status })) } };
