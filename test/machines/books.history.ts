/**
 * What was told of the history, item for item. The session remembers exactly this, and a request of the conversation sends
 * exactly this (R5, R18): nothing that was told is forgotten, nothing is sent that was not told, no attempt that was given
 * up speaks.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Item, RuntimeEvent } from '../../machines/protocol/index.ts';
import { broken } from './broken.ts';
import { GIVEN_UP } from './choices.ts';

const differ = (told: readonly Item[], other: readonly Item[]): number => {
  const length = Math.max(told.length, other.length);
  for (let at = 0; at < length; at++) if (told[at] !== other[at] && !isDeepStrictEqual(told[at], other[at])) return at;
  return -1;
};

export const createHistoryBooks = (known: readonly Item[] = []) => {
  const state = { told: known, asked: null as readonly Item[] | null };

  const mustBeTold = (items: readonly Item[], who: string): void => {
    const at = differ(state.told, items);
    if (at >= 0)
      broken('R5', `item ${at} was told as ${state.told[at]?.type ?? 'none'}, and ${who} ${items[at]?.type ?? 'none'}`);
  };
  /** A request is born before its own step has told everything: it is compared when the step is over. */
  const settle = (): void => {
    const { asked } = state;
    state.asked = null;
    if (asked !== null) mustBeTold(asked, 'the request sends');
  };

  return {
    settle,
    hear: (fact: RuntimeEvent): void => {
      if (fact.type === 'history.compacted' || fact.type === 'history.rewound') state.told = fact.history;
      if (fact.type !== 'items.recorded') return;
      state.told = [...state.told, ...fact.items];
      if (fact.items.some((item) => item.type === 'agent' && item.text === GIVEN_UP))
        broken('R5', 'an attempt that was given up is heard');
    },
    ask: (items: readonly Item[]): void => void (state.asked = items),
    compare: (remembered: readonly Item[]): void => mustBeTold(remembered, 'the session remembers'),
  };
};
