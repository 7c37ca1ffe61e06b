/**
 * The inline screen: finished lines are printed once and belong to the terminal's scrollback from then on; below them a
 * small live region is repainted. Pure: (screen, change) → [screen, bytes].
 *
 * Promises: each committed line is written exactly once; never is more erased than the live region; one update is one
 * write, and terminals that can show it at once do.
 */
import { widthOf } from './width.ts';

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

export interface Cursor {
  readonly row: number;
  readonly column: number;
}

export interface Screen {
  readonly size: Size;
  /** The rows of the live region as they stand, and where the cursor was left in it. */
  readonly live: readonly string[];
  readonly cursor: Cursor;
}

export interface Update {
  /** Rows that become final; already wrapped to the width. */
  readonly committed: readonly string[];
  readonly live: readonly string[];
  /** Null: hidden. */
  readonly cursor: Cursor | null;
  readonly size: Size;
}

const BEGIN = '\x1b[?2026h\x1b[?25l';
const END = '\x1b[?2026l';
const SHOW = '\x1b[?25h';
const ERASE_ROW = '\x1b[K';
const ERASE_BELOW = '\x1b[J';

export const newScreen = (size: Size): Screen => ({ size, live: [''], cursor: { row: 0, column: 0 } });

const up = (rows: number): string => (rows > 0 ? `\x1b[${rows}A` : '');
const down = (rows: number): string => (rows > 0 ? `\x1b[${rows}B` : '');
const right = (columns: number): string => (columns > 0 ? `\x1b[${columns}C` : '');

/** Rows between the top of the live region and the cursor, as the terminal has laid them out at its width now. */
const rowsAbove = ({ live, cursor, size }: Screen, { columns }: Size): number => {
  if (columns === size.columns) return cursor.row;
  const rowsOf = (width: number) => Math.max(1, Math.ceil(width / columns));
  const before = live.slice(0, cursor.row).reduce((sum, row) => sum + rowsOf(widthOf(row)), 0);
  return before + Math.floor(cursor.column / columns);
};

const place = (live: readonly string[], cursor: Cursor | null): string =>
  cursor === null ? '' : `${up(live.length - 1 - cursor.row)}\r${right(cursor.column)}${SHOW}`;

/** Nothing became final and the shape is the same: only rows that differ are written. */
const repaintRows = (screen: Screen, live: readonly string[]): string => {
  let at = screen.cursor.row;
  let bytes = '';
  live.forEach((row, i) => {
    if (row === screen.live[i]) return;
    bytes += `${i < at ? up(at - i) : down(i - at)}\r${row}${ERASE_ROW}`;
    at = i;
  });
  return bytes + down(live.length - 1 - at);
};

export const paint = (screen: Screen, { committed, live, cursor, size }: Update): readonly [Screen, string] => {
  const rows = live.length === 0 ? [''] : live;
  const isSameShape =
    committed.length === 0 && rows.length === screen.live.length && size.columns === screen.size.columns;
  const at = cursor ?? { row: rows.length - 1, column: 0 };
  const next: Screen = { size, live: rows, cursor: at };
  if (isSameShape) {
    const changed = repaintRows(screen, rows);
    return [next, `${BEGIN}${changed}${place(rows, cursor ?? at)}${cursor === null ? '\x1b[?25l' : ''}${END}`];
  }
  const top = `${up(rowsAbove(screen, size))}\r`;
  // Each row is erased to its end as it is written, and what is left below at the very end: nothing flickers in between.
  const body = [...committed, ...rows].map((row) => `${row}${ERASE_ROW}`).join('\r\n');
  return [
    next,
    `${BEGIN}${top}${size.columns === screen.size.columns ? '' : ERASE_BELOW}${body}${ERASE_BELOW}${place(rows, at)}${cursor === null ? '\x1b[?25l' : ''}${END}`,
  ];
};

/** The live region goes; what follows is printed below the last final line. */
export const leave = (screen: Screen): string => `${up(screen.cursor.row)}\r${ERASE_BELOW}${SHOW}`;
