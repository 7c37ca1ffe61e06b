/** A machine as plain data: its states, and its transitions with their guards and actions. What is drawn and lit. Pure. */
import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';
import { chartHash, guardName } from '../machines/charts.ts';

export interface StateOutline {
  readonly id: string;
  readonly key: string;
  readonly type: 'atomic' | 'compound' | 'parallel' | 'final' | 'history';
  readonly description: string;
  readonly initial: string | null;
  readonly invokes: readonly string[];
  readonly entry: readonly string[];
  readonly exit: readonly string[];
  readonly states: readonly StateOutline[];
}
export interface TransitionOutline {
  readonly from: string;
  /** Empty: the state is not left, only actions happen. */
  readonly to: readonly string[];
  /** The descriptor of the event; empty: taken as soon as its guard holds. */
  readonly event: string;
  readonly guard: string | null;
  readonly actions: readonly string[];
}
/** A machine as it is drawn: its states, and where each event leads. */
export interface Outline {
  readonly name: string;
  readonly hash: string;
  readonly root: StateOutline;
  readonly transitions: readonly TransitionOutline[];
}

/** State by its path below the machine (`busy.running`; the machine itself is the empty path) → what it is for. */
export type Descriptions = Readonly<Record<string, string>>;

/** What XState's own actions are called by somebody who reads a chart. */
const BUILT_IN: Readonly<Record<string, string>> = { enqueueActions: 'several', '': 'in line' };

const actionName = (action: unknown): string => {
  if (typeof action === 'string') return action;
  if (typeof action === 'function') {
    const { type } = action as { readonly type?: unknown };
    return typeof type === 'string' && !type.startsWith('xstate.') ? type : (BUILT_IN[action.name] ?? action.name);
  }
  if (typeof action !== 'object' || action === null || !('type' in action)) return '(in line)';
  const { type } = action;
  const params = 'params' in action && typeof action.params === 'object' ? action.params : null;
  const told = params !== null && 'type' in params ? ` ${String(params.type)}` : '';
  return `${String(type)}${told}`;
};

const stateOf = (node: AnyStateNode, descriptions: Descriptions): StateOutline => ({
  id: node.id,
  key: node.key,
  type: node.type,
  description: descriptions[node.path.join('.')] ?? node.description ?? '',
  initial: node.type === 'compound' ? (node.initial?.target?.[0]?.id ?? null) : null,
  invokes: node.invoke.map(({ id }) => id),
  entry: node.entry.map(actionName),
  exit: node.exit.map(actionName),
  states: Object.values(node.states).map((child) => stateOf(child as AnyStateNode, descriptions)),
});

const transitionOf = ({ source, target, eventType, guard, actions }: AnyTransitionDefinition): TransitionOutline => ({
  from: source.id,
  to: (target ?? []).map(({ id }) => id),
  event: eventType,
  guard: guardName(guard),
  actions: actions.map(actionName),
});

const nodesOf = (node: AnyStateNode): readonly AnyStateNode[] => [
  node,
  ...Object.values(node.states).flatMap((child) => nodesOf(child as AnyStateNode)),
];

/** An app may put anything into its initial context; then its chart has no hash. */
const hashOf = (machine: AnyStateMachine): string => {
  try {
    return chartHash(machine);
  } catch {
    return '';
  }
};

export const outlineOf = (machine: AnyStateMachine, descriptions: Descriptions = {}): Outline => ({
  name: machine.id,
  hash: hashOf(machine),
  root: stateOf(machine.root, descriptions),
  transitions: nodesOf(machine.root).flatMap((node) => [
    ...[...node.transitions.values()].flat().map(transitionOf),
    ...(node.always ?? []).map(transitionOf),
  ]),
});

/** What a person reads on an arrow. */
export const eventLabel = (event: string): string => {
  const after = /^xstate\.after\.([^.]+)\./.exec(event);
  if (after !== null) return `after ${after[1]}`;
  return event.replace(/^xstate\.(done|error)\.actor\./, '$1 ');
};

export const statesOf = (state: StateOutline): readonly StateOutline[] => [state, ...state.states.flatMap(statesOf)];
