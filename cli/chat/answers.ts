/** What the chat itself can tell: /status, /permissions, /ps. Pure. */
import type { RuntimeConfig, Session } from '../../actors/contract.ts';
import type { Grant } from '../../machines/protocol/index.ts';
import { networkInWords } from '../../sandbox/policy.ts';
import { seconds, titleOf } from '../human-lines.ts';
import { oneLine } from '../render/strip.ts';
import { backgroundLines } from './background.ts';
import type { ChatView } from './view.ts';

const row = (label: string, value: string): string => `  ${label.padEnd(10)} ${value}`;

export const windowInWords = ({ accounting }: ChatView, windowSize: number): string => {
  if (accounting === null) return `0 of ${windowSize} tokens`;
  const { used, size, full } = accounting.window;
  return full
    ? `FULL (${size} tokens): /compact, /rewind or /new`
    : `${Math.round((100 * used) / size)} % · ${used} of ${size} tokens`;
};

/** What the server said that is not understood: no fault, but worth knowing when something is missing. */
const skippedRows = (skipped: Readonly<Record<string, number>>): readonly string[] => {
  const names = Object.entries(skipped).map(([name, count]) => `${oneLine(name)} × ${count}`);
  return names.length === 0 ? [] : [row('skipped', `unknown events of the model: ${names.join(', ')}`)];
};

export const statusLines = (view: ChatView, config: RuntimeConfig, session: Session): readonly string[] => {
  const sum = view.accounting?.session;
  return [
    row('model', `${config.provider.id} · ${config.model}`),
    row('folder', config.cwd),
    row('sandbox', view.configured?.sandbox.sandbox ?? config.sandbox.kind),
    row('ask', config.approval),
    row('window', windowInWords(view, config.windowSize)),
    row(
      'used',
      sum === undefined
        ? 'nothing yet'
        : `${sum.input} in (${sum.cachedInput} cached) · ${sum.output} out (${sum.reasoningOutput} thinking)`,
    ),
    row('turns', `${view.turns}${view.phase === 'idle' ? '' : ` · ${view.phase}`}`),
    row('session', session.id),
    row('journal', session.journal ?? 'none (ephemeral)'),
    ...skippedRows(session.view().skipped ?? {}),
  ];
};

export const grantInWords = (grant: Grant): string => {
  switch (grant.kind) {
    case 'prefix':
      return `commands that begin with ${grant.argv.join(' ')} · ${grant.lifetime}`;
    case 'unsandboxed':
      return `${grant.argv.join(' ')} outside the sandbox, in ${grant.cwd} · session`;
    case 'path':
      return `writing to ${grant.path} · session`;
    case 'patch':
      return `patches to ${grant.path} · session`;
    case 'host':
      return `reaching ${grant.host} · ${grant.lifetime}`;
    case 'mcp':
      return `${grant.tool} of the MCP server ${grant.server} · session`;
  }
};

export const permissionLines = (config: RuntimeConfig, grants: readonly Grant[]): readonly string[] => [
  row('sandbox', config.sandbox.kind),
  ...(config.sandbox.kind === 'workspaceWrite'
    ? [row('writable', config.sandbox.writableRoots.join(' ')), row('network', networkInWords(config.sandbox.network))]
    : []),
  row('ask', config.approval),
  ...config.rules.map((rule) =>
    row(
      'rule',
      `${rule.decision} ${rule.pattern.map((part) => (typeof part === 'string' ? part : part.join('|'))).join(' ')}  (${rule.source})`,
    ),
  ),
  ...(config.hostRules ?? []).map(({ host, decision, source }) => row('rule', `${decision} ${host}  (${source})`)),
  ...(grants.length === 0
    ? [row('granted', 'nothing')]
    : grants.map((grant) => row('granted', oneLine(grantInWords(grant))))),
];

/** Those that run; one that still asks has started nothing. */
export const runningOf = ({ calls, pending }: Pick<ChatView, 'calls' | 'pending'>): ChatView['calls'] =>
  calls.filter(({ callId }) => !pending.some((asked) => asked.callId === callId));

export const processLines = (view: ChatView, now: number): readonly string[] => {
  const lines = [
    ...runningOf(view).map((call) => `  ${seconds(now - call.since).padStart(8)}  ${titleOf(call.view)}`),
    ...backgroundLines(view.terminals, now),
  ];
  return lines.length === 0 ? ['  nothing runs'] : lines;
};
