import { describe, expect, it } from 'vitest';
import { BACKOFF_BASE_MS, BACKOFF_MAX_MS, RETRY_BUDGET_MS } from '../limits.ts';
import { ErrorKind } from '../protocol/error.ts';
import { afterFailure, canRetry, givenUp, NO_TRIES, pauseAfter } from './retry.ts';

const dropped = { kind: 'streamDisconnected' as const, message: 'gone' };
const busy = (retryAfterMs: number) => ({ kind: 'rateLimited' as const, message: 'busy', retryAfterMs });

describe('trying again (D.3)', () => {
  it.each([1, 2, 3, 4])('pauses twice as long after failure %i as before it', (failed) =>
    expect(pauseAfter({ failed, spentMs: 0 }, dropped)).toBe(BACKOFF_BASE_MS * 2 ** (failed - 1)),
  );
  it('does what the server asks for instead', () => expect(pauseAfter({ failed: 3, spentMs: 0 }, busy(7))).toBe(7));

  it.each([
    ['the first failure', 1, 0, dropped, true],
    ['the last attempt', 3, 0, dropped, false],
    ['the longest pause', 1, 0, busy(BACKOFF_MAX_MS), true],
    ['a longer pause', 1, 0, busy(BACKOFF_MAX_MS + 1), false],
    ['the last of the budget', 1, RETRY_BUDGET_MS - BACKOFF_BASE_MS, dropped, true],
    ['more than the budget', 1, RETRY_BUDGET_MS - BACKOFF_BASE_MS + 1, dropped, false],
    ['a full window', 1, 0, { kind: 'contextWindowExceeded', message: '' }, false],
  ] as const)('%s', (_, failed, spentMs, error, may) => expect(canRetry({ failed, spentMs }, error, 3)).toBe(may));

  it('is for these errors and no others', () =>
    expect(ErrorKind.options.filter((kind) => canRetry({ failed: 1, spentMs: 0 }, { kind, message: '' }, 3))).toEqual([
      'rateLimited',
      'serverOverloaded',
      'serverError',
      'responseIncomplete',
      'streamDisconnected',
      'streamIdle',
      'connectionFailed',
    ]));

  it('counts and says how often it was tried', () => {
    const tries = afterFailure(afterFailure(NO_TRIES, 5), 7);
    expect(tries).toEqual({ failed: 2, spentMs: 12 });
    expect(givenUp(tries, dropped).message).toContain('2 attempts');
    expect(givenUp({ failed: 1, spentMs: 0 }, dropped)).toBe(dropped);
  });
});
