/** Which saved session is meant: by id, by the beginning of an id, by file, or the newest. What is not found is a UsageError. */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { findSession, openIndex, type SessionRow } from '../actors/journal/index.ts';
import { UsageError } from './mode.ts';
import type { Choice } from './render/pick.ts';

export interface Place {
  readonly home: string;
  readonly cwd: string;
  /** Sessions of every folder, not only of this one. */
  readonly isAll: boolean;
  /** Found in the first words, the folder, the model or the id. */
  readonly search?: string | undefined;
}

const none = ({ isAll }: Place): string =>
  isAll ? 'there is no saved session' : 'there is no saved session of this folder (--all looks everywhere)';

/** Newest first. */
export const savedSessions = async (
  { home, cwd, isAll, search }: Place,
  limit?: number,
): Promise<readonly SessionRow[]> => {
  const index = await openIndex(home);
  try {
    return index.list({ cwd: isAll ? undefined : cwd, search, limit });
  } finally {
    index.close();
  }
};

export const newestSession = async (place: Place): Promise<string> => {
  const [newest] = await savedSessions(place, 1);
  if (newest === undefined) throw new UsageError(none(place));
  return newest.file;
};

export const sessionNamed = (home: string, cwd: string, word: string): string => {
  if (word.endsWith('.jsonl')) {
    const file = resolve(cwd, word);
    if (!statSync(file, { throwIfNoEntry: false })?.isFile()) throw new UsageError(`there is no file ${file}`);
    return file;
  }
  const found = findSession(home, word);
  if (found.kind === 'absent') throw new UsageError(`there is no saved session ${JSON.stringify(word)}`);
  if (found.kind === 'ambiguous')
    throw new UsageError(
      `${JSON.stringify(word)} is the beginning of ${found.ids.length} sessions: ${found.ids.slice(0, 5).join(' ')}`,
    );
  return found.file;
};

/** One line each, for a person to choose from. */
export const sessionLines = (rows: readonly SessionRow[], now: number): readonly string[] =>
  rows.map(
    ({ id, updated, turns, preview }) =>
      `${id}  ${ageOf(now - updated).padStart(8)}  ${String(turns).padStart(3)} turns  ${preview.slice(0, 60)}`,
  );

/** The same for the list that is narrowed by typing: the folder and the first words in full stand below it. */
export const sessionChoices = (rows: readonly SessionRow[], now: number): readonly Choice[] => {
  const labels = sessionLines(rows, now);
  return rows.map(({ cwd, model, preview }, i) => ({
    label: labels[i] ?? '',
    detail: `${cwd} · ${model}\n${preview}`,
  }));
};

const ageOf = (ms: number): string => {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 60) return `${minutes} min`;
  return minutes < 48 * 60 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 1440)} days`;
};
