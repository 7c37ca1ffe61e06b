/** What a session says and does when its turn cannot any more. */
import { abortedResult, unanswered } from './history.ts';
import { END, messageOf, orphansOf } from './kit.ts';
import type { Item, RuntimeError, RuntimeEvent } from './protocol/index.ts';
import type { SessionEvent } from './session.contract.ts';
import { NO_TURN, session } from './session.setup.ts';

/** The turn is lost: its machine broke, or it did not end in time. The session says in its place what is owed. */
const lose = (errorOf: (event: SessionEvent) => RuntimeError) =>
  session.enqueueActions(({ enqueue, context, event, self }) => {
    if (context.turn === null) return;
    const { turnId } = context.turn;
    const { history, approvals, open, steered, accounting, will } = context;
    const items: readonly Item[] = [
      ...unanswered(history).map(({ callId }) => abortedResult(callId)),
      ...(will?.items ?? []),
    ];
    const say = (params: RuntimeEvent) => enqueue({ type: 'publish', params });
    enqueue({ type: 'sweep', params: { turnId, callId: null } });
    for (const { approvalId, callId, state } of approvals)
      if (state !== 'answered') say({ type: 'approval.resolved', turnId, approvalId, callId, decision: 'cancelled' });
    for (const { callId, view } of open)
      say({ type: 'call.finished', turnId, callId, status: 'aborted', view, output: '' });
    if (will !== null) say(will.fact);
    if (items.length > 0) say({ type: 'items.recorded', turnId, items });
    say({
      type: 'turn.failed',
      turnId,
      usage: accounting.turn,
      undelivered: steered.map(({ inputId, text }) => ({ inputId, text })),
      stopped: [],
      error: errorOf(event),
    });
    for (const orphan of orphansOf(self, 'turn')) enqueue.sendTo(orphan, END);
    enqueue.stopChild('turn');
    enqueue.assign({ ...NO_TURN, history: [...history, ...items] });
  });

export const loseCrashedTurn = lose((event) => ({
  kind: 'crashed',
  message: 'error' in event ? messageOf(event.error) : 'no reason was kept',
}));
export const loseLateTurn = lose(() => ({ kind: 'crashed', message: 'the turn did not end in time' }));
