/**
 * What must not leave this machine with a page: a second look for secrets, and a report of what was found and of what is
 * in the page besides. Pure; `clean` is the caller's.
 */
import type { Row, Story } from './story.ts';

export interface Found {
  readonly token: string;
  readonly count: number;
  /** Rows in which it stands, the first few. */
  readonly rows: readonly number[];
  /** It was still readable in what was recorded. */
  readonly isNew: boolean;
}
export interface Redaction {
  readonly story: Story;
  readonly found: readonly Found[];
}

const TOKEN = /\[secret:[0-9a-f]{8}\]/g;
/** Places of one token that are named. */
const MAX_NAMED = 5;

const countIn = (value: unknown): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>();
  for (const [token] of (JSON.stringify(value) ?? '').matchAll(TOKEN)) counts.set(token, (counts.get(token) ?? 0) + 1);
  return counts;
};

export const redacted = (story: Story, clean: (text: string) => string): Redaction => {
  const walk = (value: unknown): unknown => {
    if (typeof value === 'string') return clean(value);
    if (Array.isArray(value)) return value.map(walk);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [clean(key), walk(part)]));
  };
  const { charts, ...rest } = story;
  const cleaned = { ...(walk(rest) as Omit<Story, 'charts'>), charts };
  const before = countIn(rest);
  const rows = cleaned.rows.map(countIn);
  const found = [...countIn(cleaned)].map(([token, count]): Found => {
    const places = rows.flatMap((counts, row) => (counts.has(token) ? [row] : []));
    return { token, count, rows: places.slice(0, MAX_NAMED), isNew: (before.get(token) ?? 0) < count };
  });
  return { story: cleaned, found };
};

const part = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[key] : undefined;

/** What is in the page as it was, counted by what a person would worry about. */
const KINDS: readonly (readonly [one: string, more: string, is: (row: Row) => boolean])[] = [
  ['message', 'messages', ({ kind, type }) => kind === 'input' && /^op\.(?:say|queue|steer)$/.test(type)],
  [
    'answer of the model',
    'answers of the model',
    ({ type, body }) => type === 'sample.item' && part(part(body, 'item'), 'type') === 'agent',
  ],
  ['command or tool call', 'commands and tool calls', ({ kind, type }) => kind === 'fact' && type === 'call.started'],
  ['output', 'outputs', ({ kind, type }) => kind === 'fact' && type === 'call.finished'],
  [
    'diff of files',
    'diffs of files',
    ({ kind, type, body }) => kind === 'fact' && type === 'turn.diffed' && part(body, 'diff') !== '',
  ],
];

/** Line by line, for a terminal. */
export const reportOf = ({ story: { rows, head }, found }: Redaction): readonly string[] => {
  const places = found.reduce((sum, { count }) => sum + count, 0);
  const headline =
    found.length === 0
      ? 'redaction: no secret of a known kind was found'
      : `redaction: ${found.length} ${found.length === 1 ? 'secret stands as a token' : 'secrets stand as tokens'} in ${places} places`;
  const named = found.map(({ token, count, rows: at, isNew }) => {
    const where = at.map((row) => `${row + 1} ${rows[row]?.type ?? ''}`).join(', ');
    const beyond = at.length === 0 ? 'outside the rows' : `row ${where}${count > at.length ? ', …' : ''}`;
    return `  ${token} ×${count}: ${beyond}${isNew ? ' (found only now: the journal itself still has it)' : ''}`;
  });
  const counted = KINDS.flatMap(([one, more, is]) => {
    const count = rows.filter(is).length;
    return count === 0 ? [] : [`${count} ${count === 1 ? one : more}`];
  });
  const folder = typeof head['cwd'] === 'string' ? [`the folder name ${head['cwd']}`] : [];
  return [headline, ...named, `in it as they were: ${[...counted, ...folder].join(', ') || 'nothing else'}`];
};
