/**
 * The list of saved sessions. The files are the truth: each question first compares the rows with the files (time and
 * size), and reads again what differs. Without SQLite the same answers come from reading all files once.
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { createMemoryRows, stampOf, type Query, type Rows, type SessionRow } from './rows.ts';
import { glance, idOf, sessionFiles } from './scan.ts';

export type { Query, SessionRow } from './rows.ts';

export type Found =
  | { readonly kind: 'found'; readonly file: string; readonly id: string }
  | { readonly kind: 'ambiguous'; readonly ids: readonly string[] }
  | { readonly kind: 'absent' };

export interface SessionIndex {
  readonly list: (query?: Query) => readonly SessionRow[];
  /** The newest session, of this folder if one is named. */
  readonly last: (query?: Pick<Query, 'cwd'>) => SessionRow | null;
  /** Notes one session, when it ends; cheaper than finding it stale later. */
  readonly touch: (file: string) => void;
  /** Forgets every row and reads all files. */
  readonly rebuild: () => void;
  readonly close: () => void;
}

const stampsOf = (files: readonly string[]): Map<string, string> =>
  new Map(
    files.flatMap((file) => {
      const found = statSync(file, { throwIfNoEntry: false });
      return found === undefined ? [] : [[file, stampOf({ mtime: found.mtimeMs, size: found.size })] as const];
    }),
  );

const refresh = (home: string, rows: Rows): void => {
  const files = stampsOf(sessionFiles(home));
  const known = rows.stamps();
  const stale = [...files].filter(([file, stamp]) => known.get(file) !== stamp).map(([file]) => file);
  const gone = [...known.keys()].filter((file) => !files.has(file));
  const read = stale.map((file) => [file, glance(file)] as const);
  const put = read.flatMap(([, row]) => (row === null ? [] : [row]));
  const unreadable = read.flatMap(([file, row]) => (row === null && known.has(file) ? [file] : []));
  rows.change(put, [...gone, ...unreadable]);
};

const indexOver = (home: string, first: Rows): SessionIndex => {
  let rows = first;
  /** A table that fails while it is used (locked, full, damaged) is left alone from then on. */
  const ask = <T>(question: (rows: Rows) => T): T => {
    try {
      return question(rows);
    } catch {
      rows = createMemoryRows();
      return question(rows);
    }
  };
  const list = (query: Query = {}): readonly SessionRow[] =>
    ask((table) => {
      refresh(home, table);
      return table.select(query);
    });
  return {
    list,
    last: ({ cwd } = {}) => list({ cwd, limit: 1 })[0] ?? null,
    touch: (file) => {
      const row = glance(file);
      ask((table) => table.change(row === null ? [] : [row], row === null ? [file] : []));
    },
    rebuild: () =>
      ask((table) => {
        table.change([], [...table.stamps().keys()]);
        refresh(home, table);
      }),
    close: () => rows.close(),
  };
};

export const openIndex = async (home: string): Promise<SessionIndex> => {
  try {
    const { openSqliteRows } = await import('./rows.sqlite.ts');
    return indexOver(home, await openSqliteRows(join(home, 'sessions', 'index.db')));
  } catch {
    return indexOver(home, createMemoryRows());
  }
};

/** By id, or by its beginning if only one begins so. Looks at names alone: no index is needed, no file is opened. */
export const findSession = (home: string, idOrPrefix: string): Found => {
  if (idOrPrefix === '') return { kind: 'absent' };
  const found = sessionFiles(home)
    .map((file) => ({ kind: 'found', file, id: idOf(file) }) as const)
    .filter(({ id }) => id.startsWith(idOrPrefix));
  const exact = found.find(({ id }) => id === idOrPrefix) ?? (found.length === 1 ? found[0] : undefined);
  if (exact !== undefined) return exact;
  return found.length === 0 ? { kind: 'absent' } : { kind: 'ambiguous', ids: found.map(({ id }) => id) };
};
