/**
 * Where the sessions of a fleet are written down: a journal for each, which one owner at a time may append to, and an inbox
 * for each, which anybody may put ops into. Everything that a fleet must agree on is behind this port.
 *
 *   lease    an owner is alive as long as it renews: one heartbeat for all its sessions. Of an owner that stopped, sessions
 *            may be claimed; the epoch rises, and what the former owner still appends is fenced
 *   append   lines of many sessions in one commit; what of the inbox they answer is taken in that very commit
 *   read     by position: 0 is the head of the journal, n the record with that `seq`. Each line comes back byte by byte
 *   wake     a hint that something is new. It may be lost, so whoever waits also looks now and then
 *
 * The rule of whoever runs a session: nothing leaves before what led to it is in the log. So no effect, no reply and no fact
 * that somebody saw is ever taken back by the loss of a machine.
 */
import type { BlobStore } from '../journal/blobs.ts';

export interface NewSession {
  readonly id: string;
  /** Whose it is: limits and fairness are by tenant. */
  readonly tenant: string;
  /** How it is to be run, as JSON; the log does not look into it. */
  readonly spec: string;
}

export interface Described extends NewSession {
  /** The last position in the log; -1: nothing was written yet. */
  readonly head: number;
  /** Who runs it now; null: nobody. */
  readonly owner: string | null;
  /** Messages that nobody took yet. */
  readonly waiting: number;
}

export interface Lease {
  readonly id: string;
  readonly owner: string;
  /** Rises with each owner. */
  readonly epoch: number;
  readonly head: number;
  readonly tenant: string;
  readonly spec: string;
}

export type Acquired =
  | { readonly kind: 'held'; readonly lease: Lease }
  | { readonly kind: 'heldBy'; readonly owner: string }
  | { readonly kind: 'absent' };

export interface ClaimLimits {
  /** Sessions that this owner can take now. */
  readonly max: number;
  /** Sessions of one tenant that may run at a time, anywhere. */
  readonly perTenant: number;
}

/** `late`: it was not renewed in time. What is still ours is named; everything else is somebody else's by now, or nobody's. */
export type Renewed =
  | { readonly kind: 'kept' }
  | { readonly kind: 'late'; readonly held: readonly { readonly id: string; readonly epoch: number }[] };

export interface Batch {
  readonly id: string;
  readonly epoch: number;
  /** The position before the first line. */
  readonly after: number;
  readonly lines: readonly string[];
  /** Messages that are answered by these lines, by position. */
  readonly took: readonly number[];
  /** It must survive a loss of power, where the log makes a difference. */
  readonly lasts: boolean;
}

export type Appended =
  | { readonly kind: 'appended' }
  /** Somebody else is the owner, or nobody: nothing was written. */
  | { readonly kind: 'fenced' }
  /** We are the owner, and the log ends elsewhere: an earlier attempt got through, though nobody told us. */
  | { readonly kind: 'elsewhere'; readonly head: number }
  /** The log will never take these lines. */
  | { readonly kind: 'refused'; readonly why: string };

export interface Line {
  readonly position: number;
  readonly text: string;
}

export interface Message {
  readonly position: number;
  /** The id of the op: putting it twice is putting it once. */
  readonly key: string;
  readonly body: string;
}
export type Put = 'put' | 'known' | 'absent' | 'full';

/** `inbox`: somebody put something. `log`: something was appended. An empty id: anything may have happened. */
export interface Wake {
  readonly kind: 'inbox' | 'log';
  readonly id: string;
}

export interface SessionLog extends AsyncDisposable {
  create(session: NewSession): Promise<'created' | 'known'>;
  describe(id: string): Promise<Described | null>;
  /** Milliseconds from now. */
  renew(owner: string, ttlMs: number): Promise<Renewed>;
  /** One session, now. `always`: also from an owner that is alive. */
  acquire(owner: string, id: string, takeOver?: 'never' | 'always'): Promise<Acquired>;
  /** Sessions that want somebody: words wait for them, or whoever ran them is lost. Tenants take turns. */
  claim(owner: string, limits: ClaimLimits): Promise<readonly Lease[]>;
  release(lease: Pick<Lease, 'id' | 'owner' | 'epoch'>): Promise<void>;
  /** One answer for each batch. Rejects if nobody knows whether it was written; the same batch may then be tried again. */
  append(owner: string, batches: readonly Batch[]): Promise<readonly Appended[]>;
  read(id: string, from: number, limit: number): Promise<readonly Line[]>;
  put(id: string, message: Pick<Message, 'key' | 'body'>): Promise<Put>;
  /** What nobody took yet, oldest first. It is taken by the batch that answers it. */
  take(lease: Pick<Lease, 'id'>, limit: number): Promise<readonly Message[]>;
  /** Of the sessions of this owner, those for whom something waits: for whoever fears that a wake-up was lost. */
  waiting(owner: string): Promise<readonly string[]>;
  /** Returns how to end it. */
  subscribe(onWake: (wake: Wake) => void): () => void;
  /** Long values, where the log keeps them apart. */
  readonly blobs: BlobStore;
}
