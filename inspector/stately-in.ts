/**
 * Messages of Stately's inspector as a story: whatever an app sent to it, or wrote down for it, can be looked at here. What
 * they do not say (guards, transitions) is not made up; kinds that are not known are passed over. Pure.
 */
import { createMachine } from 'xstate';
import type { Chart } from './charts.ts';
import { changesBetween } from './diff.ts';
import { outlineOf } from './outline.ts';
import { plain } from './plain.ts';
import { plainLayout } from './plain-layout.ts';
import type { ActorTold, Row, Story } from './story.ts';
import { stateText } from './trace.ts';

type Plain = Readonly<Record<string, unknown>>;
const object = (value: unknown): Plain => (typeof value === 'object' && value !== null ? (value as Plain) : {});
const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Whether it is one of the messages of Stately's inspector; the rest of it is not looked at. */
export const isStatelyMessage = (value: unknown): value is Plain =>
  text(object(value)['type']).startsWith('@xstate.') && typeof object(value)['sessionId'] === 'string';

/** A definition is somebody else's text; one that is no chart is left out. */
const chartIn = (definition: string): Chart | null => {
  try {
    const outline = outlineOf(createMachine(JSON.parse(definition) as Parameters<typeof createMachine>[0]));
    return { outline, layout: plainLayout(outline) };
  } catch {
    return null;
  }
};

interface Life {
  readonly actor: number;
  context: unknown;
  /** Rows whose snapshot has not come yet. */
  readonly waiting: number[];
}

/** A story of what another app told Stately's inspector. What is no such message, or makes no sense, is left out. */
export const fromStately = (title: string, messages: readonly unknown[]): Story => {
  const actors: ActorTold[] = [];
  const rows: Row[] = [];
  const charts = new Map<string, Chart>();
  const lives = new Map<string, Life>();

  const lifeOf = (sessionId: string): Life => {
    const known = lives.get(sessionId);
    if (known !== undefined) return known;
    const life: Life = { actor: actors.length, context: {}, waiting: [] };
    lives.set(sessionId, life);
    actors.push({ path: sessionId, machine: null, parent: null, born: rows.length, died: null, status: 'active' });
    return life;
  };
  const born = ({ sessionId, name, parentId, definition }: Plain): void => {
    const { actor } = lifeOf(text(sessionId));
    const parent = lives.get(text(parentId))?.actor ?? null;
    const above = parent === null ? '' : `${actors[parent]?.path ?? ''}/`;
    const chart = definition === undefined ? null : chartIn(text(definition));
    const machine = chart !== null && chart.outline.root.states.length > 0 ? chart.outline.name : null;
    if (chart !== null && machine !== null) charts.set(machine, chart);
    actors[actor] = {
      ...{ path: `${above}${text(name) || text(sessionId)}`, machine, parent },
      ...{ born: rows.length, died: null, status: 'active' },
    };
  };
  const heard = ({ sessionId, sourceId, event, createdAt }: Plain): void => {
    const life = lifeOf(text(sessionId));
    const source = lives.get(text(sourceId));
    life.waiting.push(rows.length);
    rows.push({
      ...{ kind: source === undefined ? 'input' : 'step', seq: null, t: Number(createdAt) || 0, actor: life.actor },
      ...{ from: source === undefined ? 'outside' : (actors[source.actor]?.path ?? ''), cause: null },
      ...{ type: text(object(event)['type']), body: plain(event) },
    });
  };
  const settled = ({ sessionId, snapshot }: Plain): void => {
    const life = lifeOf(text(sessionId));
    const { value, context, status } = object(snapshot);
    const row = life.waiting.shift();
    const before = row === undefined ? undefined : rows[row];
    if (row !== undefined && before !== undefined)
      rows[row] = { ...before, after: stateText(value), changes: changesBetween(life.context, context ?? {}) };
    life.context = context ?? {};
    const told = actors[life.actor];
    if (told !== undefined && (status === 'done' || status === 'error' || status === 'stopped'))
      actors[life.actor] = { ...told, died: told.died ?? rows.length, status };
  };

  for (const message of messages.filter(isStatelyMessage)) {
    if (message['type'] === '@xstate.actor') born(message);
    if (message['type'] === '@xstate.event') heard(message);
    if (message['type'] === '@xstate.snapshot') settled(message);
  }
  // An actor that ended before its last snapshot lives to the end of what was told.
  return { v: 1, title, head: {}, verdict: { kind: 'imported' }, charts: [...charts.values()], actors, rows };
};
