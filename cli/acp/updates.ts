/** Facts and deltas in the words of the Agent Client Protocol. It remembers which calls of the turn the client was told of. */
import { basename, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { SessionUpdate, ToolCallContent, ToolCallStatus, ToolKind } from '@agentclientprotocol/sdk';
import type { CallView, Delta, FileChange, Item, RuntimeEvent } from '../../machines/protocol/index.ts';
import { titleOf } from '../human-lines.ts';
import { oneLine } from '../render/strip.ts';

/** How much of a running command's output is shown. UTF-16 units. */
const LIVE_TAIL = 8_192;

const words = (sessionUpdate: 'agent_message_chunk' | 'agent_thought_chunk' | 'user_message_chunk', text: string) =>
  ({ sessionUpdate, content: { type: 'text', text } }) as const;
const printed = (text: string): ToolCallContent => ({ type: 'content', content: { type: 'text', text } });

/** The old and the new side of the changed places of a unified diff. */
const sidesOf = (diff: string): { readonly oldText: string; readonly newText: string } => {
  const lines = diff.split('\n');
  const body = lines.slice(
    Math.max(
      0,
      lines.findIndex((line) => line.startsWith('@@')),
    ),
  );
  const side = (marks: string) =>
    body
      .filter((line) => line !== '' && marks.includes(line.charAt(0)))
      .map((line) => `${line.slice(1)}\n`)
      .join('');
  return { oldText: side(' -'), newText: side(' +') };
};
const diffOf = ({ path, kind, movedTo, diff }: FileChange, cwd: string): ToolCallContent => {
  const { oldText, newText } = sidesOf(diff);
  return { type: 'diff', path: resolve(cwd, movedTo ?? path), oldText: kind === 'add' ? null : oldText, newText };
};

const KINDS = { command: 'execute', patch: 'edit', mcp: 'other', tool: 'other' } as const satisfies Record<
  CallView['kind'],
  ToolKind
>;
const inputOf = (view: CallView): unknown => {
  switch (view.kind) {
    case 'command':
      return { command: view.command, argv: view.argv, cwd: view.cwd };
    case 'patch':
      return { changes: view.changes };
    case 'mcp':
    case 'tool':
      return { tool: view.tool, arguments: view.args };
  }
};

/** A command that goes on beside the turns is shown by itself: its call is over, and so may be its turn. */
const beside = (terminalId: string): string => `terminal-${terminalId}`;

/** Everything of a call that can be shown before it ran. */
export const shownCall = (callId: string, view: CallView, cwd: string) => ({
  toolCallId: callId,
  title: titleOf(view),
  kind: KINDS[view.kind],
  rawInput: inputOf(view),
  ...(view.kind === 'patch' && {
    content: view.changes.map((change) => diffOf(change, cwd)),
    locations: view.changes.map(({ path }) => ({ path: resolve(cwd, path) })),
  }),
});

export const createTranslator = (cwd: string) => {
  const open = new Set<string>();
  const tails = new Map<string, string>();
  let wasStreamed = false;
  const call = (callId: string, view: CallView, status: ToolCallStatus): SessionUpdate => {
    const isKnown = open.has(callId);
    open.add(callId);
    return { sessionUpdate: isKnown ? 'tool_call_update' : 'tool_call', ...shownCall(callId, view, cwd), status };
  };

  return (event: RuntimeEvent | Delta): readonly SessionUpdate[] => {
    switch (event.type) {
      case 'agent.delta':
        wasStreamed = true;
        return [words('agent_message_chunk', event.text)];
      case 'reasoning.delta':
        return [words('agent_thought_chunk', event.text)];
      case 'items.recorded': {
        const said = event.items.flatMap((item) => (item.type === 'agent' ? [item.text] : []));
        if (said.length === 0) return [];
        const isNew = !wasStreamed;
        wasStreamed = false;
        return isNew ? said.map((text) => words('agent_message_chunk', text)) : [];
      }
      case 'call.started':
        return [call(event.callId, event.view, 'in_progress')];
      case 'approval.requested':
        return [call(event.callId, event.view, 'pending')];
      case 'approval.resolved': {
        const { decision, callId } = event;
        const isYes = decision !== 'cancelled' && decision.kind.startsWith('approve');
        return isYes ? [{ sessionUpdate: 'tool_call_update', toolCallId: callId, status: 'in_progress' }] : [];
      }
      case 'exec.printed': {
        const tail = ((tails.get(event.callId) ?? '') + event.chunk).slice(-LIVE_TAIL);
        tails.set(event.callId, tail);
        return [{ sessionUpdate: 'tool_call_update', toolCallId: event.callId, content: [printed(tail)] }];
      }
      case 'call.finished': {
        const { callId, view, output, exitCode, status } = event;
        const update = call(callId, view, status === 'completed' ? 'completed' : 'failed');
        open.delete(callId);
        tails.delete(callId);
        const before = view.kind === 'patch' ? view.changes.map((change) => diffOf(change, cwd)) : [];
        const rawOutput = { status, output, ...(exitCode !== undefined && { exitCode }) };
        return [{ ...update, content: [...before, printed(output)], rawOutput } as SessionUpdate];
      }
      case 'terminal.started': {
        const { terminalId, what, pid } = event;
        const rawInput = { terminalId, ...(pid !== null && { pid }) };
        const title = `in the background: ${oneLine(what)}`;
        return [
          {
            sessionUpdate: 'tool_call',
            toolCallId: beside(terminalId),
            kind: 'execute',
            status: 'in_progress',
            title,
            rawInput,
          },
        ];
      }
      case 'terminal.ended': {
        const { terminalId, exitCode } = event;
        const rawOutput = { status: event.status, ...(exitCode !== undefined && { exitCode }) };
        const status = event.status === 'completed' ? 'completed' : 'failed';
        return [{ sessionUpdate: 'tool_call_update', toolCallId: beside(terminalId), status, rawOutput }];
      }
      case 'plan.updated':
        return [
          {
            sessionUpdate: 'plan',
            entries: event.plan.map(({ step, status }) => ({ content: step, status, priority: 'medium' })),
          },
        ];
      case 'turn.completed':
      case 'turn.failed':
      case 'turn.aborted': {
        const left = [...open];
        open.clear();
        tails.clear();
        wasStreamed = false;
        return left.map((toolCallId) => ({ sessionUpdate: 'tool_call_update', toolCallId, status: 'failed' }));
      }
      default:
        return [];
    }
  };
};

const pictureAt = (path: string): SessionUpdate => ({
  sessionUpdate: 'user_message_chunk',
  content: { type: 'resource_link', name: basename(path), uri: pathToFileURL(path).href },
});

/** What was said and done before, as the client would have seen it. */
export const replayed = (history: readonly Item[]): readonly SessionUpdate[] =>
  history.flatMap((item): readonly SessionUpdate[] => {
    switch (item.type) {
      case 'user':
        return [
          ...(item.text === '' ? [] : [words('user_message_chunk', item.text)]),
          ...(item.images ?? []).map(pictureAt),
        ];
      case 'agent':
      case 'summary':
        return [words('agent_message_chunk', item.text)];
      case 'reasoning':
        return item.text === '' ? [] : [words('agent_thought_chunk', item.text)];
      case 'call':
        return [{ sessionUpdate: 'tool_call', toolCallId: item.callId, title: item.tool, rawInput: item.args }];
      case 'result': {
        const status = item.status === 'completed' ? 'completed' : 'failed';
        return [
          { sessionUpdate: 'tool_call_update', toolCallId: item.callId, status, content: [printed(item.output)] },
        ];
      }
      case 'context':
        return [];
    }
  });
