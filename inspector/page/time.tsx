/** Who was in which state when, as bars; and where the time of each turn went. */
import { computed, signal } from '@preact/signals';
import { USES, type Span, type TurnTime } from '../spans.ts';
import { cursor, goTo, lasting, rows, since, spans, story, turns } from './store.ts';

const LANE_PX = 20;
const WIDTH_PX = 1_000;
/** Bars that are drawn at once; shorter ones go first. */
const MAX_BARS = 3_000;

const zoomed = signal<{ readonly from: number; readonly to: number } | null>(null);
const range = computed(() => {
  const all = { from: rows.value[0]?.t ?? 0, to: rows.value.at(-1)?.t ?? 1 };
  return zoomed.value ?? { from: all.from, to: Math.max(all.to, all.from + 1) };
});
const x = (t: number): number => ((t - range.value.from) / (range.value.to - range.value.from)) * WIDTH_PX;

/** One lane for each name: an actor and those that came after it under the same name. */
const lanes = computed(() => {
  const paths = new Map<string, number>();
  const laneOf = story.value.actors.map(({ path, machine }) => {
    if (machine === null) return -1;
    const lane = paths.get(path) ?? paths.size;
    paths.set(path, lane);
    return lane;
  });
  return { names: [...paths.keys()], laneOf };
});
const bars = computed((): readonly Span[] => {
  const { from, to } = range.value;
  const inside = spans.value.filter((span) => span.to >= from && span.from <= to);
  return inside.length <= MAX_BARS
    ? inside
    : inside.toSorted((a, b) => b.to - b.from - (a.to - a.from)).slice(0, MAX_BARS);
});

const zoom = (factor: number): void => {
  const { from, to } = range.value;
  const middle = rows.value[cursor.value]?.t ?? (from + to) / 2;
  const half = ((to - from) * factor) / 2;
  zoomed.value = { from: middle - half, to: middle + half };
};

const Bar = ({ span }: { span: Span }) => {
  const left = Math.max(0, x(span.from));
  const width = Math.max(1.5, Math.min(WIDTH_PX, x(span.to)) - left);
  const lane = lanes.value.laneOf[span.actor] ?? 0;
  return (
    <rect
      class={`bar ${span.use}`}
      x={left}
      y={lane * LANE_PX + 3}
      width={width}
      height={LANE_PX - 6}
      rx="3"
      onClick={() => goTo(span.row)}
    >
      <title>{`${span.state}: ${lasting(span.to - span.from)}, ${span.use}`}</title>
    </rect>
  );
};

const TurnLine = ({ turn }: { turn: TurnTime }) => {
  const total = Math.max(1, turn.to - turn.from);
  return (
    <tr onClick={() => goTo(turn.row)}>
      <td>
        <button type="button" class="link" onClick={() => (zoomed.value = { from: turn.from, to: turn.to })}>
          {turn.turnId}
        </button>
      </td>
      <td>{turn.task}</td>
      <td class={turn.outcome}>{turn.outcome}</td>
      <td>{lasting(total)}</td>
      <td class="sums">
        {USES.filter((use) => turn.sums[use] > 0).map((use) => (
          <span
            class={`sum ${use}`}
            style={{ width: `${(turn.sums[use] / total) * 100}%` }}
            title={`${use} ${lasting(turn.sums[use])}`}
          />
        ))}
      </td>
      <td>
        {USES.filter((use) => turn.sums[use] >= 1)
          .map((use) => `${use} ${lasting(turn.sums[use])}`)
          .join(' · ')}
      </td>
    </tr>
  );
};

export const TimeView = () => {
  const { names } = lanes.value;
  const height = names.length * LANE_PX;
  const now = rows.value[cursor.value]?.t ?? 0;
  return (
    <div class="time">
      <p class="tools">
        <button type="button" class="small" onClick={() => zoom(0.5)}>
          closer
        </button>
        <button type="button" class="small" onClick={() => zoom(2)}>
          wider
        </button>
        <button type="button" class="small" onClick={() => (zoomed.value = null)}>
          all
        </button>
        {USES.map((use) => (
          <span class="key">
            <i class={`sum ${use}`} /> {use}
          </span>
        ))}
      </p>
      <div class="gantt">
        <div class="names">
          {names.map((name) => (
            <div style={{ height: `${LANE_PX}px` }}>{name.split('/').at(-1)}</div>
          ))}
        </div>
        <svg
          viewBox={`0 0 ${WIDTH_PX} ${height}`}
          preserveAspectRatio="none"
          style={{ height: `${height}px` }}
          role="img"
          aria-label="Time line of the actors"
        >
          {bars.value.map((span) => (
            <Bar span={span} />
          ))}
          <line class="now" x1={x(now)} x2={x(now)} y1="0" y2={height} />
        </svg>
      </div>
      <p class="axis">
        <span>{since(range.value.from)}</span>
        <span>{since(range.value.to)}</span>
      </p>
      <table>
        <thead>
          <tr>
            <th>turn</th>
            <th>task</th>
            <th>ended</th>
            <th>took</th>
            <th>where the time went</th>
            <th />
          </tr>
        </thead>
        <tbody>
          {turns.value.map((turn) => (
            <TurnLine key={turn.row} turn={turn} />
          ))}
        </tbody>
      </table>
    </div>
  );
};
