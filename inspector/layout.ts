/**
 * Where the states and arrows of a chart stand. ELK does the work, once for each chart, when the program is built or run
 * from its sources; a page and a saved drawing get coordinates only.
 */
import { eventLabel, type Outline, type StateOutline } from './outline.ts';

export interface Box {
  readonly id: string;
  readonly key: string;
  readonly type: StateOutline['type'];
  readonly depth: number;
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
  readonly description: string;
  readonly invokes: readonly string[];
  readonly isInitial: boolean;
}
export interface Arrow {
  readonly from: string;
  readonly to: string;
  readonly points: readonly (readonly [number, number])[];
  readonly labels: readonly { readonly text: string; readonly x: number; readonly y: number }[];
}
export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly Box[];
  readonly arrows: readonly Arrow[];
}

/** Of the 12 px font of the drawings. */
const CHAR_PX = 6.4;
const LINE_PX = 15;
const HEADER_PX = 30;
const STATE_PX = 40;
/** Labels on one arrow; more become a count. */
const MAX_LABELS = 4;

interface ElkPoint {
  readonly x: number;
  readonly y: number;
}
interface ElkEdge {
  readonly id: string;
  readonly sources: readonly string[];
  readonly targets: readonly string[];
  readonly container?: string;
  readonly labels: readonly { text: string; width: number; height: number; x?: number; y?: number }[];
  readonly sections?: readonly { startPoint: ElkPoint; endPoint: ElkPoint; bendPoints?: readonly ElkPoint[] }[];
}
interface ElkNode {
  readonly id: string;
  readonly x?: number;
  readonly y?: number;
  readonly width?: number;
  readonly height?: number;
  readonly children?: readonly ElkNode[];
  readonly edges?: readonly ElkEdge[];
  readonly layoutOptions?: Readonly<Record<string, string>>;
}
export interface Elk {
  layout(graph: ElkNode): Promise<unknown>;
}

const OPTIONS = {
  'elk.algorithm': 'layered',
  'elk.direction': 'DOWN',
  'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.json.edgeCoords': 'ROOT',
  'elk.padding': `[top=${HEADER_PX + 8},left=14,bottom=14,right=14]`,
  'elk.spacing.nodeNode': '28',
  'elk.layered.spacing.nodeNodeBetweenLayers': '34',
  'elk.spacing.edgeLabel': '4',
};

const toNode = (state: StateOutline): ElkNode => {
  const children = state.states.map(toNode);
  const longest = Math.max(state.key.length + 4, state.invokes.join(' ').length + 3);
  const width = Math.max(80, longest * CHAR_PX + 24);
  return children.length === 0
    ? { id: state.id, width, height: STATE_PX }
    : { id: state.id, children, layoutOptions: { 'elk.padding': OPTIONS['elk.padding'] } };
};

/** Arrows between the same two states are one arrow with several labels. */
const bundled = ({ transitions }: Outline): readonly ElkEdge[] => {
  const pairs = new Map<string, { from: string; to: string; texts: Set<string> }>();
  for (const { from, to, event, guard } of transitions)
    for (const target of to) {
      const pair = pairs.get(`${from} ${target}`) ?? { from, to: target, texts: new Set<string>() };
      pair.texts.add(`${eventLabel(event)}${guard === null ? '' : ` [${guard}]`}`.trim());
      pairs.set(`${from} ${target}`, pair);
    }
  return [...pairs.values()].map(({ from, to, texts }, at) => {
    const all = [...texts].filter((text) => text !== '');
    const more = all.length - MAX_LABELS;
    const shown = more > 0 ? [...all.slice(0, MAX_LABELS), `… ${more} more`] : all;
    const labels = shown.map((text) => ({ text, width: text.length * CHAR_PX + 6, height: LINE_PX }));
    return { id: `e${at}`, sources: [from], targets: [to], labels };
  });
};

const boxesOf = (node: ElkNode, outline: Outline): readonly Box[] => {
  const boxes: Box[] = [];
  const visit = (state: StateOutline, placed: ElkNode, dx: number, dy: number, depth: number, isInitial: boolean) => {
    const [x, y] = [dx + (placed.x ?? 0), dy + (placed.y ?? 0)];
    const { id, key, type, description, invokes } = state;
    boxes.push({
      ...{ id, key, type, description, invokes, depth, isInitial },
      ...{ x: Math.round(x), y: Math.round(y) },
      ...{ w: Math.round(placed.width ?? 0), h: Math.round(placed.height ?? 0) },
    });
    for (const child of state.states) {
      const at = placed.children?.find((other) => other.id === child.id);
      if (at !== undefined) visit(child, at, x, y, depth + 1, state.initial === child.id);
    }
  };
  visit(outline.root, node, 0, 0, 0, false);
  return boxes;
};

const arrowOf = ({ sources, targets, sections = [], labels }: ElkEdge): Arrow => ({
  from: sources[0] ?? '',
  to: targets[0] ?? '',
  points: sections.flatMap(({ startPoint, bendPoints = [], endPoint }) =>
    [startPoint, ...bendPoints, endPoint].map(({ x, y }) => [Math.round(x), Math.round(y)] as const),
  ),
  labels: labels.map(({ text, x = 0, y = 0 }) => ({ text, x: Math.round(x), y: Math.round(y) })),
});

export const layOut = async (outline: Outline, elk: Elk): Promise<Layout> => {
  const graph: ElkNode = {
    id: '#chart',
    layoutOptions: OPTIONS,
    children: [toNode(outline.root)],
    edges: bundled(outline),
  };
  const placed = (await elk.layout(graph)) as ElkNode;
  const root = placed.children?.[0];
  return {
    width: Math.ceil(placed.width ?? 0),
    height: Math.ceil(placed.height ?? 0),
    boxes: root === undefined ? [] : boxesOf(root, outline),
    arrows: (placed.edges ?? []).map(arrowOf),
  };
};
