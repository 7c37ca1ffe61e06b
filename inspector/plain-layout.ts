/**
 * A drawing without ELK, for charts of which nobody made a better one: states in rows inside the state that contains
 * them, arrows straight from box to box. Pure.
 */
import type { Arrow, Box, Layout } from './layout.ts';
import { eventLabel, type Outline, type StateOutline } from './outline.ts';

const CHAR_PX = 6.4;
const HEADER_PX = 34;
const LEAF_PX = 40;
const GAP_PX = 46;
const PAD_PX = 16;

interface Placed {
  readonly w: number;
  readonly h: number;
  readonly boxes: readonly Box[];
}

const moved = (boxes: readonly Box[], dx: number, dy: number): readonly Box[] =>
  boxes.map((box) => ({ ...box, x: box.x + dx, y: box.y + dy }));

const place = (state: StateOutline, depth: number, isInitial: boolean): Placed => {
  const { id, key, type, description, invokes } = state;
  const inner = state.states.map((child) => place(child, depth + 1, child.id === state.initial));
  const perRow = Math.ceil(Math.sqrt(inner.length));
  const boxes: Box[] = [];
  let [x, y, rowHeight, widest] = [PAD_PX, HEADER_PX + 8, 0, 0];
  inner.forEach((child, n) => {
    if (n > 0 && n % perRow === 0) [x, y, rowHeight] = [PAD_PX, y + rowHeight + GAP_PX, 0];
    boxes.push(...moved(child.boxes, x, y));
    x += child.w + GAP_PX;
    rowHeight = Math.max(rowHeight, child.h);
    widest = Math.max(widest, x - GAP_PX + PAD_PX);
  });
  const title = Math.max(key.length + 4, invokes.join(' ').length + 3) * CHAR_PX + 24;
  const w = Math.round(Math.max(80, title, widest));
  const h = Math.round(inner.length === 0 ? LEAF_PX : y + rowHeight + PAD_PX);
  return { w, h, boxes: [{ id, key, type, description, invokes, depth, isInitial, x: 0, y: 0, w, h }, ...boxes] };
};

const middle = ({ x, y, w, h }: Box): readonly [number, number] => [x + w / 2, y + h / 2];

/** Where the line from the middle of a box to a point leaves the box. */
const edge = (box: Box, [px, py]: readonly [number, number]): readonly [number, number] => {
  const [cx, cy] = middle(box);
  const [dx, dy] = [px - cx, py - cy];
  const scale = Math.min(box.w / 2 / Math.max(1e-9, Math.abs(dx)), box.h / 2 / Math.max(1e-9, Math.abs(dy)));
  return [Math.round(cx + dx * Math.min(1, scale)), Math.round(cy + dy * Math.min(1, scale))];
};

const arrowsOf = ({ transitions }: Outline, boxes: readonly Box[]): readonly Arrow[] => {
  const boxOf = new Map(boxes.map((box) => [box.id, box]));
  const texts = new Map<string, { from: Box; to: Box; labels: Set<string> }>();
  for (const { from, to, event, guard } of transitions)
    for (const target of to) {
      const [source, goal] = [boxOf.get(from), boxOf.get(target)];
      if (source === undefined || goal === undefined || source === goal) continue;
      const pair = texts.get(`${from} ${target}`) ?? { from: source, to: goal, labels: new Set<string>() };
      pair.labels.add(`${eventLabel(event)}${guard === null ? '' : ` [${guard}]`}`.trim());
      texts.set(`${from} ${target}`, pair);
    }
  return [...texts.values()].map(({ from, to, labels }) => {
    const [start, end] = [edge(from, middle(to)), edge(to, middle(from))];
    const [x, y] = [Math.round((start[0] + end[0]) / 2) + 4, Math.round((start[1] + end[1]) / 2)];
    return {
      from: from.id,
      to: to.id,
      points: [start, end],
      labels: [...labels].map((text, n) => ({ text, x, y: y + n * 13 })),
    };
  });
};

export const plainLayout = (outline: Outline): Layout => {
  const { w, h, boxes } = place(outline.root, 0, false);
  return { width: w + 2, height: h + 2, boxes: moved(boxes, 1, 1), arrows: arrowsOf(outline, moved(boxes, 1, 1)) };
};
