/** One session of the client and the session of the runtime behind it: a prompt is a turn, a question is a permission. */
import { randomUUID } from 'node:crypto';
import { filter, firstValueFrom } from 'rxjs';
import {
  RequestError,
  type AgentContext,
  type ContentBlock,
  type PermissionOption,
  type PromptResponse,
  type RequestPermissionRequest,
} from '@agentclientprotocol/sdk';
import type { Session } from '../../actors/contract.ts';
import { isTurnEnding, type Decision, type ErrorKind, type FactOf } from '../../machines/protocol/index.ts';
import { createOutbox } from './outbox.ts';
import type { Pictures } from './pictures.ts';
import { promptOf, type Prompt } from './prompt.ts';
import { createTranslator, replayed, shownCall } from './updates.ts';

export interface Talk {
  readonly id: string;
  prompt(blocks: readonly ContentBlock[], signal: AbortSignal): Promise<PromptResponse>;
  cancel(): void;
  replay(): Promise<void>;
  close(): Promise<void>;
}

/** Endings for which the protocol has a word of its own; the reason is then said in the conversation. */
const STOPS: Partial<Record<ErrorKind, PromptResponse['stopReason']>> = {
  contentFiltered: 'refusal',
  contextWindowExceeded: 'max_tokens',
  limitReached: 'max_turn_requests',
};
const INTERNAL_ERROR = -32_603;

const optionsOf = ({ question }: FactOf<'approval.requested'>): PermissionOption[] => [
  { optionId: 'approve', name: 'Yes, once', kind: 'allow_once' },
  ...(question.offers.length === 0
    ? []
    : [{ optionId: 'approveForSession', name: question.offersInWords, kind: 'allow_always' } as const]),
  { optionId: 'deny', name: 'No', kind: 'reject_once' },
];
const decisionOf = (optionId: string): Decision =>
  optionId === 'approve' || optionId === 'approveForSession' ? { kind: optionId } : { kind: 'deny' };

export interface TalkPorts {
  readonly cwd: string;
  readonly client: AgentContext;
  readonly pictures: Pictures;
  readonly warn: (text: string) => void;
}

export const createTalk = (session: Session, { cwd, client, pictures, warn }: TalkPorts): Talk => {
  const sessionId = session.id;
  const outbox = createOutbox((update) => client.notify('session/update', { sessionId, update }));
  const translate = createTranslator(cwd);
  let isPrompted = false;

  const ask = async (event: FactOf<'approval.requested'>): Promise<void> => {
    const { approvalId, callId, view, question } = event;
    await outbox.idle(); // the client must know the call before it is asked about it
    const request: RequestPermissionRequest = {
      sessionId,
      toolCall: { ...shownCall(callId, view, cwd), status: 'pending' },
      options: optionsOf(event),
      _meta: { question },
    };
    const decision = await client.request('session/request_permission', request).then(
      ({ outcome }): Decision => (outcome.outcome === 'selected' ? decisionOf(outcome.optionId) : { kind: 'abort' }),
      (): Decision => ({ kind: 'deny', reason: 'the client could not ask' }),
    );
    const { planHash } = question;
    await session.submit({ type: 'op.decide', id: randomUUID(), approvalId, decision, planHash, source: 'acp' });
  };

  const following = session.events.subscribe((event) => {
    if (event.type === 'session.warned') warn(event.message);
    for (const update of translate(event)) outbox.put(update);
    if (event.type === 'approval.requested') void ask(event);
  });
  const cancel = () => void session.submit({ type: 'op.interrupt', id: randomUUID() });

  const turn = async ({ text, images }: Prompt, signal: AbortSignal): Promise<PromptResponse> => {
    const ended = firstValueFrom(session.events.pipe(filter((event) => isTurnEnding(event))), { defaultValue: null });
    const more = images.length > 0 ? { images: [...images] } : {};
    const saying = session.submit({ type: 'op.say', id: randomUUID(), text, ...more });
    signal.addEventListener('abort', cancel, { once: true });
    const reply = await saying;
    if (reply.kind === 'refused') throw RequestError.invalidRequest({ reason: reply.reason }, reply.message);
    const ending = await ended;
    signal.removeEventListener('abort', cancel);
    if (ending?.type === 'turn.completed') return { stopReason: 'end_turn' };
    if (ending?.type !== 'turn.failed') return { stopReason: 'cancelled' };
    const { kind, message } = ending.error;
    const stopReason = STOPS[kind];
    if (stopReason === undefined) throw new RequestError(INTERNAL_ERROR, message, ending.error);
    outbox.put({ sessionUpdate: 'agent_message_chunk', content: { type: 'text', text: message } });
    return { stopReason };
  };

  return {
    id: sessionId,
    prompt: async (blocks, signal) => {
      if (isPrompted) throw RequestError.invalidRequest(undefined, 'a prompt of this session is still being answered');
      const prompt = promptOf(blocks, pictures);
      isPrompted = true;
      try {
        return await turn(prompt, signal);
      } finally {
        await outbox.idle();
        isPrompted = false;
      }
    },
    cancel,
    replay: async () => {
      for (const update of replayed(session.view().history)) outbox.put(update);
      await outbox.idle();
    },
    close: async () => {
      await session.close();
      following.unsubscribe();
      outbox.drop();
      pictures.close();
    },
  };
};
