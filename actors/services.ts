/**
 * What the leaves of one session may use. Kept beside the actor system and not in it: a context is JSON, and providing the
 * machines anew for each session would cost each of them a copy of every chart.
 */
import {
  fromCallback,
  type AnyActorRef,
  type CallbackActorLogic,
  type EventObject,
  type NonReducibleUnknown,
} from 'xstate';
import type { PlanInput, PlanReport, RestoreInput, SampleInput } from '../machines/leaves.ts';
import type { Sweep } from '../machines/ports.ts';
import type { Delta, FilesRestored, RuntimeEvent } from '../machines/protocol/index.ts';
import type { Opened, OpenInput } from '../machines/session.contract.ts';
import type { AskHooks } from './hooks/words.ts';
import type { Desk } from './mcp/desk.ts';
import type { ExecDeps } from './exec.actor.ts';
import type { Provider, SampleRequest } from './providers/provider.ts';

export interface Services {
  publish(fact: RuntimeEvent): void;
  delta(delta: Delta): void;
  sweep(sweep: Sweep): void;
  open(input: OpenInput): Promise<Omit<Opened, 'type'>>;
  plan(input: PlanInput): Promise<Omit<PlanReport, 'type' | 'callId'>>;
  provider(): Promise<Provider>;
  request(input: SampleInput): SampleRequest;
  /** What the model's server said to the process before this one; 0: nothing. Milliseconds since 1970. */
  readonly notBefore: number;
  /** What the turn changed on disk; its files are forgotten. */
  diff(turnId: string): Promise<string>;
  restore(input: RestoreInput, signal: AbortSignal): Promise<FilesRestored>;
  readonly exec: ExecDeps;
  /** The user's own programs. */
  readonly hooks: AskHooks;
  /** Servers of tools. */
  readonly desk: Desk;
  now(): number;
}

type System = AnyActorRef['system'];
const bySystem = new WeakMap<System, Services>();

export const provideServices = (system: System, services: Services): void => void bySystem.set(system, services);

export const servicesOf = (system: System): Services => {
  const services = bySystem.get(system);
  if (services === undefined) throw new Error('this actor system has no services; actors/runtime.ts provides them');
  return services;
};

type Callback<C extends EventObject, I extends NonReducibleUnknown> = Parameters<typeof fromCallback<C, I>>[0];

/** A leaf whose services are those of the session that it is born in. */
export const leaf = <C extends EventObject, I extends NonReducibleUnknown>(
  run: (services: Services) => Callback<C, I>,
): CallbackActorLogic<C, I> => fromCallback<C, I>((args) => run(servicesOf(args.system))(args));
