/** How a run ended, as the number that scripts see. Pure. */
import type { ErrorKind, FactOf } from '../machines/protocol/index.ts';

export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  approval: 3,
  window: 4,
  schema: 5,
  sandbox: 6,
  diverged: 7,
  limit: 8,
} as const;

/** What is not here is 1. */
const BY_KIND: Partial<Record<ErrorKind, number>> = {
  contextWindowExceeded: EXIT.window,
  compactionFutile: EXIT.window,
  sandboxUnavailable: EXIT.sandbox,
  approvalUnavailable: EXIT.approval,
  schemaMismatch: EXIT.schema,
  limitReached: EXIT.limit,
  loopDetected: EXIT.limit,
};

const SIGNALS: Readonly<Record<string, number>> = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };
export const exitCodeOfSignal = (signal: string): number => SIGNALS[signal] ?? EXIT.failed;

export const exitCodeOf = (
  ending: FactOf<'turn.completed' | 'turn.failed' | 'turn.aborted'>,
  signal: string | null,
): number => {
  if (signal !== null) return exitCodeOfSignal(signal);
  switch (ending.type) {
    case 'turn.completed':
      return EXIT.done;
    case 'turn.failed':
      return BY_KIND[ending.error.kind] ?? EXIT.failed;
    case 'turn.aborted':
      return { interrupted: 130, replaced: 130, shutdown: 143, lost: EXIT.failed }[ending.reason];
  }
};
