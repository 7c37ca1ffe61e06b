/** Who told whom what, one lane an actor: the rows around the cursor, and what led to the one at the cursor in colour. */
import { computed } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { cursor, goTo, nameOf, rows, shown, story, placeIn } from './store.ts';

const LANE_PX = 130;
const ROW_PX = 24;
const AROUND = 40;

const window = computed(() => {
  const at = Math.max(0, placeIn(shown.value, cursor.value));
  return shown.value.slice(Math.max(0, at - AROUND), at + AROUND).filter((row) => rows.value[row]?.kind !== 'note');
});
/** Lanes of the names that have something to say here; outside is everybody who is no actor. */
const lanes = computed(() => {
  const names = new Set<string>(['outside']);
  for (const row of window.value) {
    const told = rows.value[row];
    if (told?.actor !== null && told?.actor !== undefined) names.add(story.value.actors[told.actor]?.path ?? '');
  }
  return [...names];
});
const why = computed((): ReadonlySet<number> => {
  const chain = new Set<number>();
  for (let at: number | null = cursor.value; at !== null && !chain.has(at); at = rows.value[at]?.cause ?? null)
    chain.add(at);
  return chain;
});
const laneX = (path: string): number => Math.max(0, lanes.value.indexOf(path)) * LANE_PX + LANE_PX / 2;

const Message = ({ row, at }: { row: number; at: number }) => {
  const told = rows.value[row];
  if (told === undefined) return null;
  const own = story.value.actors[told.actor ?? -1]?.path ?? 'outside';
  const isFact = told.kind === 'fact';
  const from = isFact ? own : lanes.value.includes(told.from) ? told.from : 'outside';
  const to = isFact ? 'outside' : own;
  const [x1, x2] = [laneX(from), laneX(to)];
  const y = at * ROW_PX + 24;
  const classes = ['message', told.kind, row === cursor.value ? 'here' : why.value.has(row) ? 'cause' : ''].join(' ');
  const shape = x1 === x2 ? `M${x1} ${y}h24v8h-18` : `M${x1} ${y}L${x2 + (x1 < x2 ? -5 : 5)} ${y}`;
  return (
    <g class={classes} onClick={() => goTo(row)}>
      <rect class="hit" x="0" y={y - ROW_PX / 2} width={lanes.value.length * LANE_PX} height={ROW_PX} />
      <path d={shape} marker-end="url(#lane)" />
      <text x={(x1 + x2) / 2 + (x1 === x2 ? 30 : 0)} y={y - 4} text-anchor={x1 === x2 ? 'start' : 'middle'}>
        {told.type}
        {told.from !== '' && from === 'outside' && !isFact ? ` (${told.from})` : ''}
      </text>
    </g>
  );
};

export const LanesView = () => {
  const height = window.value.length * ROW_PX + 40;
  const width = lanes.value.length * LANE_PX;
  const drawing = useRef<SVGSVGElement>(null);
  useEffect(() => {
    drawing.current?.querySelector('.here')?.scrollIntoView({ block: 'center', inline: 'nearest' });
  }, [cursor.value, window.value]);
  return (
    <div class="lanes">
      <div class="names" style={{ width: `${width}px` }}>
        {lanes.value.map((path) => (
          <span style={{ width: `${LANE_PX}px` }}>{path === 'outside' ? path : path.split('/').at(-1)}</span>
        ))}
      </div>
      <svg
        ref={drawing}
        width={width}
        height={height}
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={`Messages around row ${cursor.value}`}
      >
        <defs>
          <marker id="lane" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
            <path d="M0 0L8 4L0 8z" />
          </marker>
        </defs>
        {lanes.value.map((path) => (
          <g>
            <line class="lane" x1={laneX(path)} x2={laneX(path)} y1="0" y2={height} />
          </g>
        ))}
        {window.value.map((row, at) => (
          <Message key={row} row={row} at={at} />
        ))}
      </svg>
      <p class="hears">
        The chain that led to {nameOf(rows.value[cursor.value]?.actor ?? null)} {rows.value[cursor.value]?.type} is in
        colour.
      </p>
    </div>
  );
};
