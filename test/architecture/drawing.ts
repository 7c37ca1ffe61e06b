/** The drawing in the header of a machine, and the outline of the chart that runs, in the same form. */

export interface Outline {
  readonly name: string;
  readonly isFinal: boolean;
  readonly states: readonly Outline[];
}

interface ChartNode {
  readonly key: string;
  readonly type: string;
  readonly states: Readonly<Record<string, ChartNode>>;
}

export const outlineOf = ({ key, type, states }: ChartNode): Outline => ({
  name: key,
  isFinal: type === 'final',
  states: Object.values(states).map(outlineOf),
});

/** ` *   │  ├─ working   words`: three characters a level; ■ behind the name of a final state. Null: nothing is drawn. */
export const drawingIn = (text: string): Outline | null => {
  const header = text.slice(0, text.indexOf('*/'));
  const lines = [...header.matchAll(/^ \* {3}((?:[│ ] {2})*[├└]─ )(\w+)( ■)?/gm)].map(([, indent, name, mark]) => ({
    depth: (indent ?? '').length / 3,
    name: name ?? '',
    isFinal: mark !== undefined,
  }));
  const root = /^ \* {3}(\w+)\s*\n \* {3}[├└]/m.exec(header)?.[1];
  if (root === undefined) return null;
  const under = (depth: number, from: number): readonly Outline[] => {
    const states: Outline[] = [];
    for (let index = from; index < lines.length; index += 1) {
      const line = lines[index];
      if (line === undefined || line.depth < depth) break;
      if (line.depth === depth)
        states.push({ name: line.name, isFinal: line.isFinal, states: under(depth + 1, index + 1) });
    }
    return states;
  };
  return { name: root, isFinal: false, states: under(1, 0) };
};
