/** The transitions of every chart, by name; and which of them a world has taken. */
import type { AnyStateMachine, InspectionEvent } from 'xstate';
import { chartsOf, guardName } from '../../machines/charts.ts';

interface Transition {
  readonly eventType: string;
  readonly source: { readonly id: string };
  readonly target?: readonly { readonly id: string }[] | undefined;
  readonly guard?: unknown;
}
interface Node {
  readonly id: string;
  readonly states: Readonly<Record<string, Node>>;
  readonly transitions: Map<string, Transition[]>;
  always: readonly Transition[] | undefined;
}
export interface Edge {
  /** `turn.active.working xstate.done.actor.task #2`: state, event, place among the rows of that event. */
  readonly name: string;
  readonly to: string;
  readonly guard: string | null;
  /** Takes the row out of its chart, for good. */
  readonly remove: () => void;
}

const nodesOf = (node: Node): readonly Node[] => [node, ...Object.values(node.states).flatMap(nodesOf)];

const nameOf = (source: string, event: string, at: number): string => `${source} ${event || 'always'} #${at}`;

const edgesOfNode = (node: Node): readonly Edge[] => {
  const told = (row: Transition, at: number, remove: () => void): Edge => ({
    name: nameOf(node.id, row.eventType, at),
    to: (row.target ?? []).map(({ id }) => id).join(', ') || '(stays)',
    guard: guardName(row.guard),
    remove,
  });
  const heard = [...node.transitions].flatMap(([event, rows]) =>
    rows.map((row, at) =>
      told(row, at, () => {
        const left = (node.transitions.get(event) ?? []).filter((one) => one !== row);
        if (left.length === 0) node.transitions.delete(event);
        else node.transitions.set(event, left);
      }),
    ),
  );
  const always = (node.always ?? []).map((row, at) =>
    told(row, at, () => {
      node.always = (node.always ?? []).filter((one) => one !== row);
    }),
  );
  return [...heard, ...always];
};

const rootOf = ({ root }: AnyStateMachine): Node => root as unknown as Node; // the part of a StateNode that is looked at

export const edgesOf = (session: AnyStateMachine): readonly Edge[] =>
  [...chartsOf(session).values()].flatMap((chart) => nodesOf(rootOf(chart)).flatMap(edgesOfNode));

export const statesOf = (session: AnyStateMachine): readonly string[] =>
  [...chartsOf(session).values()].flatMap((chart) =>
    nodesOf(rootOf(chart)).flatMap(({ id, states }) => (Object.keys(states).length === 0 ? [id] : [])),
  );

/** Names of the rows, by the rows themselves: a world that runs these very charts takes the very same rows. */
const namesIn = (session: AnyStateMachine): ReadonlyMap<unknown, string> => {
  const names = new Map<unknown, string>();
  for (const chart of chartsOf(session).values())
    for (const node of nodesOf(rootOf(chart))) {
      for (const [event, rows] of node.transitions)
        for (const [at, row] of rows.entries()) names.set(row, nameOf(node.id, event, at));
      for (const [at, row] of (node.always ?? []).entries()) names.set(row, nameOf(node.id, '', at));
    }
  return names;
};

export interface Taken {
  readonly edges: Set<string>;
  /** Ids of the innermost states that were entered. */
  readonly states: Set<string>;
}

export const createCoverage = (session: AnyStateMachine) => {
  const names = namesIn(session);
  const now: { taken: Taken | null } = { taken: null };
  return {
    inspect: (inspected: InspectionEvent): void => {
      const { taken } = now;
      // A snapshot is told of when a machine is born, too, which is no step.
      if (taken === null || (inspected.type !== '@xstate.microstep' && inspected.type !== '@xstate.snapshot')) return;
      for (const row of inspected.type === '@xstate.microstep' ? inspected._transitions : []) {
        const name = names.get(row);
        if (name !== undefined) taken.edges.add(name);
      }
      const { _nodes } = inspected.snapshot as unknown as { readonly _nodes?: readonly Node[] }; // XState's own list
      for (const { id, states } of _nodes ?? []) if (Object.keys(states).length === 0) taken.states.add(id);
    },
    /** What is taken while this runs. */
    during: (run: () => void): Taken => {
      const taken: Taken = { edges: new Set(), states: new Set() };
      now.taken = taken;
      try {
        run();
      } finally {
        now.taken = null;
      }
      return taken;
    },
  };
};
