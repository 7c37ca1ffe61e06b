/**
 * The wiring diagram: every hole of the machines, filled, bottom-up. Done once per process and kind of leaves: the live
 * ones, or the puppets of a replay. Sessions share the charts.
 */
import type { AnyActorRef, AnyStateMachine } from 'xstate';
import { asCall } from '../machines/call.contract.ts';
import { callMachine } from '../machines/call.machine.ts';
import { asMcp } from '../machines/mcp.contract.ts';
import { mcpMachine } from '../machines/mcp.machine.ts';
import type { Sweep } from '../machines/ports.ts';
import type { RuntimeEvent } from '../machines/protocol/index.ts';
import { sessionMachine } from '../machines/session.machine.ts';
import type { TaskLogic } from '../machines/tasks/contract.ts';
import { tasks } from '../machines/tasks/registry.ts';
import { asTerminal } from '../machines/terminal.contract.ts';
import { terminalMachine } from '../machines/terminal.machine.ts';
import { asTurn } from '../machines/turn.contract.ts';
import { turnMachine } from '../machines/turn.machine.ts';
import type * as leaves from './leaves.ts';
import type { sample } from './sample.actor.ts';

export type Leaves = Pick<
  typeof leaves,
  'open' | 'hook' | 'restore' | 'plan' | 'exec' | 'settle' | 'talk' | 'watch' | 'remote' | 'link'
> & {
  readonly sample: typeof sample;
};

/** What the machines do besides moving; `system` tells whose session it is. */
export interface Deeds {
  publish(system: AnyActorRef['system'], fact: RuntimeEvent): void;
  sweep(system: AnyActorRef['system'], what: Sweep): void;
}

type Scope = { readonly system: AnyActorRef['system'] };

type Holes = Required<Pick<Parameters<AnyStateMachine['provide']>[0], 'actions' | 'actors'>>;

/**
 * Whatever kind of task it is, it is a machine whose holes are among these: `asTask` checked that before it hid it behind
 * the port. Filling them here, for all kinds alike, is what makes a new task one file and one line of the registry.
 */
const filled =
  (holes: Holes) =>
  (logic: TaskLogic): TaskLogic =>
    (logic as unknown as AnyStateMachine).provide(holes) as unknown as TaskLogic;

/** A kind that gives birth to other kinds names them as they are registered. */
const hasTasks = (logic: TaskLogic): boolean =>
  Object.keys((logic as unknown as AnyStateMachine).implementations.actors).some((name) => name in tasks);

const wiredTasks = (actions: Holes['actions'], actors: Holes['actors']): typeof tasks => {
  const kinds = Object.entries<TaskLogic>(tasks);
  const wired = (all: typeof kinds, holes: Holes) => all.map(([kind, logic]) => [kind, filled(holes)(logic)] as const);
  const simple = Object.fromEntries(
    wired(
      kinds.filter(([, logic]) => !hasTasks(logic)),
      { actions, actors },
    ),
  );
  const composed = wired(
    kinds.filter(([, logic]) => hasTasks(logic)),
    { actions, actors: { ...actors, ...simple } },
  );
  return { ...simple, ...Object.fromEntries(composed) } as typeof tasks;
};

export const wire = (
  { open, hook, restore, plan, exec, settle, sample, talk, watch, remote, link }: Leaves,
  deeds: Deeds,
) => {
  const actions = {
    publish: ({ system }: Scope, fact: RuntimeEvent) => deeds.publish(system, fact),
    sweep: ({ system }: Scope, what: Sweep) => deeds.sweep(system, what),
  };
  const call = callMachine.provide({ actions, actors: { plan, exec, talk, remote, hook } });
  const wired = wiredTasks(actions, { sample, call: asCall(call) });
  const turn = turnMachine.provide({ actions, actors: { ...wired, settle, hook } });
  const terminal = terminalMachine.provide({ actions, actors: { watch } });
  const mcp = mcpMachine.provide({ actions, actors: { link } });
  const children = { turn: asTurn(turn), terminal: asTerminal(terminal), mcp: asMcp(mcp) };
  return sessionMachine.provide({ actions, actors: { open, hook, restore, ...children } });
};

export type WiredSession = ReturnType<typeof wire>;
