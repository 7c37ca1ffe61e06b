/** What became of everything when a turn ended, from what was known of it and how it ended. Pure. */
import type { FactOf, Stamped } from '../../machines/protocol/index.ts';
import type { Receipt } from './cells.ts';
import type { ChatView } from './view.ts';

export const receiptOf = (
  view: ChatView,
  fact: Stamped<FactOf<'turn.completed' | 'turn.failed' | 'turn.aborted'>>,
): Receipt => ({
  tookMs: fact.at - view.since,
  abortingMs: view.abortingSince === null ? null : fact.at - view.abortingSince,
  stopped: fact.type === 'turn.completed' ? [] : fact.stopped,
  tokens: fact.usage.input + fact.usage.output,
  savedTokens: fact.usage.output,
  abortedCalls: view.abortedCalls,
  undelivered: fact.undelivered,
  changedFiles: view.changedFiles,
  goesOn: view.terminals,
});
