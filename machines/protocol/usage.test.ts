import { describe, expect, it } from 'vitest';
import {
  add,
  countItems,
  countRequest,
  fillWindow,
  mustCompact,
  newAccounting,
  NO_USAGE,
  refillWindow,
  startTurn,
} from './usage.ts';

const one = { input: 10, cachedInput: 4, output: 3, reasoningOutput: 2 };
const once = countRequest(newAccounting(100), one);

describe('the accounts of tokens', () => {
  it('tell the last request, the turn, the session and the window apart', () => {
    const next = countRequest(startTurn(countRequest(once, one)), one);
    expect(next.last).toEqual(one);
    expect(next.turn).toEqual(one);
    expect(next.session).toEqual(add(one, add(one, one)));
    expect(next.window).toEqual({ used: 13, size: 100, full: false });
  });

  it.each([
    ['a request measures', once, 13, false],
    ['items add an estimate', countItems(once, 7), 20, false],
    ['a refusal fills', fillWindow(once), 100, true],
    ['items do not take the mark away', countItems(fillWindow(once), 7), 107, true],
    ['a new turn does not either', startTurn(fillWindow(once)), 100, true],
    ['a compaction takes it away', refillWindow(fillWindow(once), 5), 5, false],
    ['so does a request that was answered', countRequest(fillWindow(once), one), 13, false],
  ] as const)('%s', (_, { window }, used, full) => expect(window).toEqual({ used, size: 100, full }));

  it('ask for a compaction at the threshold, or when the window is full (R16)', () => {
    expect(mustCompact(countItems(newAccounting(100), 89), 90)).toBe(false);
    expect(mustCompact(countItems(newAccounting(100), 90), 90)).toBe(true);
    expect(mustCompact(fillWindow(newAccounting(100)), 1_000)).toBe(true);
    expect(newAccounting(100).turn).toEqual(NO_USAGE);
  });
});
