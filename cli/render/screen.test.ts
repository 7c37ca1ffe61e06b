import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leave, newScreen, paint, type Screen } from './screen.ts';

const ROWS = 12;
const COLUMNS = 30;

/** A terminal of so many rows, as far as our sequences need one: what scrolls off the top is kept, and can no longer change. */
const createTerminal = () => {
  const scrolled: string[] = [];
  let rows: string[] = [''];
  let [row, column] = [0, 0];
  const put = (text: string) => {
    const line = (rows[row] ?? '').padEnd(column);
    rows[row] = line.slice(0, column) + text + line.slice(column + text.length);
    column += text.length;
  };
  const write = (bytes: string) => {
    for (const [, sequence, count, final, character] of bytes.matchAll(/(\x1b\[\??(\d*)([A-Za-z]))|([\s\S])/g)) {
      const n = Number(count || 1);
      if (sequence !== undefined) {
        if (sequence === '\x1b[2J' || sequence === '\x1b[3J') throw new Error('the whole screen was erased');
        if (final === 'A') {
          if (n > row) throw new Error('the cursor left the screen');
          row -= n;
        }
        if (final === 'B') row = Math.min(row + n, rows.length - 1);
        if (final === 'C') column += n;
        if (final === 'K') rows[row] = (rows[row] ?? '').slice(0, column);
        if (final === 'J') rows = [...rows.slice(0, row), (rows[row] ?? '').slice(0, column)];
      } else if (character === '\r') column = 0;
      else if (character === '\n') {
        row += 1;
        if (row === rows.length) rows.push('');
        if (rows.length > ROWS) {
          scrolled.push(rows.shift() ?? '');
          row -= 1;
        }
      } else put(character ?? '');
    }
  };
  return {
    write,
    text: () => [...scrolled, ...rows].map((line) => line.trimEnd()),
    cursor: () => ({ row: scrolled.length + row, column }),
  };
};

const word = fc.stringMatching(/^[a-z]{1,8}$/);
const update = fc.record({
  committed: fc.array(word, { maxLength: 20 }),
  live: fc.array(word, { maxLength: ROWS - 2 }),
  at: fc.nat(),
  hidden: fc.boolean(),
});

describe('the inline screen', () => {
  it('writes every committed line exactly once, and below them the live region as it is now', () => {
    fc.assert(
      fc.property(fc.array(update, { maxLength: 30 }), (updates) => {
        const terminal = createTerminal();
        const size = { rows: ROWS, columns: COLUMNS };
        let screen: Screen = newScreen(size);
        const all: string[] = [];
        for (const { committed, live, at, hidden } of updates) {
          const rows = live.length === 0 ? [''] : live;
          const row = at % rows.length;
          const cursor = hidden ? null : { row, column: rows[row]?.length ?? 0 };
          const [next, bytes] = paint(screen, { committed, live, cursor, size });
          screen = next;
          terminal.write(bytes);
          all.push(...committed);
          expect(terminal.text().slice(0, all.length + rows.length)).toEqual([...all, ...rows]);
          if (cursor !== null) expect(terminal.cursor()).toEqual({ row: all.length + row, column: cursor.column });
        }
        terminal.write(`${leave(screen)}done`);
        expect(terminal.text()).toEqual([...all, 'done']);
      }),
    );
  });

  it('writes only the rows that differ, in one synchronised write', () => {
    const size = { rows: ROWS, columns: COLUMNS };
    const [first] = paint(newScreen(size), { committed: [], live: ['one', 'two', 'three'], cursor: null, size });
    const [, bytes] = paint(first, { committed: [], live: ['one', 'TWO', 'three'], cursor: null, size });
    expect(bytes).toContain('TWO');
    expect(bytes).not.toContain('one');
    expect(bytes).toMatch(/^\x1b\[\?2026h[\s\S]*\x1b\[\?2026l$/);
  });

  it('counts the rows of the live region as a narrower terminal has laid them out', () => {
    const wide = { rows: ROWS, columns: 20 };
    const [screen] = paint(newScreen(wide), {
      committed: [],
      live: ['x'.repeat(18), 'y'],
      cursor: { row: 1, column: 1 },
      size: wide,
    });
    const [, bytes] = paint(screen, { committed: [], live: ['z'], cursor: null, size: { rows: ROWS, columns: 10 } });
    expect(bytes).toContain('\x1b[2A\r'); // 18 columns stand in two rows of 10 now
  });
});
