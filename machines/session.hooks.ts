/** What a session does with the hooks of its beginning: ops wait while they run. Without hooks the state is never entered. */
import { sendTo } from 'xstate';
import { contextOf, factsOf, unheard } from './hook.words.ts';
import { hearDeferred } from './session.deferred.ts';
import { accept, session } from './session.setup.ts';

const hear = session.enqueueActions(({ enqueue, context, event }) => {
  const report = event.type === 'hook.done' ? event : unheard(context.settings.hooks, 'sessionStart');
  for (const fact of factsOf(report)) enqueue({ type: 'publish', params: fact });
  enqueue.assign({ surroundings: [...context.surroundings, ...contextOf(report)] });
});
const over = { target: 'idle', actions: [hear, hearDeferred] };

export const hooking = session.createStateConfig({
  invoke: {
    src: 'hook',
    id: 'hook',
    input: ({ context: { history } }) => ({
      hook: 'sessionStart',
      source: history.length === 0 ? 'startup' : 'resume',
    }),
    onError: over,
  },
  on: {
    'hook.done': over,
    // Whoever wants to go on, or to go, waits no longer for them.
    'op.interrupt': { actions: [accept, sendTo('hook', { type: 'hook.cancel' })] },
    'op.close': {
      actions: [{ type: 'defer', params: ({ event }) => event }, sendTo('hook', { type: 'hook.cancel' })],
    },
    'op.*': { actions: { type: 'defer', params: ({ event }) => event } },
  },
  after: { greetingTime: over },
});
