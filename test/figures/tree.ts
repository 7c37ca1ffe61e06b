/** The tree of machines over leaves that answer at once: what is left to measure is the machinery. */
import { createActor, fromCallback, type EventObject, type InspectionEvent } from 'xstate';
import { wire, type Deeds, type Leaves } from '../../actors/wiring.ts';
import type {
  ExecCommand,
  ExecInput,
  PlanInput,
  RestoreInput,
  SampleCommand,
  SampleInput,
  LinkCommand,
  LinkInput,
  RemoteInput,
  TalkCommand,
  TalkInput,
  WatchCommand,
  WatchInput,
} from '../../machines/leaves.ts';
import type { HookCommand, HookInput } from '../../machines/hook.contract.ts';
import type { OpenInput } from '../../machines/session.contract.ts';
import type { SettleInput } from '../../machines/turn.contract.ts';

const USAGE = { input: 10, cachedInput: 0, output: 5, reasoningOutput: 0 };
const CALLS = 3;

/** Each turn: one response with three calls of a tool that answers by itself, then one with words. */
const leaves: Leaves = {
  open: fromCallback<EventObject, OpenInput>(({ sendBack }) => {
    queueMicrotask(() =>
      sendBack({ type: 'session.opened', sandbox: { backend: 'none', sandbox: '' }, surroundings: [], warnings: [] }),
    );
  }),
  plan: fromCallback<EventObject, PlanInput>(({ input: { callId, tool, args }, sendBack }) => {
    queueMicrotask(() =>
      sendBack({
        type: 'plan.ready',
        callId,
        view: { kind: 'tool', tool, args },
        plan: { step: 'answer', output: 'ok', succeeded: true },
        isExclusive: false,
      }),
    );
  }),
  hook: fromCallback<HookCommand, HookInput>(() => {}),
  restore: fromCallback<EventObject, RestoreInput>(() => {}),
  exec: fromCallback<ExecCommand, ExecInput>(() => {}),
  remote: fromCallback<EventObject, RemoteInput>(() => {}),
  link: fromCallback<LinkCommand, LinkInput>(() => {}),
  talk: fromCallback<TalkCommand, TalkInput>(() => {}),
  watch: fromCallback<WatchCommand, WatchInput>(() => {}),
  settle: fromCallback<EventObject, SettleInput>(({ input: { turnId }, sendBack }) => {
    queueMicrotask(() => sendBack({ type: 'turn.settled', turnId, diff: '' }));
  }),
  sample: fromCallback<SampleCommand, SampleInput>(({ input: { attempt, turnId }, sendBack }) => {
    queueMicrotask(() => {
      if (attempt === 1)
        for (let n = 0; n < CALLS; n++)
          sendBack({
            type: 'sample.item',
            attempt,
            item: { type: 'call', callId: `${turnId}-${n}`, tool: 'tool', args: '{}' },
          });
      else sendBack({ type: 'sample.item', attempt, item: { type: 'agent', text: 'done' } });
      sendBack({ type: 'sample.completed', attempt, usage: USAGE, mustContinue: false });
    });
  }),
};

/** Turns until the history is taken back, so that its length stays out of the figures. */
const REWIND_EVERY = 50;

export const newTree = (deeds: Deeds, inspect?: (event: InspectionEvent) => void) => {
  const actor = createActor(wire(leaves, deeds), {
    id: 'session',
    input: {
      threadId: 't',
      cwd: '/',
      model: 'm',
      provider: 'p',
      approvalPolicy: 'never',
      windowSize: 1_000_000,
      settings: { isAttended: false, compactAt: 900_000, maxAttempts: 3 },
      remembered: null,
    },
    ...(inspect && { inspect }),
  });
  const waiting: { resolve: (() => void) | null } = { resolve: null };
  actor.subscribe((snapshot) => {
    const { value } = snapshot;
    if (typeof value === 'string' || !('idle' in value) || waiting.resolve === null) return;
    const { resolve } = waiting;
    waiting.resolve = null;
    resolve();
  });
  const idle = () => new Promise<void>((resolve) => (waiting.resolve = resolve));
  const count = { turns: 0 };
  const turn = async (): Promise<void> => {
    const over = idle();
    actor.send({ type: 'op.say', id: `op${count.turns++}`, text: 'go' });
    await over;
    if (count.turns % REWIND_EVERY === 0)
      actor.send({ type: 'op.rewind', id: `re${count.turns}`, turns: REWIND_EVERY });
  };
  return {
    open: async () => {
      const opened = idle();
      actor.start();
      await opened;
    },
    turn,
    close: () => actor.stop(),
  };
};
