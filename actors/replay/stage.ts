/** The machines, with puppets for leaves: they are told what was recorded, and say what they say. */
import { createActor, type AnyActorRef, type AnyStateMachine, type InspectionEvent } from 'xstate';
import type { RuntimeEvent } from '../../machines/protocol/index.ts';
import type { SessionInput } from '../../machines/session.contract.ts';
import type { InputRecord } from '../journal/format.ts';
import { pathOf } from '../recorder.ts';
import { wire, type Deeds, type Leaves } from '../wiring.ts';
import { puppets, SILENT_CLOCK, type Prompter } from './puppets.ts';

export type Chart = (leaves: Leaves, deeds: Deeds) => AnyStateMachine;

export interface StageOptions {
  readonly input: SessionInput;
  readonly onFact: (fact: RuntimeEvent) => void;
  readonly inspect: (event: InspectionEvent) => void;
  readonly prompt: Prompter;
  readonly chart?: Chart | undefined;
}

export interface Stage {
  readonly machine: AnyStateMachine;
  /** False: nobody lives under that name. */
  readonly tell: (record: Pick<InputRecord, 'to' | 'event'>) => boolean;
}

/** A journal keeps the words of an Error, not the Error; the machines ask for its message. */
const asItWas = (event: InputRecord['event']): InputRecord['event'] => {
  if (!event.type.startsWith('xstate.error.')) return event;
  const error = event['error'];
  const message = typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : null;
  return message === null ? event : { ...event, error: new Error(message) };
};

const childNamed = (actor: AnyActorRef, name: string): AnyActorRef | undefined => {
  const { children } = actor.getSnapshot() as { readonly children?: Readonly<Record<string, AnyActorRef>> };
  return children?.[name];
};

export const setStage = ({ input, onFact, inspect, prompt, chart = wire }: StageOptions): Stage => {
  const machine = chart(puppets(prompt), { publish: (_system, fact) => onFact(fact), sweep: () => {} });
  const root = createActor(machine, { id: 'session', input, clock: SILENT_CLOCK, inspect });
  // The live runtime says this much when the machine of a session breaks.
  root.subscribe({
    error: (error) => {
      onFact({ type: 'session.warned', message: `the session broke: ${String(error)}` });
      onFact({ type: 'session.closed' });
    },
  });
  root.start();
  const find = (path: string): AnyActorRef | undefined => {
    const [, ...names] = path.split('/');
    return names.reduce<AnyActorRef | undefined>((actor, name) => actor && childNamed(actor, name), root);
  };
  return {
    machine,
    tell: ({ to, event }) => {
      const actor = find(to);
      actor?.send(asItWas(event));
      return actor !== undefined;
    },
  };
};

export { pathOf };
