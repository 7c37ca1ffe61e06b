/** When which actor was in which state, and where the time of each turn went. Pure. */
import type { Story } from './story.ts';

/** In the order of precedence: at any moment of a turn the first that applies is where its time goes. */
export const USES = ['person', 'stopping', 'tool', 'model', 'retry', 'planning', 'other'] as const;
export type Use = (typeof USES)[number];

export interface Span {
  readonly actor: number;
  readonly state: string;
  readonly use: Use;
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
  readonly row: number;
}
export interface TurnTime {
  readonly turnId: string;
  readonly task: string;
  readonly from: number;
  readonly to: number;
  readonly row: number;
  readonly outcome: string;
  readonly sums: Readonly<Record<Use, number>>;
}

/** Where the machines of a session spend time; a state is known by a word in its path. */
const WORDS: readonly (readonly [Use, RegExp])[] = [
  ['person', /\basking\b/],
  ['stopping', /\b(?:aborting|cancelling|closing|cutting|stopping|shuttingDown)\b/],
  ['tool', /\b(?:executing|running)\b/],
  ['model', /\b(?:requesting|streaming|summarising)\b/],
  ['retry', /\b(?:backingOff|settling)\b/],
  ['planning', /\b(?:planning|walking|ready)\b/],
];

export const useOf = (machine: string | null, state: string): Use => {
  const found = WORDS.find(([, words]) => words.test(state))?.[0] ?? 'other';
  // `busy.running` says no more than that there is a turn.
  return found === 'tool' && machine === 'session' ? 'other' : found;
};

export const spansOf = ({ rows, actors }: Story): readonly Span[] => {
  const last = new Map<number, { state: string; row: number }>();
  const spans: Span[] = [];
  const end = rows.at(-1)?.t ?? 0;
  const close = (actor: number, to: number): void => {
    const open = last.get(actor);
    if (open === undefined) return;
    last.delete(actor);
    const { state, row } = open;
    spans.push({ actor, state, use: useOf(actors[actor]?.machine ?? null, state), from: rows[row]?.t ?? to, to, row });
  };
  const deaths = new Map<number, number[]>();
  actors.forEach(({ died }, actor) => {
    if (died !== null) deaths.set(died, [...(deaths.get(died) ?? []), actor]);
  });
  rows.forEach(({ actor, after, t }, row) => {
    for (const dead of deaths.get(row) ?? []) close(dead, t);
    if (actor === null || after === undefined || after === '' || last.get(actor)?.state === after) return;
    close(actor, t);
    const { died } = actors[actor] ?? {};
    if (died === null || died === undefined || died > row) last.set(actor, { state: after, row });
  });
  for (const actor of [...last.keys()]) close(actor, end);
  return spans.sort((a, b) => a.from - b.from);
};

const part = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null && key in value
    ? (value as Readonly<Record<string, unknown>>)[key]
    : null;

const sumsWithin = (spans: readonly Span[], from: number, to: number): Record<Use, number> => {
  const sums = Object.fromEntries(USES.map((use) => [use, 0])) as Record<Use, number>;
  const edges: { readonly t: number; readonly use: Use; readonly by: 1 | -1 }[] = [];
  for (const span of spans) {
    const [start, end] = [Math.max(span.from, from), Math.min(span.to, to)];
    if (end > start) edges.push({ t: start, use: span.use, by: 1 }, { t: end, use: span.use, by: -1 });
  }
  edges.sort((a, b) => a.t - b.t);
  const open = Object.fromEntries(USES.map((use) => [use, 0])) as Record<Use, number>;
  let at = from;
  for (const { t, use, by } of edges) {
    const now = USES.find((candidate) => open[candidate] > 0) ?? 'other';
    sums[now] += t - at;
    at = t;
    open[use] += by;
  }
  sums.other += Math.max(0, to - at);
  return sums;
};

export const turnsOf = (story: Story, spans: readonly Span[]): readonly TurnTime[] => {
  const turns: TurnTime[] = [];
  const open = { start: null as { turnId: string; task: string; from: number; row: number } | null };
  const close = (to: number, outcome: string): void => {
    if (open.start === null) return;
    const { start } = open;
    turns.push({ ...start, to, outcome, sums: sumsWithin(spans, start.from, to) });
    open.start = null;
  };
  story.rows.forEach(({ kind, type, t, body }, row) => {
    if (kind !== 'fact') return;
    if (type === 'turn.started') {
      close(t, 'lost');
      open.start = { turnId: String(part(body, 'turnId')), task: String(part(body, 'task')), from: t, row };
    }
    if (type === 'turn.completed' || type === 'turn.failed' || type === 'turn.aborted') close(t, type.slice(5));
  });
  close(story.rows.at(-1)?.t ?? 0, 'running');
  return turns;
};
