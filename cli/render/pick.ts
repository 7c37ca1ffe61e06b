/** A list to choose from: typed words narrow it, arrows move, Enter takes, Esc leaves. Pure. */
import type { Key } from './keys.ts';
import type { Paint } from './paint.ts';
import { oneLine } from './strip.ts';
import { fit, wrap } from './width.ts';

export interface Choice {
  readonly label: string;
  /** Shown below the list while the choice is the chosen one. */
  readonly detail: string;
}

export interface Picker {
  readonly title: string;
  readonly choices: readonly Choice[];
  readonly query: string;
  /** Among those that match. */
  readonly chosen: number;
}

export const newPicker = (title: string, choices: readonly Choice[]): Picker => ({
  title,
  choices,
  query: '',
  chosen: 0,
});

/** Each typed word must be found somewhere; what is left keeps its order. */
export const matching = ({ choices, query }: Picker): readonly number[] => {
  const words = query
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  return choices.flatMap(({ label, detail }, i) => {
    const text = `${label}\n${detail}`.toLowerCase();
    return words.every((word) => text.includes(word)) ? [i] : [];
  });
};

export type Pressed =
  | { readonly kind: 'goesOn'; readonly picker: Picker }
  | { readonly kind: 'picked'; readonly index: number }
  | { readonly kind: 'left' };

const PAGE = 10;

export const pressInPicker = (picker: Picker, key: Key): Pressed => {
  const found = matching(picker);
  const goesOn = (change: Partial<Picker>): Pressed => ({ kind: 'goesOn', picker: { ...picker, ...change } });
  const move = (by: number): Pressed => goesOn({ chosen: Math.max(0, Math.min(found.length - 1, picker.chosen + by)) });
  if (key.name === 'escape' || (key.ctrl && ['c', 'd', 'g'].includes(key.name))) return { kind: 'left' };
  switch (key.name) {
    case 'enter': {
      const index = found[picker.chosen];
      return index === undefined ? goesOn({}) : { kind: 'picked', index };
    }
    case 'up':
      return move(-1);
    case 'down':
      return move(1);
    case 'tab':
      return move(key.shift ? -1 : 1);
    case 'pageup':
      return move(-PAGE);
    case 'pagedown':
      return move(PAGE);
    case 'home':
      return move(-Infinity);
    case 'end':
      return move(Infinity);
    case 'backspace':
      return goesOn({ query: picker.query.slice(0, -1), chosen: 0 });
    default:
      return key.text === '' ? goesOn({}) : goesOn({ query: picker.query + oneLine(key.text), chosen: 0 });
  }
};

const LIST_ROWS = 10;
const DETAIL_ROWS = 4;

export const drawPicker = (
  picker: Picker,
  { columns, rows, paint }: { readonly columns: number; readonly rows: number; readonly paint: Paint },
): readonly string[] => {
  const found = matching(picker);
  const height = Math.max(1, Math.min(LIST_ROWS, rows - 4));
  const first = Math.max(0, Math.min(picker.chosen - Math.floor(height / 2), found.length - height));
  const list = found.slice(first, first + height).map((index, i) => {
    const text = oneLine(picker.choices[index]?.label ?? '');
    return first + i === picker.chosen ? paint.cyan(fit(`› ${text}`, columns)) : fit(`  ${text}`, columns);
  });
  const chosen = picker.choices[found[picker.chosen] ?? -1];
  const room = Math.max(0, Math.min(DETAIL_ROWS, rows - list.length - 3));
  const detail =
    chosen === undefined ? [] : chosen.detail.split('\n').flatMap((line) => wrap(oneLine(line), columns - 2));
  return [
    fit(`${paint.bold(picker.title)}  ${picker.query === '' ? paint.dim('type to search') : picker.query}`, columns),
    ...(list.length === 0 ? [paint.dim('  nothing like that')] : list),
    ...detail.slice(0, room).map((line) => paint.dim(fit(`  ${line}`, columns))),
    fit(paint.dim(`${found.length} of ${picker.choices.length} · ↑ ↓ · Enter takes · Esc leaves`), columns),
  ];
};
