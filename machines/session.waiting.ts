/** What a session does with words that wait for a turn, and with a turn that waits to go on. */
import { begin, session } from './session.setup.ts';
import { NO_SUBJECT } from './tasks/contract.ts';

export const tellQueued = session.enqueueActions(({ enqueue, event }) => {
  if (!('text' in event)) return;
  enqueue({ type: 'publish', params: { type: 'input.queued', inputId: event.id, text: event.text } });
});

/** Whatever still waits is the user's again. */
export const returnQueue = session.enqueueActions(({ enqueue, context }) => {
  for (const { inputId, text } of [...context.held, ...context.queue])
    enqueue({ type: 'publish', params: { type: 'input.returned', inputId, text } });
  enqueue.assign({ queue: [], held: [] });
});

/** The user has said something: what waited for that waits for its turn now, before whatever came since. */
export const releaseHeld = session.assign(({ context }) => ({ queue: [...context.held, ...context.queue], held: [] }));

/** The first turn after a loss, where somebody is there to answer what was asked. */
export const continueTurn = session.enqueueActions(({ enqueue, context }) => {
  const { input, change } = begin(context, 'regular', NO_SUBJECT, [], undefined, context.continues);
  enqueue.assign({ ...change, continues: null });
  enqueue.spawnChild('turn', { id: 'turn', input });
});
