/** Places in a story that somebody may want to go to: messages a fork can begin before, and the step that broke a promise. Pure. */
import type { BrokenTold, MessageTold, Row, Story } from './story.ts';

type Plain = Readonly<Record<string, unknown>>;
const plain = (value: unknown): Plain => (typeof value === 'object' && value !== null ? (value as Plain) : {});
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Characters of a message that are shown where it is only named. */
const MAX_NAME_CHARS = 200;

/** The fact that says which words reached the model, or else the words themselves. */
const deliveryOf = (rows: readonly Row[]): ReadonlyMap<string, number> => {
  const places = new Map<string, number>();
  rows.forEach(({ kind, type, body }, row) => {
    const said = plain(body)['id'];
    if (kind === 'input' && type.startsWith('op.') && typeof said === 'string' && !places.has(said))
      places.set(said, row);
    if (kind !== 'fact' || type !== 'items.recorded') return;
    for (const item of list(plain(body)['items'])) {
      const { type: what, inputId } = plain(item);
      if (what === 'user' && typeof inputId === 'string') places.set(inputId, row);
    }
  });
  return places;
};

/** `history` as it stands at the end: a message that was rewound or summed up is no place any more. */
export const messagesIn = (rows: readonly Row[], history: readonly unknown[]): readonly MessageTold[] => {
  const places = deliveryOf(rows);
  return history
    .map(plain)
    .filter(({ type }) => type === 'user')
    .flatMap(({ inputId, text }, before) => {
      const row = typeof inputId === 'string' ? places.get(inputId) : undefined;
      return row === undefined ? [] : [{ row, before, text: String(text).slice(0, MAX_NAME_CHARS) }];
    });
};

export const brokenIn = ({ rows, head }: Pick<Story, 'rows' | 'head'>): BrokenTold | null => {
  const mark = rows.findLast(({ kind, type }) => kind === 'note' && type === 'broken');
  if (mark === undefined) return null;
  const { promise, names } = plain(mark.body);
  const row = rows.findLastIndex(({ kind }) => kind === 'input');
  const { isAttended } = plain(plain(head['input'])['settings']);
  return { row, promise: String(promise), names: list(names).map(String), isAttended: isAttended !== false };
};
