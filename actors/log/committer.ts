/**
 * All that one owner writes, in as few commits as the log is quick: while one is on its way, what comes up meanwhile is
 * gathered for the next. Each session's lines stay in order, and one that is fenced hinders no other.
 *
 *   idle          nothing waits
 *   committing    one append is on its way, of all sessions together
 *   pausing       it failed for want of a connection; the very same append is tried again, so nothing is written twice
 */
import { COMMIT_LINES, MAX_UNCOMMITTED_CHARS, RETRY_FIRST_MS, RETRY_LAST_MS } from './limits.ts';
import type { Appended, Batch, Lease, SessionLog } from './port.ts';

export type Settled = 'settled' | 'fenced';

export interface Pen {
  /** The next line of the session. */
  readonly write: (line: string, lasts: boolean) => void;
  /** A message of the inbox is answered by what is written in this same step. */
  readonly took: (position: number) => void;
  /** Resolves when everything that was written so far is in the log, or will never be. */
  readonly settled: () => Promise<Settled>;
  readonly isFenced: () => boolean;
  /** From now on nothing more is written. What was not settled never will be. */
  readonly fence: () => void;
}

export interface Committer {
  readonly pen: (lease: Lease, onFenced: () => void) => Pen;
  /** Appends that went through, and lines in them. */
  readonly counts: () => { readonly commits: number; readonly lines: number; readonly failures: number };
  readonly close: () => void;
}

export interface CommitterOptions {
  readonly log: Pick<SessionLog, 'append'>;
  readonly owner: string;
  /** Told once when the log cannot be reached, and once when it can again. */
  readonly onTrouble: (trouble: string | null) => void;
}

interface Sent {
  readonly writing: Writing;
  readonly batch: Batch;
  readonly upTo: number;
}
interface Writing {
  readonly lease: Lease;
  readonly onFenced: () => void;
  /** The last position that is in the log. */
  head: number;
  lines: string[];
  chars: number;
  took: number[];
  lasts: boolean;
  /** Words that were asked to be written, and of them those that are in the log. */
  asked: number;
  done: number;
  isFenced: boolean;
  waiting: { readonly upTo: number; readonly tell: (settled: Settled) => void }[];
}

export const createCommitter = ({ log, owner, onTrouble }: CommitterOptions): Committer => {
  const dirty = new Set<Writing>();
  const life = new AbortController();
  const state: { kind: 'idle' | 'committing' | 'pausing'; trouble: string | null } = { kind: 'idle', trouble: null };
  const counts = { commits: 0, lines: 0, failures: 0 };

  const tell = (writing: Writing): void => {
    const isOver = (upTo: number) => writing.isFenced || writing.done >= upTo;
    const ready = writing.waiting.filter(({ upTo }) => isOver(upTo));
    writing.waiting = writing.waiting.filter(({ upTo }) => !isOver(upTo));
    for (const waiter of ready) waiter.tell(writing.isFenced ? 'fenced' : 'settled');
  };
  const fence = (writing: Writing): void => {
    if (writing.isFenced) return;
    writing.isFenced = true;
    [writing.lines, writing.took, writing.chars] = [[], [], 0];
    dirty.delete(writing);
    tell(writing);
    writing.onFenced();
  };

  const gather = (): readonly Sent[] => {
    const sent: Sent[] = [];
    let count = 0;
    for (const writing of dirty) {
      if (count >= COMMIT_LINES) break;
      const { lease, head, lines, took, lasts } = writing;
      count += lines.length;
      const batch = { id: lease.id, epoch: lease.epoch, after: head, lines, took, lasts };
      sent.push({ writing, batch, upTo: writing.asked });
      Object.assign(writing, { lines: [], chars: 0, took: [], lasts: false });
      dirty.delete(writing);
    }
    return sent;
  };

  const settle = ({ writing, batch, upTo }: Sent, answer: Appended | undefined): void => {
    const end = batch.after + batch.lines.length;
    const isThere = answer?.kind === 'appended' || (answer?.kind === 'elsewhere' && answer.head === end);
    if (answer?.kind === 'refused') onTrouble(`session ${batch.id} cannot be written: ${answer.why}`);
    if (!isThere) return fence(writing);
    writing.head = end;
    writing.done = upTo;
    counts.lines += batch.lines.length;
    tell(writing);
  };

  const attempt = async (sent: readonly Sent[], pauseMs: number): Promise<void> => {
    if (life.signal.aborted) return;
    try {
      const answers = await log.append(
        owner,
        sent.map(({ batch }) => batch),
      );
      if (state.trouble !== null) onTrouble(null);
      state.trouble = null;
      counts.commits += 1;
      sent.forEach((one, at) => settle(one, answers[at]));
    } catch (error) {
      counts.failures += 1;
      const trouble = error instanceof Error ? error.message : String(error);
      if (state.trouble === null) onTrouble(trouble);
      state.trouble = trouble;
      state.kind = 'pausing';
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      state.kind = 'committing';
      const living = sent.filter(({ writing }) => !writing.isFenced);
      return attempt(living, Math.min(pauseMs * 2, RETRY_LAST_MS));
    }
  };
  const run = async (): Promise<void> => {
    while (dirty.size > 0 && !life.signal.aborted) await attempt(gather(), RETRY_FIRST_MS);
    state.kind = 'idle';
  };
  const mark = (writing: Writing): void => {
    dirty.add(writing);
    if (state.kind !== 'idle') return;
    state.kind = 'committing';
    // After the step that writes: what it writes belongs together.
    setImmediate(() => void run());
  };

  return {
    pen: (lease, onFenced) => {
      const writing: Writing = {
        ...{ lease, onFenced, head: lease.head, lines: [], chars: 0, took: [], lasts: false },
        ...{ asked: 0, done: 0, isFenced: false, waiting: [] },
      };
      return {
        write: (line, lasts) => {
          if (writing.isFenced) return;
          writing.lines.push(line);
          writing.chars += line.length;
          writing.asked += 1;
          writing.lasts ||= lasts;
          // A log that cannot be reached for so long is lost to this session; whoever has it next knows what we told.
          if (writing.chars > MAX_UNCOMMITTED_CHARS) return fence(writing);
          mark(writing);
        },
        took: (position) => {
          if (writing.isFenced) return;
          writing.took.push(position);
          writing.asked += 1;
          mark(writing);
        },
        settled: () =>
          new Promise((resolve) => {
            writing.waiting.push({ upTo: writing.asked, tell: resolve });
            tell(writing);
          }),
        isFenced: () => writing.isFenced,
        fence: () => fence(writing),
      };
    },
    counts: () => counts,
    close: () => life.abort(),
  };
};
