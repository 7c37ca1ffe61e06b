/**
 * One writer a session. The lock is a file beside the journal whose name carries an epoch: `<journal>.lock-7`.
 * The highest epoch holds; to take over is to make the next one, which the file system lets only one process do.
 *
 * A lock is stale when its process is gone: another boot, a dead pid, or a pid that now belongs to somebody younger.
 * Of another host, or another pid namespace, nothing is known, so it is held until somebody takes over explicitly.
 * The former holder sees that its file is gone. Readers need no lock.
 */
import {
  closeSync,
  fstatSync,
  openSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname } from 'node:path';
import { UNREADABLE_LOCK_MS } from './limits.ts';

export interface Holder {
  readonly pid: number;
  readonly host: string;
  /** Of the machine; empty where it cannot be told. */
  readonly boot: string;
  /** The pid namespace; empty where there is none. */
  readonly namespace: string;
  /** When the process began, in the kernel's ticks; empty where it cannot be told. */
  readonly start: string;
  readonly epoch: number;
}

export interface Lock {
  readonly epoch: number;
  readonly file: string;
  /** The former holder was alive, or may have been: what it still writes must not reach the journal. */
  readonly wasTakenOver: boolean;
  /** Null while we hold it; else who holds it now, as far as that can be told. One fstat. */
  readonly lostTo: () => Fenced | null;
  readonly release: () => void;
}
export interface Fenced {
  readonly kind: 'fenced';
  readonly epoch: number;
  readonly by: Holder | null;
}
export type Acquired =
  | { readonly kind: 'held'; readonly lock: Lock }
  /** Null: somebody is making the lock at this moment, or left it unreadable. */
  | { readonly kind: 'heldBy'; readonly holder: Holder | null };

export interface AcquireOptions {
  /** `never`: only a stale lock is replaced. `always`: a living holder is fenced. */
  readonly takeOver?: 'never' | 'always';
  /** An epoch that was in use before; the new one is higher. */
  readonly above?: number;
}

const orEmpty = (read: () => string): string => {
  try {
    return read();
  } catch {
    return '';
  }
};
/** Field 22 of stat; the name in field 2 may hold blanks and brackets, so count from its end. */
const startOf = (pid: number): string =>
  orEmpty(() => readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)?.split(' ')[19] ?? '');

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
};

const ourselves = (epoch: number): Holder => ({
  pid: process.pid,
  host: hostname(),
  boot: orEmpty(() => readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()),
  namespace: orEmpty(() => readlinkSync('/proc/self/ns/pid')),
  start: startOf(process.pid),
  epoch,
});

const differ = (a: string, b: string): boolean => a !== '' && b !== '' && a !== b;

export const isStale = (holder: Holder, we: Holder = ourselves(0)): boolean => {
  if (holder.host !== we.host) return false;
  if (differ(holder.boot, we.boot)) return true;
  if (holder.namespace !== we.namespace) return false;
  return !isAlive(holder.pid) || differ(startOf(holder.pid), holder.start);
};

const parseHolder = (text: string): Holder | null => {
  try {
    const { pid, host, boot, namespace, start, epoch } = JSON.parse(text) as Record<string, unknown>;
    if (typeof pid !== 'number' || typeof epoch !== 'number' || typeof host !== 'string') return null;
    return { pid, host, epoch, boot: String(boot), namespace: String(namespace), start: String(start) };
  } catch {
    return null;
  }
};

const lockName = (journal: string, epoch: number): string => `${journal}.lock-${epoch}`;
const epochsOf = (journal: string): number[] => {
  const prefix = `${basename(journal)}.lock-`;
  return readdirSync(dirname(journal))
    .filter((name) => name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length)))
    .map((name) => Number(name.slice(prefix.length)))
    .sort((a, b) => b - a);
};

const holderIn = (file: string): Holder | null => parseHolder(orEmpty(() => readFileSync(file, 'utf8')));
const isYoung = (file: string): boolean => {
  const made = statSync(file, { throwIfNoEntry: false })?.mtimeMs;
  return made !== undefined && Math.abs(Date.now() - made) < UNREADABLE_LOCK_MS;
};

/** Who holds the session now, or null. */
export const holderOf = (journal: string): Holder | null => {
  const [highest] = epochsOf(journal);
  const holder = highest === undefined ? null : holderIn(lockName(journal, highest));
  return holder === null || isStale(holder) ? null : holder;
};

const hold = (journal: string, epoch: number, fd: number, wasTakenOver: boolean): Lock => {
  const file = lockName(journal, epoch);
  const isOurs = (): boolean => {
    try {
      return fstatSync(fd).nlink > 0;
    } catch {
      return false;
    }
  };
  let isReleased = false;
  return {
    epoch,
    file,
    wasTakenOver,
    lostTo: () => {
      if (isReleased) return { kind: 'fenced', epoch, by: null };
      if (isOurs()) return null;
      const [highest] = epochsOf(journal);
      return { kind: 'fenced', epoch, by: highest === undefined ? null : holderIn(lockName(journal, highest)) };
    },
    release: () => {
      if (isReleased) return;
      isReleased = true;
      if (isOurs()) rmSync(file, { force: true });
      closeSync(fd);
    },
  };
};

export const acquireLock = (journal: string, { takeOver = 'never', above = 0 }: AcquireOptions = {}): Acquired => {
  const old = epochsOf(journal);
  const [highest] = old;
  const file = lockName(journal, highest ?? 0);
  const holder = highest === undefined ? null : holderIn(file);
  // Between its making and its first word a lock is unreadable; such a one is old only if nobody came back to it.
  const isFree = highest === undefined || (holder === null ? !isYoung(file) : isStale(holder));
  if (!isFree && takeOver === 'never') return { kind: 'heldBy', holder };

  const epoch = Math.max(highest ?? 0, above) + 1;
  let fd: number;
  try {
    fd = openSync(lockName(journal, epoch), 'wx', 0o600);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    return { kind: 'heldBy', holder: holderIn(lockName(journal, epoch)) };
  }
  writeSync(fd, `${JSON.stringify(ourselves(epoch))}\n`);
  // A lock that came up meanwhile: its maker saw another folder than we did. Better none of us than both.
  const rival = epochsOf(journal).find((other) => other !== epoch && !old.includes(other));
  if (rival !== undefined) {
    closeSync(fd);
    rmSync(lockName(journal, epoch), { force: true });
    return { kind: 'heldBy', holder: holderIn(lockName(journal, rival)) };
  }
  for (const former of old) rmSync(lockName(journal, former), { force: true });
  return { kind: 'held', lock: hold(journal, epoch, fd, !isFree) };
};
