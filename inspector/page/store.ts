/** What all views share: the story, one cursor, one filter. Everything else is computed from these. */
import { computed, signal } from '@preact/signals';
import type { Possible } from '../acts.ts';
import { aligned } from '../align.ts';
import { createContexts } from '../context.ts';
import { filtered } from '../filter.ts';
import { filesOf, fillsOf, requestsOf } from '../requests.ts';
import { spansOf, turnsOf } from '../spans.ts';
import type { ActorTold, Row, Story } from '../story.ts';

const EMPTY: Story = {
  ...{ v: 1, title: '', head: {}, verdict: { kind: 'loading' } },
  ...{ charts: [], actors: [], rows: [] },
};

export const VIEWS = ['chart', 'lanes', 'time', 'model', 'files', 'compare'] as const;
export type View = (typeof VIEWS)[number];

export const story = signal<Story>(EMPTY);
export const cursor = signal(0);
/** Moves with what comes in, until the cursor is touched. */
export const isFollowing = signal(false);
export const query = signal('');
export const view = signal<View>('chart');
/** What the terminal allowed this page. */
export const may = signal({ act: false, fork: false });
/** What the session would take now, and of the rest why not. */
export const possible = signal<readonly Possible[]>([]);
/** Whether a server is there to tell more. */
export const link = signal<'none' | 'live' | 'lost'>('none');
export const trouble = signal('');
/** The actor whose chart is shown; null: that of the row at the cursor. */
export const chosen = signal<number | null>(null);

export const rows = computed(() => story.value.rows);
export const shown = computed(() => filtered(story.value, query.value));
export const spans = computed(() => spansOf(story.value));
export const turns = computed(() => turnsOf(story.value, spans.value));
export const requests = computed(() => requestsOf(story.value));
export const fills = computed(() => fillsOf(story.value));
export const files = computed(() => filesOf(story.value));
export const here = computed((): Row | undefined => rows.value[cursor.value]);

/** A story is compared where there is something beside it, or a promise that it broke. */
export const views = computed((): readonly View[] =>
  VIEWS.filter((name) => name !== 'compare' || story.value.broken !== undefined || story.value.beside !== undefined),
);
/** The turn that runs at the end of what is known. */
export const openTurn = computed((): string | undefined => {
  const last = rows.value.findLast(
    ({ kind, type }) => kind === 'fact' && /^turn\.(?:started|completed|failed|aborted)$/.test(type),
  );
  const body = last?.body as { readonly turnId?: string } | undefined;
  return last?.type === 'turn.started' ? body?.turnId : undefined;
});
/** The message of the user that governs the row at the cursor. */
export const message = computed(() => story.value.messages?.findLast(({ row }) => row <= cursor.value) ?? null);
/** Steps that this story and the one beside it share. */
export const pairs = computed(() => aligned(rows.value, story.value.beside?.rows ?? []));

/** For each actor the rows in which it took a step, in order. */
const stepsOf = computed(() => {
  const steps: number[][] = story.value.actors.map(() => []);
  rows.value.forEach(({ actor, after }, row) => {
    if (actor !== null && after !== undefined) steps[actor]?.push(row);
  });
  return steps;
});

/** Of the actor that is looked at: its context after any of its steps. */
const contexts = new WeakMap<Story, Map<number, (step: number) => unknown>>();
export const contextAt = (actor: number, row: number): unknown => {
  const known = contexts.get(story.value) ?? new Map<number, (step: number) => unknown>();
  contexts.set(story.value, known);
  const steps = stepsOf.value[actor] ?? [];
  const at = known.get(actor) ?? createContexts(steps.map((step) => rows.value[step]?.changes ?? []));
  known.set(actor, at);
  return at(lastUpTo(steps, row));
};

/** The place of the last number that is not above the limit, or -1. */
const lastUpTo = (numbers: readonly number[], limit: number): number => {
  let [low, high] = [0, numbers.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((numbers[middle] ?? 0) <= limit) low = middle + 1;
    else high = middle;
  }
  return low - 1;
};

/** The last step of an actor up to a row. */
export const stepAt = (actor: number, row: number): Row | undefined => {
  const steps = stepsOf.value[actor] ?? [];
  return rows.value[steps[lastUpTo(steps, row)] ?? -1];
};
export const stepsUpTo = (actor: number, row: number): readonly Row[] => {
  const steps = stepsOf.value[actor] ?? [];
  return steps.slice(0, lastUpTo(steps, row) + 1).flatMap((step) => rows.value[step] ?? []);
};
/** The last steps of an actor that may still be waiting at some row. */
const MAX_WAITING = 50;
/** Events that were sent to an actor and not dealt with at this row. */
export const waitingFor = (actor: number, row: number): number => {
  const steps = stepsOf.value[actor] ?? [];
  const last = lastUpTo(steps, row);
  return steps
    .slice(Math.max(0, last + 1 - MAX_WAITING), last + 1)
    .filter((step) => step < row && (rows.value[step]?.until ?? 0) > row).length;
};
export const stateAt = (actor: number, row: number): string => stepAt(actor, row)?.after ?? '';
export const isAlive = ({ born, died }: ActorTold, row: number): boolean =>
  born <= row && (died === null || died > row);
export const placeIn = lastUpTo;

/** The machine that the chart shows. */
export const subject = computed((): number | null => {
  const { actors } = story.value;
  const candidate = chosen.value ?? here.value?.actor ?? null;
  let at: number | null = candidate;
  while (at !== null && actors[at]?.machine === null) at = actors[at]?.parent ?? null;
  if (at !== null) return at;
  const root = actors.findIndex(({ machine }) => machine !== null);
  return root < 0 ? null : root;
});

/** To the newest row, and on with what comes. */
export const followOn = (): void => {
  isFollowing.value = true;
  cursor.value = Math.max(0, rows.value.length - 1);
};
export const goTo = (row: number): void => {
  isFollowing.value = false;
  cursor.value = Math.max(0, Math.min(rows.value.length - 1, row));
};
/** The next row in this direction that is wanted. */
export const seek = (by: 1 | -1, isWanted: (row: Row, at: number) => boolean): void => {
  for (let at = cursor.value + by; at >= 0 && at < rows.value.length; at += by) {
    const row = rows.value[at];
    if (row !== undefined && isWanted(row, at)) return goTo(at);
  }
};
/** Of the actor at the cursor. */
export const sameActor = ({ actor }: Row): boolean => actor === (here.value?.actor ?? null);
/** Whether the actor was in another state before. */
export const changesState = (row: Row, at: number): boolean =>
  row.actor !== null && row.after !== undefined && row.after !== '' && stateAt(row.actor, at - 1) !== row.after;

export const since = (t: number): string => {
  const ms = t - (rows.value[0]?.t ?? t);
  if (ms < 10_000) return `${(ms / 1_000).toFixed(3)}s`;
  const [minutes, seconds] = [Math.floor(ms / 60_000), (ms % 60_000) / 1_000];
  return minutes === 0 ? `${seconds.toFixed(1)}s` : `${minutes}m${seconds.toFixed(0).padStart(2, '0')}`;
};
export const lasting = (ms: number): string => {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  return ms < 60_000
    ? `${(ms / 1_000).toFixed(1)} s`
    : `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1_000)} s`;
};
export const nameOf = (actor: number | null): string => story.value.actors[actor ?? -1]?.path.split('/').at(-1) ?? '';
