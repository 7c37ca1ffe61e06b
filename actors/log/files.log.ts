/**
 * A log in files: the journals of one machine, as the chat and `exec` write them too, so every other command reads them.
 * Beside them, in `sessions/fleet`, what each session was asked to be, and its inbox.
 *
 * The lease is the lock of the journal: it belongs to a process, and ends with it; there is nothing to renew. One process
 * serves one home, which a lock of its own makes sure. What of an inbox was answered stands in the journal: a message whose
 * op was heard there is taken.
 */
import {
  appendFileSync,
  closeSync,
  existsSync,
  fdatasyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { blobFolder, createBlobs } from '../journal/blobs.ts';
import { acquireLock } from '../journal/lock.ts';
import { repairTail } from '../journal/tail.ts';
import { journalFile } from '../journal/writer.ts';
import { choose } from './fairness.ts';
import { headOf, keptSession, linesOf, startsOf, type KeptSession, type Place } from './files.session.ts';
import { MAX_WAITING_MESSAGES } from './limits.ts';
import type { Acquired, Appended, Batch, Lease, Message, SessionLog, Wake } from './port.ts';

export interface FilesOptions {
  readonly home: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** What is done is done at once; what is wrong with the disk is a rejection. */
const later = async <T>(work: () => T): Promise<T> => work();

export const openFilesLog = ({ home, now }: FilesOptions): SessionLog => {
  const folder = join(home, 'sessions', 'fleet');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const serving = acquireLock(join(folder, 'server'));
  if (serving.kind === 'heldBy')
    throw new Error(`the sessions in ${home} are served by another process (${serving.holder?.pid ?? 'unknown'})`);
  const blobs = createBlobs(blobFolder(home));
  const hearers = new Set<(wake: Wake) => void>();
  const wake = (event: Wake): void => queueMicrotask(() => hearers.forEach((hear) => hear(event)));

  const inboxOf = (id: string): string => join(folder, `${id}.inbox`);
  const placeIn = (name: string): Place => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Place;
  const sessions = new Map<string, KeptSession>(
    readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .map((name) => placeIn(name))
      .map((place) => [place.id, keptSession(place, inboxOf(place.id))]),
  );

  const acquire = (owner: string, session: KeptSession, takeOver: 'never' | 'always'): Acquired => {
    const former = session.held;
    if (former !== null && former.lock.lostTo() === null && takeOver === 'never')
      return { kind: 'heldBy', owner: former.owner };
    mkdirSync(dirname(session.file), { recursive: true, mode: 0o700 });
    const acquired = acquireLock(session.file, { takeOver, above: former?.lock.epoch ?? 0 });
    if (acquired.kind === 'heldBy') return { kind: 'heldBy', owner: String(acquired.holder?.pid ?? 'unknown') };
    if (former !== null) closeSync(former.fd);
    const owed = existsSync(session.file) ? repairTail(session.file).owed : '';
    session.held = { owner, lock: acquired.lock, fd: openSync(session.file, 'a', 0o600) };
    if (owed !== '') writeSync(session.held.fd, owed);
    session.starts = startsOf(session.file);
    session.isLost = false;
    const { id, tenant, spec } = session;
    const lease: Lease = { id, tenant, spec, owner, epoch: acquired.lock.epoch, head: headOf(session) };
    return { kind: 'held', lease };
  };

  const appendOne = (owner: string, { id, epoch, after, lines, took, lasts }: Batch): Appended => {
    const session = sessions.get(id);
    const held = session?.held ?? null;
    if (session === undefined || held?.owner !== owner || held.lock.epoch !== epoch || held.lock.lostTo() !== null)
      return { kind: 'fenced' };
    if (headOf(session) !== after) return { kind: 'elsewhere', head: headOf(session) };
    if (lasts) blobs.sync();
    const text = Buffer.from(lines.map((line) => `${line}\n`).join(''));
    try {
      for (let at = 0; at < text.length;) at += writeSync(held.fd, text, at);
      if (lasts) fdatasyncSync(held.fd);
    } catch (error) {
      ftruncateSync(held.fd, session.starts.at(-1) ?? 0); // it will be tried again, and must not be there twice
      throw error;
    }
    for (const line of lines) session.starts.push((session.starts.at(-1) ?? 0) + Buffer.byteLength(line) + 1);
    session.waiting = session.waiting.filter(({ position }) => !took.includes(position));
    if (lines.length > 0) wake({ kind: 'log', id });
    return { kind: 'appended' };
  };

  return {
    blobs,
    create: (session) =>
      later(() => {
        if (sessions.has(session.id)) return 'known';
        const place = { ...session, file: journalFile(home, session.id, now()) };
        writeFileSync(join(folder, `${session.id}.json`), JSON.stringify(place), { mode: 0o600 });
        sessions.set(session.id, keptSession(place, inboxOf(session.id)));
        return 'created';
      }),
    describe: (id) =>
      later(() => {
        const session = sessions.get(id);
        if (session === undefined) return null;
        const { tenant, spec, held, waiting } = session;
        return { id, tenant, spec, head: headOf(session), owner: held?.owner ?? null, waiting: waiting.length };
      }),
    renew: () => Promise.resolve({ kind: 'kept' }),
    acquire: (owner, id, takeOver = 'never') =>
      later(() => {
        const session = sessions.get(id);
        return session === undefined ? { kind: 'absent' } : acquire(owner, session, takeOver);
      }),
    claim: (owner, limits) =>
      later(() =>
        choose([...sessions.values()], limits).flatMap((session) => {
          const acquired = acquire(owner, session, 'never');
          return acquired.kind === 'held' ? [acquired.lease] : [];
        }),
      ),
    release: ({ id, owner, epoch }) =>
      later(() => {
        const session = sessions.get(id);
        if (session?.held?.owner !== owner || session.held.lock.epoch !== epoch) return;
        closeSync(session.held.fd);
        session.held.lock.release();
        session.held = null;
        wake({ kind: 'inbox', id });
      }),
    append: (owner, batches) => later(() => batches.map((batch) => appendOne(owner, batch))),
    read: (id, from, limit) =>
      later(() => {
        const session = sessions.get(id);
        return session === undefined ? [] : linesOf(session, from, limit);
      }),
    put: (id, { key, body }) =>
      later(() => {
        const session = sessions.get(id);
        if (session === undefined) return 'absent';
        if (session.keys.has(key)) return 'known';
        if (session.waiting.length >= MAX_WAITING_MESSAGES) return 'full';
        const message: Message = { position: ++session.lastPosition, key, body };
        appendFileSync(inboxOf(id), `${JSON.stringify(message)}\n`, { mode: 0o600, flush: true });
        session.keys.add(key);
        session.waiting = [...session.waiting, message];
        wake({ kind: 'inbox', id });
        return 'put';
      }),
    take: ({ id }, limit) => later(() => sessions.get(id)?.waiting.slice(0, limit) ?? []),
    waiting: (owner) =>
      later(() =>
        [...sessions.values()].filter((s) => s.held?.owner === owner && s.waiting.length > 0).map(({ id }) => id),
      ),
    subscribe: (hear) => {
      hearers.add(hear);
      return () => void hearers.delete(hear);
    },
    [Symbol.asyncDispose]: () =>
      later(() => {
        for (const { held } of sessions.values()) {
          if (held === null) continue;
          closeSync(held.fd);
          held.lock.release();
        }
        serving.lock.release();
      }),
  };
};
