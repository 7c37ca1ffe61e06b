/**
 * Going on with a saved session, in the one order that is safe: take the lock, mend the tail, then read. What ran when
 * the former process was lost gets its end here, as unknown; the rest of the closing is for the caller to publish.
 */
import { closeOpenTurn, type Asks, type Closing } from './closing.ts';
import { fold, type Folded } from './fold.ts';
import { acquireLock, type AcquireOptions, type Holder } from './lock.ts';
import type { Notice } from './notice.ts';
import { blobsOf, readJournal } from './reader.ts';
import { idOf, lastEpoch } from './scan.ts';
import { createJournal, type Journal, type JournalOptions } from './writer.ts';

export interface ResumeOptions extends Omit<JournalOptions, 'id' | 'resume'> {
  readonly file: string;
  readonly takeOver?: AcquireOptions['takeOver'];
  /** Absent: nobody will be there who could answer. */
  readonly asks?: Asks;
}

export type Resumed =
  | {
      readonly kind: 'resumed';
      readonly journal: Journal;
      readonly folded: Folded;
      readonly closing: Closing;
      readonly notices: readonly Notice[];
    }
  | { readonly kind: 'heldBy'; readonly holder: Holder | null }
  | { readonly kind: 'unreadable'; readonly why: string };

const attempt = ({ file, takeOver = 'never', asks = 'never', ...options }: ResumeOptions): Resumed => {
  const acquired = acquireLock(file, { takeOver, above: lastEpoch(file) });
  if (acquired.kind === 'heldBy') return acquired;
  try {
    const journal = createJournal({ ...options, id: idOf(file), resume: { file, lock: acquired.lock } });
    const { head, records, notices } = readJournal(file, { blobs: blobsOf(options.home) });
    const folded = fold(head, records);
    const closing = closeOpenTurn(folded, asks);
    for (const id of closing.effects) journal.effectEnd(id, { outcome: 'unknown' });
    return { kind: 'resumed', journal, folded, closing, notices: [...journal.notices, ...notices] };
  } catch (error) {
    acquired.lock.release();
    throw error;
  }
};

export const resumeJournal = (options: ResumeOptions): Resumed => {
  try {
    return attempt(options);
  } catch (error) {
    return { kind: 'unreadable', why: error instanceof Error ? error.message : String(error) };
  }
};
