/** What can be read from every chart: each state can be reached, and none that lives is deaf to its interrupt (R1). */
import { describe, expect, it } from 'vitest';
import { callMachine } from '../../machines/call.machine.ts';
import { sessionMachine } from '../../machines/session.machine.ts';
import { compactMachine } from '../../machines/tasks/compact.machine.ts';
import { regularMachine } from '../../machines/tasks/regular.machine.ts';
import { reviewMachine } from '../../machines/tasks/review.machine.ts';
import { shellMachine } from '../../machines/tasks/shell.machine.ts';
import { turnMachine } from '../../machines/turn.machine.ts';

interface Node {
  readonly id: string;
  readonly type: string;
  readonly parent: Node | undefined;
  readonly states: Readonly<Record<string, Node>>;
  readonly initial: { readonly target: readonly Node[] } | undefined;
  readonly transitions: ReadonlyMap<string, readonly { readonly target?: readonly Node[] | undefined }[]>;
  readonly always: readonly { readonly target?: readonly Node[] | undefined }[] | undefined;
}
const rootOf = ({ root }: { readonly root: unknown }) => root as Node; // the part of a StateNode that is looked at
const charts: readonly (readonly [root: Node, interrupt: string, ending: readonly string[]])[] = [
  // While it starts, all ops wait.
  [rootOf(sessionMachine), 'op.close', ['session.starting', 'session.rewinding']],
  // In `aborting` and `finishing` the interrupt has been heard, or comes too late: both end by a clock.
  [rootOf(turnMachine), 'turn.interrupt', ['turn.active.aborting', 'turn.finishing']],
  [rootOf(regularMachine), 'task.cancel', []],
  [rootOf(compactMachine), 'task.cancel', []],
  [rootOf(reviewMachine), 'task.cancel', []],
  [rootOf(shellMachine), 'task.cancel', ['shell.stopping']],
  // `walking` is left in the step that enters it.
  [
    rootOf(callMachine),
    'call.cancel',
    ['call.hooking.ending', 'call.walking', 'call.running.cancelling', 'call.checking.ending'],
  ],
];
const nodesOf = (node: Node): readonly Node[] => [node, ...Object.values(node.states).flatMap(nodesOf)];
const lineage = (node: Node | undefined): readonly Node[] =>
  node === undefined ? [] : [node, ...lineage(node.parent)];

const reachedFrom = (root: Node): ReadonlySet<Node> => {
  const reached = new Set<Node>();
  const visit = (node: Node): void => {
    if (reached.has(node)) return;
    reached.add(node);
    if (node.parent !== undefined) visit(node.parent);
    for (const target of node.initial?.target ?? []) visit(target);
    for (const { target = [] } of [...[...node.transitions.values()].flat(), ...(node.always ?? [])])
      target.forEach(visit);
  };
  visit(root);
  return reached;
};

describe.each(charts)('the chart of $id', (root, interrupt, ending) => {
  it('can reach each of its states', () => {
    const reached = reachedFrom(root);
    expect(
      nodesOf(root)
        .filter((node) => !reached.has(node))
        .map(({ id }) => id),
    ).toEqual([]);
  });

  it('hears its interrupt wherever it does not end already', () => {
    const leaves = nodesOf(root).filter(({ type }) => type === 'atomic');
    const deaf = leaves.filter((node) => !lineage(node).some(({ transitions }) => transitions.has(interrupt)));
    expect(deaf.map(({ id }) => id)).toEqual(ending);
  });
});
