/**
 * A server of tools (MCP), from its start until nothing is left of it. No turn waits for it: its tools are offered once
 * they are known, and not any more once it is gone.
 *
 *   mcp
 *   ├─ connecting           it starts and says what it has; startupTime is how long it may take
 *   ├─ ready                its tools can be used
 *   ├─ closing              told to end; only its end, or CALL_PATIENCE_MS, ends the waiting
 *   └─ gone ■               nothing is left of it
 *
 * Down:     mcp.stop; to the server: link.end
 * Up:       the output
 * Sideways: mcp.changed, session.warned
 *
 * Promises:
 *   1. mcp.changed begins with connecting and ends with failed or closed, once
 *   2. when it is gone, its process is
 *   3. whoever loses a server that nobody stopped is told why
 */
import { assign, sendTo, setup, type CallbackActorLogic, type ErrorActorEvent } from 'xstate';
import { CALL_PATIENCE_MS } from './deadlines.ts';
import { messageOf } from './kit.ts';
import type { LinkCommand, LinkInput, LinkReport } from './leaves.ts';
import { MAX_MICROSTEPS } from './limits.ts';
import type { McpCommand, McpInput, McpOutput } from './mcp.contract.ts';
import { actorPort, publishPort } from './ports.ts';

interface McpContext extends McpInput {
  /** Why it is not there; null: somebody told it to go. */
  readonly why: string | null;
}

const mcp = setup({
  types: {
    input: {} as McpInput,
    context: {} as McpContext,
    events: {} as McpCommand | LinkReport | ErrorActorEvent<unknown, string>,
    output: {} as McpOutput,
  },
  actors: { link: actorPort<CallbackActorLogic<LinkCommand, LinkInput>>('link') },
  delays: { startupTime: ({ context }) => context.startupMs, patience: CALL_PATIENCE_MS },
  actions: {
    publish: publishPort,
    blame: assign((_, why: string | null) => ({ why })),
  },
});

const begin = mcp.enqueueActions(({ enqueue, context: { server } }) => {
  enqueue({ type: 'publish', params: { type: 'mcp.changed', server, state: 'connecting', tools: [] } });
});

const offer = mcp.enqueueActions(({ enqueue, context: { server }, event }) => {
  if (event.type !== 'link.listed') return;
  const { tools } = event;
  enqueue({ type: 'publish', params: { type: 'mcp.changed', server, state: 'ready', tools } });
});

const end = mcp.enqueueActions(({ enqueue, context: { server, why } }) => {
  const state = why === null ? 'closed' : 'failed';
  const message = why === null ? {} : { message: why };
  enqueue({ type: 'publish', params: { type: 'mcp.changed', server, state, tools: [], ...message } });
  if (why !== null)
    enqueue({ type: 'publish', params: { type: 'session.warned', message: `MCP server ${server}: ${why}` } });
});

const lost = {
  target: 'gone',
  actions: {
    type: 'blame' as const,
    params: ({ event }: { event: Extract<LinkReport, { type: 'link.ended' }> }) => event.why ?? 'it ended',
  },
};
const crashed = {
  target: 'gone',
  actions: {
    type: 'blame' as const,
    params: ({ event }: { event: ErrorActorEvent<unknown, string> }) => messageOf(event.error),
  },
};

export const mcpMachine = mcp.createMachine({
  id: 'mcp',
  options: { maxIterations: MAX_MICROSTEPS },
  context: ({ input }) => ({ ...input, why: null }),
  entry: begin,
  invoke: { src: 'link', id: 'link', input: ({ context: { server } }) => ({ server }) },
  initial: 'connecting',
  states: {
    connecting: {
      on: {
        'link.listed': { target: 'ready', actions: offer },
        'link.ended': lost,
        'xstate.error.actor.link': crashed,
        'mcp.stop': 'closing',
      },
      after: {
        startupTime: {
          target: 'closing',
          actions: {
            type: 'blame',
            params: ({ context }) => `it did not say what it has within ${context.startupMs} milliseconds`,
          },
        },
      },
    },
    ready: {
      on: {
        'link.listed': { actions: offer },
        'link.ended': lost,
        'xstate.error.actor.link': crashed,
        'mcp.stop': 'closing',
      },
    },
    closing: {
      entry: sendTo('link', { type: 'link.end' }),
      on: { 'link.ended': 'gone', 'xstate.error.actor.link': 'gone' },
      after: { patience: 'gone' },
    },
    gone: { type: 'final', entry: end },
  },
  output: ({ context: { server } }) => ({ server }),
});
