/**
 * A server of tools (MCP), from its start until nothing is left of it. No turn waits for it: its tools are offered once
 * they are known, and not any more once it is gone.
 *
 *   mcp
 *   ├─ linked               child: link
 *   │  ├─ connecting        it starts and says what it has; startupTime is how long it may take
 *   │  ├─ reconnecting      the same, for one that was there before
 *   │  ├─ ready             its tools can be used; after steadyTime its losses are forgiven
 *   │  └─ closing           told to end; only its end, or CALL_PATIENCE_MS, ends the waiting
 *   ├─ waiting              it was there and is lost; a pause before it is started again
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
 *   4. one that was there is started again, at most MAX_MCP_RETRIES times in a row; one that never was, is not
 */
import { assign, sendTo, setup, type CallbackActorLogic, type ErrorActorEvent } from 'xstate';
import { CALL_PATIENCE_MS } from './deadlines.ts';
import { messageOf } from './kit.ts';
import type { LinkCommand, LinkInput, LinkReport } from './leaves.ts';
import { MAX_MCP_RETRIES, MAX_MICROSTEPS, MCP_BACKOFF_MS, MCP_STEADY_MS } from './limits.ts';
import type { McpCommand, McpInput, McpOutput } from './mcp.contract.ts';
import { actorPort, publishPort } from './ports.ts';

interface McpContext extends McpInput {
  /** Why it is not there; null: somebody told it to go. */
  readonly why: string | null;
  /** How often it was started again, since it was last steady. */
  readonly tries: number;
}

/** It doubles each time. Milliseconds. */
const pauseBefore = (tries: number): number => MCP_BACKOFF_MS * 2 ** Math.max(0, tries - 1);

const mcp = setup({
  types: {
    input: {} as McpInput,
    context: {} as McpContext,
    events: {} as McpCommand | LinkReport | ErrorActorEvent<unknown, string>,
    output: {} as McpOutput,
  },
  actors: { link: actorPort<CallbackActorLogic<LinkCommand, LinkInput>>('link') },
  delays: {
    startupTime: ({ context }) => context.startupMs,
    patience: CALL_PATIENCE_MS,
    steadyTime: MCP_STEADY_MS,
    backoff: ({ context: { tries } }) => pauseBefore(tries),
  },
  guards: { mayRetry: ({ context: { tries } }) => tries < MAX_MCP_RETRIES },
  actions: {
    publish: publishPort,
    blame: assign((_, why: string | null) => ({ why })),
    countTry: assign(({ context: { tries } }) => ({ tries: tries + 1 })),
    forgive: assign(() => ({ tries: 0 })),
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

const tellLoss = mcp.enqueueActions(({ enqueue, context: { server, why, tries } }) => {
  const message = `${why ?? 'it ended'}; it is started again (${tries} of ${MAX_MCP_RETRIES})`;
  enqueue({ type: 'publish', params: { type: 'mcp.changed', server, state: 'connecting', tools: [], message } });
  enqueue({ type: 'publish', params: { type: 'session.warned', message: `MCP server ${server}: ${message}` } });
});

const end = mcp.enqueueActions(({ enqueue, context: { server, why } }) => {
  const state = why === null ? 'closed' : 'failed';
  const message = why === null ? {} : { message: why };
  enqueue({ type: 'publish', params: { type: 'mcp.changed', server, state, tools: [], ...message } });
  if (why !== null)
    enqueue({ type: 'publish', params: { type: 'session.warned', message: `MCP server ${server}: ${why}` } });
});

const lost = {
  target: '#mcp.gone',
  actions: {
    type: 'blame' as const,
    params: ({ event }: { event: Extract<LinkReport, { type: 'link.ended' }> }) => event.why ?? 'it ended',
  },
};
const crashed = {
  target: '#mcp.gone',
  actions: {
    type: 'blame' as const,
    params: ({ event }: { event: ErrorActorEvent<unknown, string> }) => messageOf(event.error),
  },
};
const lostAgain = [{ ...lost, guard: 'mayRetry' as const, target: '#mcp.waiting' }, lost];
const tooLate = {
  target: 'closing',
  actions: {
    type: 'blame' as const,
    params: ({ context }: { context: McpContext }) =>
      `it did not say what it has within ${context.startupMs} milliseconds`,
  },
};
const stopped = { target: 'closing', actions: { type: 'blame' as const, params: null } };

export const mcpMachine = mcp.createMachine({
  id: 'mcp',
  options: { maxIterations: MAX_MICROSTEPS },
  context: ({ input }) => ({ ...input, why: null, tries: 0 }),
  entry: begin,
  initial: 'linked',
  states: {
    linked: {
      invoke: { src: 'link', id: 'link', input: ({ context: { server } }) => ({ server }) },
      initial: 'connecting',
      states: {
        connecting: {
          on: {
            'link.listed': { target: 'ready', actions: offer },
            'link.ended': lost,
            'xstate.error.actor.link': crashed,
            'mcp.stop': stopped,
          },
          after: { startupTime: tooLate },
        },
        reconnecting: {
          on: {
            'link.listed': { target: 'ready', actions: offer },
            'link.ended': lostAgain,
            'xstate.error.actor.link': crashed,
            'mcp.stop': stopped,
          },
          after: { startupTime: tooLate },
        },
        ready: {
          on: {
            'link.listed': { actions: offer },
            'link.ended': lostAgain,
            'xstate.error.actor.link': crashed,
            'mcp.stop': stopped,
          },
          after: { steadyTime: { actions: 'forgive' } },
        },
        closing: {
          entry: sendTo('link', { type: 'link.end' }),
          on: { 'link.ended': '#mcp.gone', 'xstate.error.actor.link': '#mcp.gone' },
          after: { patience: '#mcp.gone' },
        },
      },
    },
    waiting: {
      entry: ['countTry', tellLoss],
      on: { 'mcp.stop': { target: 'gone', actions: { type: 'blame', params: null } } },
      after: { backoff: '#mcp.linked.reconnecting' },
    },
    gone: { type: 'final', entry: end },
  },
  output: ({ context: { server } }) => ({ server }),
});
