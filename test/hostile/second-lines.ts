/** Parts of the sandbox whose absence no attempt notices, since something else stands before or behind them. */
export const SECOND_LINES: Readonly<Record<string, string>> = {};
