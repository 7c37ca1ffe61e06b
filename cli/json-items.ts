/** Calls as items of `exec --json`, before and after they ran. Pure. */
import type { CallStatus, CallView, FactOf } from '../machines/protocol/index.ts';
import type { LineItem } from './json-schema.ts';

type Finished = FactOf<'call.finished'>;

const STATUS = {
  completed: 'completed',
  failed: 'failed',
  declined: 'declined',
  aborted: 'failed',
  timedOut: 'failed',
  unknown: 'failed',
} as const satisfies Record<CallStatus, string>;

const statusOf = ({ status, exitCode }: Finished) =>
  status === 'completed' && exitCode !== undefined && exitCode !== 0 ? 'failed' : STATUS[status];

const parsed = (args: string): unknown => {
  try {
    return JSON.parse(args);
  } catch {
    return args;
  }
};

const changesOf = (view: Extract<CallView, { kind: 'patch' }>) =>
  view.changes.map(({ path, kind, movedTo }) => ({ path, kind, ...(movedTo !== undefined && { moved_to: movedTo }) }));

export const openItem = (id: string, view: CallView): LineItem => {
  const status = 'in_progress';
  switch (view.kind) {
    case 'command': {
      const { command, cwd, plan = null } = view;
      const sandbox = plan?.sandbox ?? null;
      return { id, type: 'command_execution', command, aggregated_output: '', cwd, sandbox, plan, status };
    }
    case 'patch':
      return { id, type: 'file_change', changes: changesOf(view), status };
    case 'mcp':
      return { id, type: 'mcp_tool_call', server: view.server, tool: view.tool, arguments: parsed(view.args), status };
    case 'tool':
      return { id, type: 'tool_call', tool: view.tool, arguments: view.args, status };
  }
};

export const finishedItem = (id: string, fact: Finished): LineItem => {
  const { view, output, exitCode, durationMs, ran, terminalId } = fact;
  const how = {
    status: statusOf(fact),
    outcome: fact.status,
    ...(durationMs !== undefined && { duration_ms: durationMs }),
  };
  switch (view.kind) {
    case 'command': {
      const plan = ran ?? view.plan ?? null;
      return {
        id,
        type: 'command_execution',
        command: view.command,
        aggregated_output: output,
        ...(exitCode !== undefined && { exit_code: exitCode }),
        ...(terminalId !== undefined && { terminal_id: terminalId }),
        cwd: view.cwd,
        sandbox: plan?.sandbox ?? null,
        plan,
        ...how,
      };
    }
    case 'patch':
      return { id, type: 'file_change', changes: changesOf(view), output, ...how };
    case 'mcp': {
      const told =
        how.status === 'completed'
          ? { result: { content: [{ type: 'text' as const, text: output }] } }
          : { error: { message: output } };
      return {
        id,
        type: 'mcp_tool_call',
        server: view.server,
        tool: view.tool,
        arguments: parsed(view.args),
        ...told,
        ...how,
      };
    }
    case 'tool':
      return { id, type: 'tool_call', tool: view.tool, arguments: view.args, output, ...how };
  }
};
