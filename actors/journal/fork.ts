/** What a fork begins with. It writes this as its own first fact (`history.rewound`), and needs its parent no more. */
import type { Item } from '../../machines/protocol/index.ts';

/**
 * The whole history, or what was before the n-th message of the user, counted from 0 (G.5.1). Words of the runtime
 * that stand directly before that message were made for it, and go with it.
 */
export const forkedHistory = (history: readonly Item[], beforeUserMessage?: number): readonly Item[] => {
  if (beforeUserMessage === undefined) return history;
  const places = history.flatMap((item, at) => (item.type === 'user' ? [at] : []));
  let end = places[beforeUserMessage] ?? history.length;
  if (end === history.length) return history;
  while (end > 0 && history[end - 1]?.type === 'context') end -= 1;
  return history.slice(0, end);
};
