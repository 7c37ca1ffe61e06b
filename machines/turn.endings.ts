/** The three endings of a turn: what each says, as the last that is heard of it. */
import { lastAgentMessage } from './history.ts';
import type { TurnContext } from './turn.contract.ts';
import { turn } from './turn.setup.ts';
import { undelivered, UNEXPLAINED } from './turn.words.ts';

const told = (context: TurnContext) => ({
  turnId: context.turnId,
  usage: context.accounting.turn,
  undelivered: context.outcome === 'completed' ? [] : undelivered(context),
});

export const completed = turn.createStateConfig({
  type: 'final',
  entry: {
    type: 'publish',
    params: ({ context }) => ({
      type: 'turn.completed',
      ...told(context),
      lastAgentMessage: lastAgentMessage(context.items),
    }),
  },
});

export const aborted = turn.createStateConfig({
  type: 'final',
  entry: {
    type: 'publish',
    params: ({ context }) => ({
      type: 'turn.aborted',
      ...told(context),
      reason: context.reason,
      stopped: context.stopped,
    }),
  },
});

export const failed = turn.createStateConfig({
  type: 'final',
  entry: {
    type: 'publish',
    params: ({ context }) => ({
      type: 'turn.failed',
      ...told(context),
      error: context.error ?? UNEXPLAINED,
      stopped: context.stopped,
    }),
  },
});
