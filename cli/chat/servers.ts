/** What the chat knows, and says, of servers of tools and of the user's own programs that are asked. Pure. */
import type { RuntimeConfig } from '../../actors/contract.ts';
import type { FactOf } from '../../machines/protocol/index.ts';
import { eventOf } from '../config/hooks.ts';
import { oneLine } from '../render/strip.ts';

export type ServerSeen = Pick<FactOf<'mcp.changed'>, 'server' | 'state' | 'tools' | 'message'>;

export const heardServer = (known: readonly ServerSeen[], fact: FactOf<'mcp.changed'>): readonly ServerSeen[] => [
  ...known.filter(({ server }) => server !== fact.server),
  fact,
];

const MARKS = { connecting: '…', ready: '✔', failed: '✘', closed: '·' } as const;

/** For /mcp. */
export const serverLines = (
  known: readonly ServerSeen[],
  { mcpServers = [] }: Pick<RuntimeConfig, 'mcpServers'>,
): readonly string[] => {
  if (mcpServers.length === 0) return ['  there are no servers of tools; [mcp_servers.NAME] in config.toml names one'];
  const width = Math.max(...mcpServers.map(({ name }) => name.length));
  return mcpServers.flatMap(({ name, how }) => {
    const seen = known.find(({ server }) => server === name);
    const state = seen?.state ?? 'connecting';
    const place = how.kind === 'http' ? how.url : how.argv.join(' ');
    const head = `  ${MARKS[state]} ${name.padEnd(width)}  ${state} · ${oneLine(place)}`;
    const more = [...(seen?.message === undefined ? [] : [seen.message]), ...(seen?.tools ?? [])];
    return [head, ...more.map((line) => `    ${''.padEnd(width)}  ${oneLine(line)}`)];
  });
};

const PLACE_CHARS = 'PermissionRequest'.length;

/** For /hooks. */
export const hookLines = ({ hooks = [] }: Pick<RuntimeConfig, 'hooks'>): readonly string[] =>
  hooks.length === 0
    ? ['  nobody else is asked; [[hooks.PreToolUse]] in config.toml names a program']
    : hooks.map(({ hook, matcher, command, runsAs, isRequired }) => {
        const traits = [
          runsAs === 'user' ? 'as you' : 'in the sandbox',
          ...(matcher === null ? [] : [`for ${matcher}`]),
          ...(isRequired ? ['required'] : []),
        ];
        return `  ${eventOf(hook).padEnd(PLACE_CHARS)}  ${oneLine(command)}  (${traits.join(', ')})`;
      });
