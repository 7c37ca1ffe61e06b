/** The faults of servers of tools. */
import type { Fault } from './faults.ts';

const MCP = 'mcp.machine.ts';
const OWNER = 'session.servers.ts';

export const FAULTS_SERVERS: readonly Fault[] = [
  {
    name: 'a server that was there is not started again',
    file: MCP,
    from: "const lostAgain = [{ ...lost, guard: 'mayRetry' as const, target: '#mcp.waiting' }, lost];",
    to: 'const lostAgain = [lost];',
  },
  {
    name: 'a server is started again for ever',
    file: MCP,
    from: 'mayRetry: ({ context: { tries } }) => tries < MAX_MCP_RETRIES',
    to: 'mayRetry: ({ context: { tries } }) => tries < 10 * MAX_MCP_RETRIES',
  },
  {
    name: 'losses of a server are never forgotten',
    file: MCP,
    from: "after: { steadyTime: { actions: 'forgive' } },",
    to: '',
  },
  {
    name: 'a pause before a server is started again has no end',
    file: MCP,
    from: "after: { backoff: '#mcp.linked.reconnecting' },",
    to: '',
  },
  {
    name: 'a server that was stopped is told of as a loss',
    file: MCP,
    from: "waiting: {\n      entry: ['countTry', tellLoss],\n      on: { 'mcp.stop': { target: 'gone', actions: { type: 'blame', params: null } } },",
    to: "waiting: {\n      entry: ['countTry', tellLoss],\n      on: { 'mcp.stop': 'gone' },",
  },
  {
    name: 'a server that is stopped is left alone',
    file: MCP,
    from: "entry: sendTo('link', { type: 'link.end' }),",
    to: '',
  },
  {
    name: 'a server that does not end is waited for',
    file: MCP,
    from: "after: { patience: '#mcp.gone' },",
    to: '',
  },
  {
    name: 'a server that says nothing is waited for',
    file: MCP,
    from: "'mcp.stop': stopped,\n          },\n          after: { startupTime: tooLate },\n        },\n        reconnecting",
    to: "'mcp.stop': stopped,\n          },\n        },\n        reconnecting",
  },
  {
    name: 'a server tells no end',
    file: MCP,
    from: "gone: { type: 'final', entry: end },",
    to: "gone: { type: 'final' },",
  },
  {
    name: 'a shutdown leaves the servers alone',
    file: 'session.machine.ts',
    from: 'entry: [stopTerminals, stopServers],',
    to: 'entry: stopTerminals,',
  },
  {
    name: 'a server that is gone stays in the books',
    file: OWNER,
    from: 'servers: servers.filter((server) => server !== gone)',
    to: 'servers: servers.filter((server) => server !== gone || servers.length > 0)',
  },
];
