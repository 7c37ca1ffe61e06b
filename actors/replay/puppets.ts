/**
 * What stands where the world was: leaves that do nothing, and a clock that never strikes. Whatever they said when it was
 * real is in the journal, and comes from there.
 *
 * One leaf answered at once, in the middle of the step that asked: a request that is cut hands over its half-answer. So
 * its puppet asks the prompter for that line at that very moment.
 */
import { fromCallback, type AnyActorRef, type EventObject } from 'xstate';
import type {
  ExecCommand,
  ExecInput,
  LinkCommand,
  LinkInput,
  PlanInput,
  RemoteInput,
  RestoreInput,
  SampleCommand,
  SampleInput,
  TalkCommand,
  TalkInput,
  WatchCommand,
  WatchInput,
} from '../../machines/leaves.ts';
import type { HookCommand, HookInput } from '../../machines/hook.contract.ts';
import type { OpenInput } from '../../machines/session.contract.ts';
import type { SettleInput } from '../../machines/turn.contract.ts';
import type { Leaves } from '../wiring.ts';

/** Says the next line of the journal, if it belongs to this leaf. */
export type Prompter = (leaf: AnyActorRef) => void;

export const puppets = (prompt: Prompter): Leaves => ({
  open: fromCallback<EventObject, OpenInput>(() => {}),
  hook: fromCallback<HookCommand, HookInput>(() => {}),
  restore: fromCallback<EventObject, RestoreInput>(() => {}),
  plan: fromCallback<EventObject, PlanInput>(() => {}),
  exec: fromCallback<ExecCommand, ExecInput>(() => {}),
  talk: fromCallback<TalkCommand, TalkInput>(() => {}),
  watch: fromCallback<WatchCommand, WatchInput>(() => {}),
  remote: fromCallback<EventObject, RemoteInput>(() => {}),
  link: fromCallback<LinkCommand, LinkInput>(() => {}),
  settle: fromCallback<EventObject, SettleInput>(() => {}),
  sample: fromCallback<SampleCommand, SampleInput>(({ receive, self }) => receive(() => prompt(self))),
});

/** Timers that fired were recorded; all others were cancelled or never came due. */
export const SILENT_CLOCK = { setTimeout: () => 0, clearTimeout: () => {} };
