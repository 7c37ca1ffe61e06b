/** What a list of sessions shows of each, and a table of such rows that lives in memory. */

export interface SessionRow {
  readonly id: string;
  readonly file: string;
  readonly cwd: string;
  readonly model: string;
  /** Milliseconds since 1970. */
  readonly created: number;
  readonly updated: number;
  /** The first words of the user. */
  readonly preview: string;
  readonly turns: number;
}
/** A row, and the state of the file it was read from: when either number differs, the row is stale. */
export interface IndexedRow extends SessionRow {
  readonly mtime: number;
  readonly size: number;
}

export interface Query {
  readonly cwd?: string | undefined;
  /** Found in the preview, the folder, the model or the id; case does not matter. */
  readonly search?: string | undefined;
  readonly limit?: number | undefined;
}

export interface Rows {
  /** `<mtime>:<size>` of each known file. */
  readonly stamps: () => ReadonlyMap<string, string>;
  /** All at once or not at all. */
  readonly change: (put: readonly IndexedRow[], remove: readonly string[]) => void;
  /** Newest first. */
  readonly select: (query: Query) => readonly SessionRow[];
  readonly close: () => void;
}

export const stampOf = ({ mtime, size }: { mtime: number; size: number }): string => `${mtime}:${size}`;

const fits = (row: SessionRow, { cwd, search }: Query): boolean => {
  if (cwd !== undefined && row.cwd !== cwd) return false;
  if (search === undefined || search === '') return true;
  const words = search.toLowerCase();
  return [row.preview, row.cwd, row.model, row.id].some((text) => text.toLowerCase().includes(words));
};
const byAge = (a: SessionRow, b: SessionRow): number => b.updated - a.updated || (a.file < b.file ? 1 : -1);

export const createMemoryRows = (): Rows => {
  const rows = new Map<string, IndexedRow>();
  return {
    stamps: () => new Map([...rows].map(([file, row]) => [file, stampOf(row)])),
    change: (put, remove) => {
      for (const row of put) rows.set(row.file, row);
      for (const file of remove) rows.delete(file);
    },
    select: (query) =>
      [...rows.values()]
        .filter((row) => fits(row, query))
        .sort(byAge)
        .slice(0, query.limit)
        .map(({ mtime: _mtime, size: _size, ...row }) => row),
    close: () => rows.clear(),
  };
};
