import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkHistory } from '../../test/machines/books.ts';
import { estimateTokens } from '../history.ts';
import type { Item } from '../protocol/index.ts';
import { compacted, KEPT_USER_TOKENS, promptOfRung, RUNGS, SUMMARY_REQUEST } from './compaction.ts';

const text = fc.nat(8_000).map((length) => 'x'.repeat(length));
/** Valid histories: words, and calls with their results behind them. */
const histories: fc.Arbitrary<readonly Item[]> = fc
  .array(fc.tuple(fc.constantFrom('user', 'agent', 'call'), text), { maxLength: 30 })
  .map((parts) =>
    parts.flatMap(([kind, words], n): readonly Item[] => {
      if (kind === 'user') return [{ type: 'user', text: words, inputId: `i${n}` }];
      if (kind === 'agent') return [{ type: 'agent', text: words }];
      const callId = `c${n}`;
      return [
        { type: 'call', callId, tool: 'shell', args: words },
        { type: 'result', callId, output: words, status: 'completed' },
      ];
    }),
  );
const windows = fc.integer({ min: 5_000, max: 50_000 });
const REQUEST = estimateTokens([{ type: 'user', text: SUMMARY_REQUEST }]);

describe('what a compaction sends (C.9)', () => {
  it.each(RUNGS.map((share, rung) => [rung, share]))(
    'fits on rung %i, and has each call with its result',
    (rung, share) => {
      fc.assert(
        fc.property(histories, windows, (history, size) => {
          const sent = promptOfRung(history, rung, size);
          checkHistory(sent, 'the request');
          // Each item is rounded up by itself, so the sum of the items is the upper bound.
          expect(estimateTokens(sent)).toBeLessThanOrEqual(Math.floor(size * share) + REQUEST);
          expect(sent.at(-1)).toEqual({ type: 'user', text: SUMMARY_REQUEST });
        }),
      );
    },
  );
});

describe('what a compaction keeps (C.9.7)', () => {
  it("keeps the newest of the user's words as the very same items, within the budget", () => {
    fc.assert(
      fc.property(histories, (history) => {
        const words = history.filter(({ type }) => type === 'user');
        const kept = compacted(history, 'so far').filter(({ type }) => type === 'user');
        kept.forEach((item, n) => expect(item).toBe(words[words.length - kept.length + n]));
        expect(estimateTokens(kept)).toBeLessThanOrEqual(KEPT_USER_TOKENS);
        expect(kept.length > 0 || words.length === 0).toBe(true);
      }),
    );
  });
  it('ends with the summary', () => {
    expect(compacted([], ' so far ')).toEqual([{ type: 'summary', text: 'so far' }]);
  });
  it('fits its budget also where a single message is cut', () => {
    const kept = compacted([{ type: 'user', text: 'x'.repeat(KEPT_USER_TOKENS * 9) }], 's');
    expect(estimateTokens(kept.slice(0, 1))).toBeLessThanOrEqual(KEPT_USER_TOKENS);
  });
});
