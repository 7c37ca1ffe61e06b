/**
 * The filter of the log: words that must all hold.
 *
 *   actor:turn  ev:op.*  state:aborting  kind:fact  from:user  seq:41  t>12s  t<2m  failed  -word  word
 *
 * A bare word is looked for in the event, the actor and the body. `*` stands for anything. Pure.
 */
import type { Story } from './story.ts';

export type Matches = (row: number) => boolean;
type Test = (story: Story, row: number) => boolean;

const pattern = (text: string): ((value: string) => boolean) => {
  if (!text.includes('*')) {
    const wanted = text.toLowerCase();
    return (value) => value.toLowerCase().includes(wanted);
  }
  const quoted = text.replace(/[\\^$.+?()[\]{}|/-]/g, String.raw`\$&`).replaceAll('*', '.*');
  const regex = new RegExp(`^${quoted}$`, 'i');
  return (value) => regex.test(value);
};

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
const FAILED = /fail|abort|error|refused|declined|retrying|crashed|diverged|denied/;

const pathOf = (story: Story, row: number): string => story.actors[story.rows[row]?.actor ?? -1]?.path ?? '';
const isFailed = (story: Story, row: number): boolean => {
  const found = story.rows[row];
  if (found === undefined) return false;
  if (FAILED.test(found.type)) return true;
  const { body } = found;
  if (typeof body !== 'object' || body === null) return false;
  const inner = 'fact' in body ? body.fact : body;
  const status = typeof inner === 'object' && inner !== null && 'status' in inner ? String(inner.status) : '';
  return FAILED.test(status);
};

const keyed = (key: string, value: string): Test | null => {
  const fits = pattern(value);
  switch (key) {
    case 'actor':
      return (story, row) => fits(pathOf(story, row));
    case 'ev':
    case 'event':
      return (story, row) => fits(story.rows[row]?.type ?? '');
    case 'state':
      return (story, row) => fits(story.rows[row]?.after ?? '');
    case 'kind':
      return (story, row) => fits(story.rows[row]?.kind ?? '');
    case 'from':
      return (story, row) => fits(story.rows[row]?.from ?? '');
    case 'guard':
      return (story, row) => (story.rows[row]?.guards ?? []).some(({ name }) => fits(name));
    case 'seq':
      return (story, row) => story.rows[row]?.seq === Number(value);
    default:
      return null;
  }
};

const timed = (word: string): Test | null => {
  const [, sign, count, unit] = /^t([<>])(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(word) ?? [];
  if (sign === undefined || count === undefined || unit === undefined) return null;
  const limit = Number(count) * (UNIT_MS[unit] ?? 1);
  return ({ rows }, row) => {
    const since = (rows[row]?.t ?? 0) - (rows[0]?.t ?? 0);
    return sign === '>' ? since > limit : since < limit;
  };
};

const testOf = (word: string): Test => {
  if (word.startsWith('-') && word.length > 1) {
    const inner = testOf(word.slice(1));
    return (story, row) => !inner(story, row);
  }
  const colon = word.indexOf(':');
  const named = colon > 0 ? keyed(word.slice(0, colon), word.slice(colon + 1)) : null;
  const special = named ?? timed(word) ?? (word === 'failed' ? isFailed : null);
  if (special !== null) return special;
  const fits = pattern(word.includes('*') ? `*${word}*` : word);
  return (story, row) => {
    const found = story.rows[row];
    if (found === undefined) return false;
    return fits(found.type) || fits(pathOf(story, row)) || fits(JSON.stringify(found.body) ?? '');
  };
};

/** Every row if there is nothing to filter by. */
export const filterOf = (story: Story, text: string): Matches => {
  const tests = text.split(/\s+/).filter(Boolean).map(testOf);
  return (row) => tests.every((test) => test(story, row));
};

export const filtered = (story: Story, text: string): readonly number[] => {
  const matches = filterOf(story, text);
  return story.rows.flatMap((_, row) => (matches(row) ? [row] : []));
};
