/**
 * Going on with a session of a fleet: what is in the log, and a pen to write on. What ran when its former owner was lost
 * gets its end here, as unknown; the rest of the closing is for the caller, as after any other loss.
 */
import { closeOpenTurn, type Asks, type Closing } from '../journal/closing.ts';
import { fold, type Folded } from '../journal/fold.ts';
import type { Notice } from '../journal/notice.ts';
import { decodeJournal } from '../journal/reader.ts';
import type { Redactor } from '../journal/secrets.ts';
import type { Journal, NewHead } from '../journal/writer.ts';
import type { Pen } from './committer.ts';
import { createLoggedJournal } from './journal.ts';
import type { Lease, SessionLog } from './port.ts';

/** A session that we hold, and everything that is written of it. */
export interface Leased {
  readonly lease: Lease;
  readonly pen: Pen;
  readonly blobs: SessionLog['blobs'];
  readonly lines: readonly string[];
}

export interface LeasedOptions {
  readonly leased: Leased;
  readonly head: NewHead;
  readonly redactor: Redactor;
  readonly now: () => number;
  readonly asks: Asks;
}

export interface Reopened {
  readonly kind: 'resumed';
  readonly journal: Journal;
  readonly folded: Folded;
  readonly closing: Closing;
  readonly notices: readonly Notice[];
}
export type LeasedOrigin = { readonly kind: 'new'; readonly journal: Journal } | Reopened;

export const openLeased = ({ leased, asks, ...options }: LeasedOptions): LeasedOrigin => {
  const { lease, pen, blobs, lines } = leased;
  const logged = { lease, pen, blobs, ...options };
  if (lines.length === 0) return { kind: 'new', journal: createLoggedJournal({ ...logged, lastSeq: null }) };
  const { head, records, notices } = decodeJournal(Buffer.from(`${lines.join('\n')}\n`), { blobs });
  const folded = fold(head, records);
  const closing = closeOpenTurn(folded, asks);
  const journal = createLoggedJournal({ ...logged, lastSeq: folded.lastSeq });
  for (const id of closing.effects) journal.effectEnd(id, { outcome: 'unknown' });
  return { kind: 'resumed', journal, folded, closing, notices };
};
