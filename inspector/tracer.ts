/**
 * An observer for XState's `inspect:`, of any app: it notes every event that reaches a machine, and what the machine made
 * of it: transitions, guards with their values, state, changes of the context. It keeps everything and changes nothing.
 *
 * XState tells which transitions were taken, not how guards answered; `instrument` wraps the named ones, where that is
 * wanted.
 */
import type { AnyActorRef, AnyMachineSnapshot, AnyStateMachine, InspectionEvent } from 'xstate';
import { guardName } from '../machines/charts.ts';
import { changesBetween } from './diff.ts';
import { stateText, type ActorSeen, type GuardSeen, type Seen, type StepSeen, type TransitionSeen } from './trace.ts';

export interface Tracer {
  readonly inspect: (event: InspectionEvent) => void;
  readonly instrument: (machine: AnyStateMachine) => AnyStateMachine;
  readonly seen: readonly Seen[];
  readonly actors: readonly ActorSeen[];
  /** Charts of those that were seen, by name. */
  readonly machines: ReadonlyMap<string, AnyStateMachine>;
}

interface Life {
  readonly index: number;
  context: unknown;
  taken: TransitionSeen[];
  readonly waiting: { readonly event: unknown; readonly step: StepSeen }[];
  children: ReadonlySet<AnyActorRef>;
}

type Guard = (args: { readonly event: unknown }, params: unknown) => boolean;

const isMachine = (logic: unknown): logic is AnyStateMachine =>
  typeof logic === 'object' && logic !== null && 'config' in logic && 'root' in logic;
const isSnapshot = (snapshot: unknown): snapshot is AnyMachineSnapshot =>
  typeof snapshot === 'object' && snapshot !== null && 'machine' in snapshot;

const pathOf = (ref: AnyActorRef): string =>
  ref._parent === undefined ? ref.id : `${pathOf(ref._parent as AnyActorRef)}/${ref.id}`;
const machineOf = (ref: AnyActorRef): AnyStateMachine | null =>
  'logic' in ref && isMachine(ref.logic) ? ref.logic : null;

export interface TracerOptions {
  /** Name of the action by which machines tell facts, if they have one. */
  readonly factAction?: string;
  /** What is kept of an event that was sent; as it stands, unless it may be changed later, or is no plain data. */
  readonly keep?: (event: unknown) => unknown;
}

const asItIs = (event: unknown): unknown => event;

export const createTracer = ({ factAction = 'publish', keep = asItIs }: TracerOptions = {}): Tracer => {
  const machines = new Map<string, AnyStateMachine>();
  const seen: Seen[] = [];
  const actors: ActorSeen[] = [];
  const lives = new WeakMap<AnyActorRef, Life>();
  const guards: (GuardSeen & { readonly event: unknown; readonly machine: string })[] = [];

  const lifeOf = (ref: AnyActorRef): Life => {
    const known = lives.get(ref);
    if (known !== undefined) return known;
    const parent = ref._parent as AnyActorRef | undefined;
    const machine = machineOf(ref);
    if (machine !== null) machines.set(machine.id, machine);
    const born: Life = { index: actors.length, context: undefined, taken: [], waiting: [], children: new Set() };
    lives.set(ref, born);
    actors.push({
      path: pathOf(ref),
      machine: machine?.id ?? null,
      parent: parent === undefined ? null : (lives.get(parent)?.index ?? null),
      ...{ born: seen.length, died: null, status: 'active' },
    });
    return born;
  };
  const bury = (ref: AnyActorRef, status: ActorSeen['status']): void => {
    const life = lives.get(ref);
    const actor = life && actors[life.index];
    if (actor === undefined || actor.died !== null) return;
    actor.died = seen.length;
    actor.status = status;
    for (const child of life?.children ?? []) bury(child, 'stopped');
  };

  const arrive = (ref: AnyActorRef, source: AnyActorRef | undefined, event: { readonly type: string }): void => {
    if (machineOf(ref) === null || event.type === 'xstate.stop') return;
    const life = lifeOf(ref);
    const from = source === undefined ? null : (lives.get(source)?.index ?? null);
    const step: StepSeen = {
      ...{ kind: 'step', actor: life.index, from, type: event.type, event: keep(event) },
      ...{ queued: life.waiting.length, until: 0 },
      ...{ after: '', taken: [], guards: [], changes: [] },
    };
    seen.push(step);
    life.waiting.push({ event, step });
  };

  const settle = (ref: AnyActorRef, event: unknown, snapshot: unknown): void => {
    if (!isSnapshot(snapshot)) return;
    const life = lifeOf(ref);
    const at = life.waiting.findIndex((waiting) => waiting.event === event || waiting.step.type === 'xstate.init');
    const [waiting] = at < 0 ? [] : life.waiting.splice(at, 1);
    const children = new Set(Object.values(snapshot.children).filter((child) => child !== undefined) as AnyActorRef[]);
    for (const child of life.children) if (!children.has(child)) bury(child, 'stopped');
    life.children = children;
    if (waiting !== undefined) {
      const { step } = waiting;
      const machine = machineOf(ref)?.id;
      const own = guards.filter((guard) => guard.event === event && guard.machine === machine);
      for (const guard of own) guards.splice(guards.indexOf(guard), 1);
      step.after = stateText(snapshot.value);
      step.until = seen.length;
      step.taken = life.taken.splice(0);
      step.guards = own.map(({ name, value }) => ({ name, value }));
      step.changes = changesBetween(life.context ?? {}, snapshot.context);
    }
    life.context = snapshot.context;
    if (snapshot.status !== 'active') bury(ref, snapshot.status);
  };

  const inspect = (inspected: InspectionEvent): void => {
    const ref = inspected.actorRef as AnyActorRef;
    switch (inspected.type) {
      case '@xstate.actor':
        return void lifeOf(ref);
      case '@xstate.event':
        return arrive(ref, inspected.sourceRef as AnyActorRef | undefined, inspected.event);
      case '@xstate.action':
        if (inspected.action.type === factAction) seen.push({ kind: 'fact', actor: lifeOf(ref).index });
        return;
      case '@xstate.microstep':
        lifeOf(ref).taken.push(
          ...inspected._transitions.map(({ source, target, guard }) => ({
            from: source.id,
            to: (target ?? []).map(({ id }) => id),
            guard: guardName(guard),
          })),
        );
        return;
      case '@xstate.snapshot':
        return settle(ref, inspected.event, inspected.snapshot);
    }
  };

  const wrap = (machine: string, name: string, guard: Guard): Guard => {
    return (args, params) => {
      const value = guard(args, params);
      guards.push({ name: typeof params === 'string' ? `${name} ${params}` : name, value, event: args.event, machine });
      return value;
    };
  };
  const instrument = (machine: AnyStateMachine): AnyStateMachine => {
    const { guards: known, actors: holes } = machine.implementations;
    return machine.provide({
      guards: Object.fromEntries(
        Object.entries(known).flatMap(([name, guard]) =>
          typeof guard === 'function' && !('check' in guard) ? [[name, wrap(machine.id, name, guard as Guard)]] : [],
        ),
      ),
      actors: Object.fromEntries(
        Object.entries(holes).flatMap(([name, logic]) => (isMachine(logic) ? [[name, instrument(logic)]] : [])),
      ),
    });
  };

  return { inspect, instrument, seen, actors, machines };
};
