/** The saved sessions on disk: which there are, and which one is meant. Only the first line of each journal is read. */
import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isTree, type Tree } from './config/tree.ts';
import { UsageError } from './mode.ts';

/** The header line is longer when policies are; this is generous. Bytes. */
const HEADER_BYTES = 256 * 1024;

export interface SavedSession {
  readonly id: string;
  readonly file: string;
  readonly cwd: string;
  readonly modifiedMs: number;
}

export const journalFiles = (home: string): readonly string[] => {
  try {
    return readdirSync(join(home, 'sessions'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.jsonl'))
      .map((name) => join(home, 'sessions', name));
  } catch {
    return []; // there is no such folder yet
  }
};

const headerOf = (file: string): Tree | null => {
  const fd = openSync(file, 'r');
  try {
    const bytes = Buffer.alloc(HEADER_BYTES);
    const line = bytes.toString('utf8', 0, readSync(fd, bytes)).split('\n', 1)[0] ?? '';
    const header: unknown = JSON.parse(line);
    return isTree(header) && header['kind'] === 'session' ? header : null;
  } catch {
    return null; // torn, or not ours
  } finally {
    closeSync(fd);
  }
};

const savedOf = (file: string): readonly SavedSession[] => {
  const header = headerOf(file);
  const { id, cwd } = header ?? {};
  if (typeof id !== 'string') return [];
  return [{ id, file, cwd: typeof cwd === 'string' ? cwd : '', modifiedMs: statSync(file).mtimeMs }];
};

/** Newest first. */
export const savedSessions = (home: string, cwd: string | null): readonly SavedSession[] =>
  journalFiles(home)
    .flatMap(savedOf)
    .filter((session) => cwd === null || session.cwd === cwd)
    .sort((a, b) => b.modifiedMs - a.modifiedMs);

export interface Wanted {
  readonly home: string;
  readonly cwd: string;
  /** The newest one, of this folder or of all. */
  readonly isAll: boolean;
}

export const newestSession = ({ home, cwd, isAll }: Wanted): SavedSession => {
  const newest = savedSessions(home, isAll ? null : cwd)[0];
  if (newest === undefined)
    throw new UsageError(
      isAll ? 'there is no saved session' : 'there is no saved session of this folder (--all looks everywhere)',
    );
  return newest;
};

/** By id, by the beginning of an id, or by file. */
export const sessionNamed = (home: string, cwd: string, word: string): SavedSession => {
  if (word.endsWith('.jsonl')) {
    const [session] = savedOf(resolve(cwd, word));
    if (session === undefined) throw new UsageError(`${word} is not the journal of a session`);
    return session;
  }
  const matches = journalFiles(home)
    .filter((file) => file.includes(word))
    .flatMap(savedOf)
    .filter(({ id }) => id.startsWith(word));
  const exact = matches.find(({ id }) => id === word) ?? matches[0];
  if (exact === undefined) throw new UsageError(`there is no saved session ${JSON.stringify(word)}`);
  if (matches.length > 1 && exact.id !== word)
    throw new UsageError(`${JSON.stringify(word)} is the beginning of ${matches.length} sessions; write more of it`);
  return exact;
};
