/** The tree of actors at the cursor: who lives, in which state, for how long, and what waits for it. */
import { computed } from '@preact/signals';
import type { ActorTold } from '../story.ts';
import { chosen, cursor, isAlive, lasting, rows, stateAt, story, subject, waitingFor } from './store.ts';

interface Line {
  readonly actor: number;
  readonly depth: number;
  readonly told: ActorTold;
}

/** Of those that are gone, siblings that are shown; the newest. */
const MAX_GONE = 20;

const folded = (siblings: readonly number[]): readonly number[] => {
  const { actors } = story.value;
  const gone = siblings.filter((actor) => {
    const told = actors[actor];
    return told !== undefined && !isAlive(told, cursor.value);
  });
  const hidden = new Set(gone.slice(0, Math.max(0, gone.length - MAX_GONE)));
  return siblings.filter((actor) => !hidden.has(actor));
};

/** Processes, where a fact names them: an actor that said `pid` has it from then on. */
const pidOf = computed((): ReadonlyMap<number, number> => {
  const pids = new Map<number, number>();
  for (const { kind, actor, body } of rows.value) {
    if (kind !== 'fact' || actor === null || typeof body !== 'object' || body === null || !('pid' in body)) continue;
    if (typeof body.pid === 'number') pids.set(actor, body.pid);
  }
  return pids;
});

/** Of actors with the same name, one after the other, the one that lives or lived last is shown. */
const lines = computed((): readonly Line[] => {
  const { actors } = story.value;
  const newest = new Map<string, number>();
  actors.forEach((told, actor) => {
    if (told.born <= cursor.value) newest.set(told.path, actor);
  });
  const children = new Map<number | null, number[]>();
  for (const actor of newest.values()) {
    const parent = actors[actor]?.parent ?? null;
    const current = parent === null ? null : (newest.get(actors[parent]?.path ?? '') ?? null);
    if (parent !== current) continue;
    const siblings = children.get(parent);
    if (siblings === undefined) children.set(parent, [actor]);
    else siblings.push(actor);
  }
  const walk = (parent: number | null, depth: number): readonly Line[] =>
    folded(children.get(parent) ?? []).flatMap((actor) => {
      const told = actors[actor];
      return told === undefined ? [] : [{ actor, depth, told }, ...walk(actor, depth + 1)];
    });
  return walk(null, 0);
});

const ActorLine = ({ actor, depth, told }: Line) => {
  const alive = isAlive(told, cursor.value);
  const state = told.machine === null ? (alive ? 'working' : 'gone') : stateAt(actor, cursor.value);
  const waiting = alive ? waitingFor(actor, cursor.value) : 0;
  const pid = pidOf.value.get(actor);
  const until = alive ? (rows.value[cursor.value]?.t ?? 0) : (rows.value[(told.died ?? 1) - 1]?.t ?? 0);
  const age = lasting(Math.max(0, until - (rows.value[told.born]?.t ?? until)));
  const classes = ['actor', alive ? 'alive' : 'dead', subject.value === actor ? 'chosen' : ''].join(' ');
  return (
    <button
      type="button"
      class={classes}
      style={{ paddingLeft: `${8 + depth * 14}px` }}
      title={[told.path, `age ${age}`, `mailbox ${waiting}`, pid === undefined ? '' : `pid ${pid}`]
        .filter(Boolean)
        .join(' · ')}
      onClick={() => (chosen.value = actor)}
    >
      <span class={told.machine === null ? 'leaf' : 'name'}>{told.path.split('/').at(-1)}</span>
      {waiting > 0 && <span class="mailbox">{waiting}</span>}
      {pid !== undefined && <span class="pid">{pid}</span>}
      <span class="state">{state}</span>
      <span class="age">{age}</span>
    </button>
  );
};

export const Actors = () => (
  <nav class="actors" aria-label="Actors">
    <h2>Actors</h2>
    {chosen.value !== null && (
      <button type="button" class="small" onClick={() => (chosen.value = null)}>
        follow the cursor again
      </button>
    )}
    {lines.value.map((line) => (
      <ActorLine key={line.actor} {...line} />
    ))}
  </nav>
);
