/**
 * One session behind the tools: words go in, and what its turn came to goes out. Meanwhile the caller is told what happens,
 * and asked where the client can ask. Whoever cannot be asked, or does not choose, has said no.
 */
import { randomUUID } from 'node:crypto';
import { filter, firstValueFrom, take } from 'rxjs';
import type { Session } from '../../actors/contract.ts';
import {
  isDelta,
  isTurnEnding,
  type Decision,
  type Delta,
  type FactOf,
  type RuntimeEvent,
} from '../../machines/protocol/index.ts';
import { outcomeOf, seconds, titleOf } from '../human-lines.ts';
import { oneLine } from '../render/strip.ts';
import type { Asking, Caller } from './words.ts';

export type Ending = FactOf<'turn.completed' | 'turn.failed' | 'turn.aborted'>;
export type Said =
  | { readonly kind: 'ended'; readonly ending: Ending; readonly declined: number }
  /** Nothing was begun, or the session is gone. */
  | { readonly kind: 'refused'; readonly why: string };

export interface Talk {
  readonly id: string;
  /** Where its commands run. */
  readonly cwd: string;
  isBusy(): boolean;
  say(prompt: string, caller: Caller): Promise<Said>;
  close(): Promise<void>;
}

/** Of the deltas, one line in this time. Milliseconds. */
const PACE_MS = 1_000;

const toldOf = (event: RuntimeEvent): string | null => {
  switch (event.type) {
    case 'call.started':
      return oneLine(titleOf(event.view));
    case 'call.finished':
      return `${oneLine(titleOf(event.view))}: ${outcomeOf(event)}`;
    case 'sample.retrying':
      return `asks again in ${seconds(event.delayMs)} (${event.attempt} of ${event.of}): ${oneLine(event.error.message)}`;
    case 'approval.requested':
      return `asks: ${oneLine(event.question.why)}`;
    case 'history.compacted':
      return 'compacted the conversation';
    case 'plan.updated': {
      const done = event.plan.filter(({ status }) => status === 'completed').length;
      const now = event.plan.find(({ status }) => status === 'in_progress');
      return `plan: ${done} of ${event.plan.length} done${now === undefined ? '' : `, now: ${oneLine(now.step)}`}`;
    }
    default:
      return null;
  }
};

const tailOf = (delta: Delta): string =>
  delta.type === 'exec.printed' ? (delta.chunk.trimEnd().split('\n').at(-1) ?? '') : 'writes';

const askingOf = ({ view, question }: FactOf<'approval.requested'>): Asking => {
  const { why, justification, cause, ifYes, offers, offersInWords } = question;
  const lines = [
    titleOf(view),
    ...(view.kind === 'command' ? [`in ${view.cwd}`] : []),
    `Why: ${why}`,
    ...(cause === undefined ? [] : [`Before: ${cause}`]),
    ...(justification === undefined ? [] : [`The model says: ${justification}`]),
    `If yes: ${ifYes.backend} · ${ifYes.sandbox}`,
  ];
  return {
    message: lines.map(oneLine).join('\n'),
    choices: [
      { value: 'approve', label: 'Yes, once' },
      ...(offers.length === 0 ? [] : [{ value: 'approveForSession', label: offersInWords }]),
      { value: 'deny', label: 'No' },
    ],
  };
};

const decisionOf = (chosen: string | null): Decision => {
  if (chosen === 'approve' || chosen === 'approveForSession') return { kind: chosen };
  return chosen === 'deny' ? { kind: 'deny' } : { kind: 'deny', reason: 'nobody was there to approve this' };
};

export const createTalk = (session: Session, cwd: string): Talk => {
  const state = { caller: null as Caller | null, toldAt: 0 };

  const ask = async (event: FactOf<'approval.requested'>): Promise<void> => {
    const { approvalId, question } = event;
    const over = new AbortController();
    const resolving = session.events
      .pipe(
        filter((later) => later.type === 'approval.resolved' && later.approvalId === approvalId),
        take(1),
      )
      .subscribe({ complete: () => over.abort() });
    const chosen = (await state.caller?.ask?.(askingOf(event), over.signal)) ?? null;
    resolving.unsubscribe();
    if (over.signal.aborted) return;
    const decision = decisionOf(chosen);
    const { planHash } = question;
    await session.submit({ type: 'op.decide', id: randomUUID(), approvalId, decision, planHash, source: 'mcp' });
  };

  const following = session.events.subscribe((event) => {
    if (event.type === 'approval.requested') void ask(event);
    const { caller } = state;
    if (caller === null) return;
    if (!isDelta(event)) {
      const told = toldOf(event);
      if (told !== null) caller.tell(told);
    } else if (event.at - state.toldAt >= PACE_MS) {
      state.toldAt = event.at;
      caller.tell(oneLine(tailOf(event)));
    }
  });

  const turn = async (text: string, signal: AbortSignal): Promise<Said> => {
    let declined = 0;
    const counting = session.events.subscribe((event) => {
      if (event.type === 'call.finished' && event.status === 'declined') declined += 1;
    });
    const ended = firstValueFrom(session.events.pipe(filter((event) => isTurnEnding(event))), { defaultValue: null });
    const interrupt = () => void session.submit({ type: 'op.interrupt', id: randomUUID() });
    try {
      const reply = await session.submit({ type: 'op.say', id: randomUUID(), text });
      if (reply.kind === 'refused') return { kind: 'refused', why: reply.message };
      if (signal.aborted) interrupt();
      else signal.addEventListener('abort', interrupt, { once: true });
      const ending = await ended;
      return ending === null
        ? { kind: 'refused', why: 'the session was closed before its turn ended' }
        : { kind: 'ended', ending, declined };
    } finally {
      signal.removeEventListener('abort', interrupt);
      counting.unsubscribe();
    }
  };

  return {
    id: session.id,
    cwd,
    isBusy: () => state.caller !== null,
    say: async (prompt, caller) => {
      if (state.caller !== null) return { kind: 'refused', why: 'a prompt of this thread is still being answered' };
      state.caller = caller;
      try {
        return await turn(prompt, caller.signal);
      } finally {
        state.caller = null;
      }
    },
    close: async () => {
      await session.close();
      following.unsubscribe();
    },
  };
};
