/** What a session does with the ops that came when it could answer nobody: while it started, or brought files back. */
import type { Op } from './protocol/index.ts';
import type { SessionContext } from './session.contract.ts';
import { session } from './session.setup.ts';
import { inWords, jobOf, refusal } from './session.words.ts';

const opensTurn = (context: SessionContext, op: Op): boolean =>
  (jobOf(op) !== null || op.type === 'op.say' || op.type === 'op.queue') && refusal('idle', context, op) === null;

/** They are heard in the order in which they came (A.1.6). */
export const hearDeferred = session.enqueueActions(({ enqueue, context }) => {
  const { deferred } = context;
  enqueue.assign({ deferred: [] });
  // An idle session that is told to close hears nothing more: what was asked behind that is answered here.
  const closing = deferred.findIndex(
    ({ type }, at) => type === 'op.close' && !deferred.slice(0, at).some((op) => opensTurn(context, op)),
  );
  const heard = closing < 0 ? deferred : deferred.slice(0, closing + 1);
  for (const { id } of deferred.slice(heard.length))
    enqueue({
      type: 'publish',
      params: { type: 'op.refused', opId: id, reason: 'closed', message: inWords('closed') },
    });
  for (const op of heard) enqueue.raise(op);
});
