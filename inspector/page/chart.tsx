/** The chart of one actor: the states it is in are filled, the transition that was taken last is red. */
import { computed } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { Arrow, Box } from '../layout.ts';
import { pathOfArrow } from '../svg.ts';
import { cursor, stepAt, story, subject } from './store.ts';

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

const State = ({ box }: { box: Box }) => {
  const { id, key, type, x, y, w, h, description, invokes, isInitial } = box;
  return (
    <g class={active.value.has(id) ? 'on' : 'off'} data-state={id}>
      {description !== '' && <title>{description}</title>}
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
    lit?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [state, chart.value]);
  if (chart.value === null)
    return (
      <p class="empty">No chart: this journal could not be fed to the machines ({String(story.value.verdict.kind)}).</p>
    );
  const { layout, outline } = chart.value;
  const where = `${outline.name}: ${step.value?.after || 'not there'}, hears ${reactions.value.join(', ')}`;
  return (
    <div class="chart">
      <svg
        ref={drawing}
        viewBox={`0 0 ${layout.width} ${layout.height}`}
        width={layout.width}
        height={layout.height}
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
      <p class="hears">
        Hears now:{' '}
        {reactions.value.map((event) => (
          <code>{event}</code>
        ))}
      </p>
    </div>
  );
};
