/** The table of sessions as a SQLite file. A cache: whatever is wrong with it, it is thrown away and made again. */
import { mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { IndexedRow, Query, Rows, SessionRow } from './rows.ts';

/** Raised whenever the table changes; a file of another version is made again. */
const SCHEMA_VERSION = 1;
/** How long another process may hold the file. Milliseconds. */
const BUSY_MS = 2_000;

const COLUMNS = ['file', 'id', 'cwd', 'model', 'created', 'updated', 'preview', 'turns', 'mtime', 'size'] as const;
const TABLE = `CREATE TABLE IF NOT EXISTS sessions (
  file TEXT PRIMARY KEY, id TEXT NOT NULL, cwd TEXT NOT NULL, model TEXT NOT NULL, created REAL NOT NULL,
  updated REAL NOT NULL, preview TEXT NOT NULL, turns INTEGER NOT NULL, mtime REAL NOT NULL, size REAL NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS by_age ON sessions (updated DESC, file DESC);
CREATE INDEX IF NOT EXISTS by_place ON sessions (cwd, updated DESC, file DESC);`;

/** Some versions of Node warn that the module is young. The user can do nothing about that, so it is kept out of the terminal. */
const loadSqlite = async () => {
  const emit = process.emitWarning;
  const quiet: typeof emit = (warning: string | Error, ...rest: unknown[]) => {
    if (!String(warning).includes('SQLite')) Reflect.apply(emit, process, [warning, ...rest]);
  };
  process.emitWarning = quiet;
  try {
    return await import('node:sqlite');
  } finally {
    process.emitWarning = emit;
  }
};

const prepare = (db: DatabaseSync): void => {
  db.exec(`PRAGMA busy_timeout = ${BUSY_MS}; PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF;`);
  const version = db.prepare('PRAGMA user_version').get()?.['user_version'];
  if (version !== 0 && version !== SCHEMA_VERSION) throw new Error(`an index of version ${String(version)}`);
  db.exec(`${TABLE} PRAGMA user_version = ${SCHEMA_VERSION};`);
  db.prepare('SELECT count(*) FROM sessions').get();
};

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
const numberOf = (value: unknown): number => (typeof value === 'number' ? value : 0);
const toRow = (row: Readonly<Record<string, unknown>>): SessionRow => ({
  ...{ id: textOf(row['id']), file: textOf(row['file']), cwd: textOf(row['cwd']), model: textOf(row['model']) },
  ...{ created: numberOf(row['created']), updated: numberOf(row['updated']) },
  ...{ preview: textOf(row['preview']), turns: numberOf(row['turns']) },
});

/** `%` and `_` are meant as they are written. */
const like = (search: string): string => `%${search.replace(/[\\%_]/g, '\\$&')}%`;

const rowsIn = (db: DatabaseSync): Rows => {
  const put = db.prepare(
    `INSERT OR REPLACE INTO sessions (${COLUMNS.join()}) VALUES (${COLUMNS.map(() => '?').join()})`,
  );
  const drop = db.prepare('DELETE FROM sessions WHERE file = ?');
  const stamps = db.prepare(`SELECT file, mtime, size FROM sessions`);
  stamps.setReturnArrays(true);
  const values = (row: IndexedRow) => COLUMNS.map((column) => row[column]);
  return {
    stamps: () => {
      const rows = stamps.all() as unknown as readonly [string, number, number][]; // typed as objects, whatever is returned
      return new Map(rows.map(([file, mtime, size]) => [file, `${mtime}:${size}`]));
    },
    change: (rows, removed) => {
      if (rows.length === 0 && removed.length === 0) return;
      db.exec('BEGIN IMMEDIATE');
      try {
        for (const row of rows) put.run(...values(row));
        for (const file of removed) drop.run(file);
        db.exec('COMMIT');
      } catch (error) {
        db.exec('ROLLBACK');
        throw error;
      }
    },
    select: ({ cwd, search, limit = -1 }: Query) => {
      const inPlace = cwd === undefined ? [] : ['cwd = ?'];
      const words = search === undefined || search === '' ? [] : ['preview', 'cwd', 'model', 'id'];
      const found = words.length === 0 ? [] : [`(${words.map((word) => `${word} LIKE ? ESCAPE '\\'`).join(' OR ')})`];
      const conditions = [...inPlace, ...found];
      const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
      const parameters = [...(cwd === undefined ? [] : [cwd]), ...words.map(() => like(search ?? ''))];
      const select = db.prepare(`SELECT * FROM sessions ${where} ORDER BY updated DESC, file DESC LIMIT ?`);
      return select.all(...parameters, limit).map(toRow);
    },
    close: () => db.close(),
  };
};

/** Throws where SQLite cannot be used at all. */
export const openSqliteRows = async (file: string): Promise<Rows> => {
  const { DatabaseSync } = await loadSqlite();
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const open = (): Rows => {
    const db = new DatabaseSync(file);
    try {
      prepare(db);
      return rowsIn(db);
    } catch (error) {
      db.close();
      throw error;
    }
  };
  try {
    return open();
  } catch {
    for (const end of ['', '-wal', '-shm']) rmSync(`${file}${end}`, { force: true });
    return open();
  }
};
