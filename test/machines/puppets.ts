/** Leaves that do nothing by themselves: each waits in its world until a story says what it reports. */
import { fromCallback, type AnyActorRef, type EventObject } from 'xstate';
import { wire, type Leaves } from '../../actors/wiring.ts';
import type { Sweep } from '../../machines/ports.ts';
import type { RuntimeEvent } from '../../machines/protocol/index.ts';

export type LeafKind = 'open' | 'plan' | 'exec' | 'sample' | 'settle';

export interface Puppet {
  readonly kind: LeafKind;
  /** Stable: the ids of its ancestors and its own. */
  readonly path: string;
  readonly input: unknown;
  readonly commands: string[];
  readonly report: (event: EventObject) => void;
}

export interface Stage {
  born(puppet: Puppet): void;
  gone(puppet: Puppet): void;
  publish(fact: RuntimeEvent): void;
  sweep(what: Sweep): void;
}

const stages = new WeakMap<AnyActorRef['system'], Stage>();
export const setStage = (system: AnyActorRef['system'], stage: Stage): void => void stages.set(system, stage);
const stageOf = (system: AnyActorRef['system']): Stage => {
  const stage = stages.get(system);
  if (stage === undefined) throw new Error('this system has no stage');
  return stage;
};

export const pathOf = (ref: AnyActorRef): string =>
  ref._parent === undefined ? ref.id : `${pathOf(ref._parent)}/${ref.id}`;

const puppet = (kind: LeafKind) =>
  fromCallback<EventObject, object>(({ input, self, system, sendBack, receive }) => {
    const me: Puppet = { kind, path: pathOf(self), input, commands: [], report: sendBack };
    receive(({ type }) => void me.commands.push(type));
    const stage = stageOf(system);
    stage.born(me);
    return () => stage.gone(me);
  });

const leaves = {
  open: puppet('open'),
  plan: puppet('plan'),
  exec: puppet('exec'),
  sample: puppet('sample'),
  settle: puppet('settle'),
} as unknown as Leaves; // a puppet takes any input and any command: wider than each leaf, and XState is invariant

export const stagedSession = wire(leaves, {
  publish: (system, fact) => stageOf(system).publish(fact),
  sweep: (system, what) => stageOf(system).sweep(what),
});
