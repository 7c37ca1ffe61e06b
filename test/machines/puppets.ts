/** Leaves that do nothing by themselves: each waits in its world until a story says what it reports. */
import { fromCallback, type AnyActorRef, type EventObject } from 'xstate';
import { wire, type Leaves } from '../../actors/wiring.ts';
import type { Sweep } from '../../machines/ports.ts';
import type { RuntimeEvent } from '../../machines/protocol/index.ts';

export type LeafKind = keyof Leaves;

export interface Puppet {
  readonly kind: LeafKind;
  /** Stable: the ids of its ancestors and its own. */
  readonly path: string;
  readonly owner: AnyActorRef;
  readonly input: unknown;
  readonly commands: string[];
  readonly report: (event: EventObject) => void;
  /** The same words through a line of their own: they arrive also when the speaker is gone by then. */
  readonly arrive: (event: EventObject) => void;
  /** Throws inside of the leaf. */
  readonly crash: () => void;
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

const CRASH = 'puppet.crash';

const puppet = (kind: LeafKind) =>
  fromCallback<EventObject, object>(({ input, self, system, sendBack, receive }) => {
    const stage = stageOf(system);
    const me: Puppet = {
      kind,
      path: pathOf(self),
      owner: self._parent ?? self,
      input,
      commands: [],
      report: sendBack,
      // Told to somebody who is gone, XState would only print a warning.
      arrive: (event) => {
        if (self._parent?.getSnapshot().status === 'active') self._parent.send(event);
      },
      crash: () => self.send({ type: CRASH }),
    };
    receive(({ type }) => {
      if (type !== CRASH) return void me.commands.push(type);
      stage.gone(me);
      throw new Error(`${kind} crashed`);
    });
    stage.born(me);
    return () => stage.gone(me);
  });

const leaves = {
  open: puppet('open'),
  hook: puppet('hook'),
  restore: puppet('restore'),
  plan: puppet('plan'),
  exec: puppet('exec'),
  sample: puppet('sample'),
  settle: puppet('settle'),
  talk: puppet('talk'),
  watch: puppet('watch'),
  remote: puppet('remote'),
  link: puppet('link'),
} as unknown as Leaves; // a puppet takes any input and any command: wider than each leaf, and XState is invariant

/** New charts each time, so that one set can be damaged and the others stay whole. */
export const stageSession = () =>
  wire(leaves, {
    publish: (system, fact) => stageOf(system).publish(fact),
    sweep: (system, what) => stageOf(system).sweep(what),
  });
export const stagedSession = stageSession();
