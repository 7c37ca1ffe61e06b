/** The chart of one actor: the states it is in are filled, the transition that was taken last is red. */
import { computed, signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { Arrow, Box } from '../layout.ts';
import { pathOfArrow } from '../svg.ts';
import { cursor, stepAt, stepsUpTo, story, subject } from './store.ts';

const chart = computed(() => {
  const actor = subject.value;
  const machine = actor === null ? null : story.value.actors[actor]?.machine;
  return story.value.charts.find(({ outline }) => outline.name === machine) ?? null;
});
const step = computed(() => (subject.value === null ? undefined : stepAt(subject.value, cursor.value)));

/** Ids of the states that are active, with all that contain them. */
const active = computed((): ReadonlySet<string> => {
  const name = chart.value?.outline.name ?? '';
  const after = step.value?.after ?? '';
  const paths = after === '' ? [] : after.split('|');
  return new Set([
    name,
    ...paths.flatMap((path) => path.split('.').map((_, n, keys) => [name, ...keys.slice(0, n + 1)].join('.'))),
  ]);
});
const isTaken = ({ from, to }: Arrow): boolean =>
  step.value?.taken?.some((taken) => taken.from === from && taken.to.includes(to)) ?? false;

/** Smaller than life, since charts are wide; never so small that nobody can read it, unless somebody wants all of it. */
const scale = signal(0.85);
const isFitted = signal(false);
const zoom = (factor: number): void => {
  isFitted.value = false;
  scale.value = Math.min(3, Math.max(0.2, scale.value * factor));
};

const State = ({ box }: { box: Box }) => {
  const { id, key, type, x, y, w, h, description, invokes, isInitial } = box;
  const entered = visits.value.get(id) ?? 0;
  return (
    <g class={active.value.has(id) ? 'on' : 'off'} data-state={id}>
      <title>
        {[description, entered === 0 ? 'not entered yet' : `entered ${entered} ×`].filter(Boolean).join('\n')}
      </title>
      <rect class={`box ${type}`} x={x} y={y} width={w} height={h} rx="8" />
      {isInitial && <circle class="initial" cx={x + 10} cy={y + 14} r="3.5" />}
      <text x={x + 20} y={y + 18}>
        {key}
      </text>
      {invokes.length > 0 && (
        <text class="invoke" x={x + 20} y={y + 32}>
          ▸ {invokes.join(' ')}
        </text>
      )}
    </g>
  );
};

const ArrowLine = ({ arrow }: { arrow: Arrow }) => {
  const tip = isTaken(arrow) ? 'taken' : 'tip';
  return (
    <g class={isTaken(arrow) ? 'way taken' : 'way'}>
      <path class="arrow" marker-end={`url(#${tip})`} d={pathOfArrow(arrow.points)} />
      {arrow.labels.map(({ text, x, y }) => (
        <text class="label" x={x} y={y + 11}>
          {text}
        </text>
      ))}
    </g>
  );
};

const Tip = ({ id }: { id: string }) => (
  <marker id={id} viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
    <path d="M0 0L8 4L0 8z" />
  </marker>
);

/** How often each state was entered up to the cursor. */
const visits = computed((): ReadonlyMap<string, number> => {
  const counted = new Map<string, number>();
  const actor = subject.value;
  if (actor === null) return counted;
  for (const { taken = [] } of stepsUpTo(actor, cursor.value))
    for (const { to } of taken) for (const id of to) counted.set(id, (counted.get(id) ?? 0) + 1);
  return counted;
});

/** The step that brought the machine here: what it heard, how its guards answered, what it did. */
const Last = () => {
  if (step.value === undefined) return null;
  const { type, taken = [], guards = [] } = step.value;
  return (
    <p class="last">
      Last: <code>{type}</code>{' '}
      {guards.map(({ name, value }) => (
        <span class={value ? 'guard yes' : 'guard no'}>
          {value ? '✓' : '✗'} {name}
        </span>
      ))}{' '}
      {taken.map(({ from, to, guard }) => (
        <span class="went">
          {short(from)} → {to.map(short).join(', ') || 'stays'}
          {guard === null ? '' : ` [${guard}]`}
        </span>
      ))}
      {taken.length === 0 && type !== 'xstate.init' && <span>nothing: not heard in this state</span>}
    </p>
  );
};
const short = (id: string): string => id.split('.').slice(1).join('.') || id;

/** What the machine would react to now, by its chart; guards may still say no. */
const reactions = computed(() => {
  const { transitions } = chart.value?.outline ?? { transitions: [] };
  return [
    ...new Set(
      transitions.filter(({ from, event }) => event !== '' && active.value.has(from)).map(({ event }) => event),
    ),
  ];
});

export const ChartView = () => {
  const drawing = useRef<SVGSVGElement>(null);
  const state = step.value?.after ?? '';
  useEffect(() => {
    const lit = [...(drawing.current?.querySelectorAll('.on') ?? [])].at(-1);
    lit?.scrollIntoView({ block: 'center', inline: 'center' });
  }, [state, chart.value]);
  if (chart.value === null)
    return (
      <p class="empty">No chart: this journal could not be fed to the machines ({String(story.value.verdict.kind)}).</p>
    );
  const { layout, outline } = chart.value;
  const where = `${outline.name}: ${step.value?.after || 'not there'}, hears ${reactions.value.join(', ')}`;
  return (
    <div class="chart">
      <header>
        <p class="tools zoom">
          <button type="button" class="small" aria-label="smaller" onClick={() => zoom(1 / 1.25)}>
            −
          </button>
          <button type="button" class="small" aria-label="larger" onClick={() => zoom(1.25)}>
            +
          </button>
          <button
            type="button"
            class={isFitted.value ? 'small on' : 'small'}
            onClick={() => (isFitted.value = !isFitted.value)}
          >
            fit
          </button>
        </p>
        <Last />
        <p class="hears">
          Hears now:{' '}
          {reactions.value.map((event) => (
            <code>{event}</code>
          ))}
        </p>
      </header>
      <svg
        ref={drawing}
        viewBox={`0 0 ${layout.width} ${layout.height}`}
        style={{ width: `${layout.width * scale.value}px`, maxWidth: isFitted.value ? '100%' : 'none' }}
        role="img"
        aria-label={where}
      >
        <defs>
          <Tip id="tip" />
          <Tip id="taken" />
        </defs>
        {layout.boxes.map((box) => (
          <State key={box.id} box={box} />
        ))}
        {layout.arrows.map((arrow) => (
          <ArrowLine arrow={arrow} />
        ))}
      </svg>
    </div>
  );
};
