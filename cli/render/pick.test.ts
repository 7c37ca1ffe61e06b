import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readKeys } from './keys.ts';
import { NO_COLOURS } from './paint.ts';
import { drawPicker, newPicker, pressInPicker, type Picker, type Pressed } from './pick.ts';
import { widthOf } from './width.ts';

const choices = ['apples and pears', 'pears', 'plums'].map((label) => ({ label, detail: `about ${label}` }));
const start = newPicker('which?', choices);
const press = (bytes: string, from: Picker = start): Pressed => {
  let now: Pressed = { kind: 'goesOn', picker: from };
  for (const key of readKeys(bytes, true)[0]) {
    if (now.kind !== 'goesOn') return now;
    now = pressInPicker(now.picker, key);
  }
  return now;
};

describe('a list to choose from', () => {
  it.each([
    ['\r', { kind: 'picked', index: 0 }],
    ['\x1b[B\r', { kind: 'picked', index: 1 }],
    ['\x1b[B\x1b[B\x1b[B\x1b[B\x1b[A\r', { kind: 'picked', index: 1 }],
    ['plu\r', { kind: 'picked', index: 2 }],
    ['pears\x1b[B\r', { kind: 'picked', index: 1 }],
    ['\x1b', { kind: 'left' }],
    ['\x03', { kind: 'left' }],
  ])('%j', (bytes, expected) => {
    expect(press(bytes)).toEqual(expected);
  });

  it('takes nothing where nothing matches, and goes back with the letters', () => {
    expect(press('zzz\r')).toMatchObject({ kind: 'goesOn' });
    expect(press('zzz\x7f\x7f\x7f\r')).toEqual({ kind: 'picked', index: 0 });
  });

  it('shows what is chosen, and fits any screen (property)', () => {
    const label = fc.string({ unit: fc.constantFrom('a', '漢', '\n', '\x1b', ' '), maxLength: 80 });
    fc.assert(
      fc.property(
        fc.array(fc.record({ label, detail: label }), { maxLength: 30 }),
        fc.nat(40),
        fc.integer({ min: 20, max: 100 }),
        fc.integer({ min: 6, max: 40 }),
        (many, down, columns, rows) => {
          const pressed = press('\x1b[B'.repeat(down), newPicker('which?', many));
          if (pressed.kind !== 'goesOn') throw new Error('it ended');
          const drawn = drawPicker(pressed.picker, { columns, rows, paint: NO_COLOURS });
          expect(drawn.length).toBeLessThanOrEqual(rows);
          for (const row of drawn) expect(widthOf(row)).toBeLessThanOrEqual(columns);
          if (many.length > 0) expect(drawn.filter((row) => row.startsWith('› '))).toHaveLength(1);
        },
      ),
    );
  });
});
