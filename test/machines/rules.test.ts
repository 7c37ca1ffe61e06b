/** Rules that every chart keeps (R39), read from the charts themselves. */
import { describe, expect, it } from 'vitest';
import { callMachine } from '../../machines/call.machine.ts';
import { sessionMachine } from '../../machines/session.machine.ts';
import { compactMachine } from '../../machines/tasks/compact.machine.ts';
import { regularMachine } from '../../machines/tasks/regular.machine.ts';
import { reviewMachine } from '../../machines/tasks/review.machine.ts';
import { turnMachine } from '../../machines/turn.machine.ts';

interface Node {
  readonly id: string;
  readonly parent: Node | undefined;
  readonly states: Readonly<Record<string, Node>>;
  readonly invoke: readonly { readonly id: string; readonly src: unknown }[];
  readonly config: { readonly on?: object; readonly invoke?: unknown };
}
const charts = [callMachine, sessionMachine, compactMachine, regularMachine, reviewMachine, turnMachine].map(
  ({ root, options }) => ({ root: root as unknown as Node, options }), // the part of a StateNode that is looked at
);
const nodesOf = (node: Node): readonly Node[] => [node, ...Object.values(node.states).flatMap(nodesOf)];
const lineage = (node: Node | undefined): readonly Node[] =>
  node === undefined ? [] : [node, ...lineage(node.parent)];
const hearsBreaks = (node: Node): boolean => keysOf(node).some((key) => key.startsWith('xstate.error.actor'));
const keysOf = ({ config }: Node): readonly string[] => Object.keys(config.on ?? {});

describe.each(charts)('the chart of $root.id', ({ root, options }) => {
  it('names every child, and expects each to break (R39)', () => {
    for (const node of nodesOf(root))
      for (const { id, src } of node.invoke) {
        expect(id).toBe(src);
        const isExpected =
          JSON.stringify(Object.keys(Object(node.config.invoke))).includes('onError') ||
          lineage(node).some(hearsBreaks) ||
          (Object.keys(node.states).length > 0 && Object.values(node.states).every(hearsBreaks));
        expect(isExpected, `${node.id} invokes ${id}`).toBe(true);
      }
  });
  it('has no row for just anything, and cannot loop for ever (R39)', () => {
    for (const node of nodesOf(root)) expect(keysOf(node)).not.toContain('*');
    expect(options?.maxIterations).toBeLessThan(Infinity);
  });
});
