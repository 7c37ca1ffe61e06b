/**
 * The wiring diagram: every hole of the machines, filled, bottom-up. Done once per process and kind of leaves: the live
 * ones, or the puppets of a replay. Sessions share the charts.
 */
import type { AnyActorRef } from 'xstate';
import { asCall } from '../machines/call.contract.ts';
import { callMachine } from '../machines/call.machine.ts';
import type { Sweep } from '../machines/ports.ts';
import type { RuntimeEvent } from '../machines/protocol/index.ts';
import { sessionMachine } from '../machines/session.machine.ts';
import { compactMachine } from '../machines/tasks/compact.machine.ts';
import { asTask } from '../machines/tasks/contract.ts';
import { shellMachine } from '../machines/tasks/shell.machine.ts';
import { regularMachine } from '../machines/tasks/regular.machine.ts';
import { asTurn } from '../machines/turn.contract.ts';
import { turnMachine } from '../machines/turn.machine.ts';
import type * as leaves from './leaves.ts';
import type { sample } from './sample.actor.ts';

export type Leaves = Pick<typeof leaves, 'open' | 'plan' | 'exec' | 'settle'> & { readonly sample: typeof sample };

/** What the machines do besides moving; `system` tells whose session it is. */
export interface Deeds {
  publish(system: AnyActorRef['system'], fact: RuntimeEvent): void;
  sweep(system: AnyActorRef['system'], what: Sweep): void;
}

type Scope = { readonly system: AnyActorRef['system'] };

export const wire = ({ open, plan, exec, settle, sample }: Leaves, deeds: Deeds) => {
  const actions = {
    publish: ({ system }: Scope, fact: RuntimeEvent) => deeds.publish(system, fact),
    sweep: ({ system }: Scope, what: Sweep) => deeds.sweep(system, what),
  };
  const call = callMachine.provide({ actions, actors: { plan, exec } });
  const regular = regularMachine.provide({ actions, actors: { sample, call: asCall(call) } });
  const shell = shellMachine.provide({ actions, actors: { call: asCall(call) } });
  const compact = compactMachine.provide({ actions, actors: { sample } });
  const turn = turnMachine.provide({
    actions,
    actors: { regular: asTask(regular), compact: asTask(compact), shell: asTask(shell), settle },
  });
  return sessionMachine.provide({ actions, actors: { open, turn: asTurn(turn) } });
};

export type WiredSession = ReturnType<typeof wire>;
