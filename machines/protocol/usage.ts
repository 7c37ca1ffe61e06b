/**
 * Token counts. Four different things that are easily taken for one another:
 * the last request, the turn, the session, and how full the window is. All figures are tokens.
 */
import * as z from 'zod/mini';

const count = z.int().check(z.nonnegative());

/**
 * What a request, a turn or a session cost. Tokens. `cachedInput` is a part of `input`, `reasoningOutput` of `output`.
 */
export const TokenUsage = z.readonly(
  z.object({ input: count, cachedInput: count, output: count, reasoningOutput: count }),
);
export type TokenUsage = z.infer<typeof TokenUsage>;

/** All four counts at once, as `tokens.counted` tells them. Tokens. */
export const Accounting = z.readonly(
  z.object({
    /** What the newest request cost. */
    last: TokenUsage,
    turn: TokenUsage,
    session: TokenUsage,
    /** How full the context window is. `full` is a mark, not a sum: the provider said so, and it stays until a compaction. */
    window: z.readonly(z.object({ used: count, size: z.int().check(z.positive()), full: z.boolean() })),
  }),
);
export type Accounting = z.infer<typeof Accounting>;

/** Nothing yet. */
export const NO_USAGE: TokenUsage = { input: 0, cachedInput: 0, output: 0, reasoningOutput: 0 };

/** The sum, count by count. Tokens. */
export const add = (a: TokenUsage, b: TokenUsage): TokenUsage => ({
  input: a.input + b.input,
  cachedInput: a.cachedInput + b.cachedInput,
  output: a.output + b.output,
  reasoningOutput: a.reasoningOutput + b.reasoningOutput,
});

/** Nothing counted yet, in a window of `size` tokens. */
export const newAccounting = (size: number): Accounting => ({
  last: NO_USAGE,
  turn: NO_USAGE,
  session: NO_USAGE,
  window: { used: 0, size, full: false },
});

/** One more request was answered: it is the last one, it belongs to the turn and the session, and it measures the window. */
export const countRequest = (known: Accounting, last: TokenUsage): Accounting => ({
  last,
  turn: add(known.turn, last),
  session: add(known.session, last),
  window: { ...known.window, used: last.input + last.output, full: false },
});

/** The provider refused the request as too long: whatever was counted before, the window is full. */
export const fillWindow = (known: Accounting): Accounting => ({
  ...known,
  window: { ...known.window, used: known.window.size, full: true },
});

/** The count of the turn begins at nothing; those of the session and the window go on. */
export const startTurn = (known: Accounting): Accounting => ({ ...known, turn: NO_USAGE });

/** Items were added that no provider has counted yet: the window fills by an estimate until the next count. */
export const countItems = (known: Accounting, tokens: number): Accounting => ({
  ...known,
  window: { ...known.window, used: known.window.used + tokens },
});

/** The history was replaced by a shorter one: the mark is gone, and the fill is an estimate again. */
export const refillWindow = (known: Accounting, tokens: number): Accounting => ({
  ...known,
  window: { ...known.window, used: tokens, full: false },
});

/** Whether a compaction must come before the next request. */
export const mustCompact = ({ window }: Accounting, compactAt: number): boolean =>
  window.full || window.used >= compactAt;
