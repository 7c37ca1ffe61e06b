/**
 * Updates on their way to the client: in order, one batch a tick, and never faster than the client reads.
 * What waits is merged: words that follow words become one chunk, and of two states of a running call only the later one is sent.
 */
import type { SessionUpdate } from '@agentclientprotocol/sdk';

/** Milliseconds. */
export const TICK_MS = 16;

export interface Outbox {
  put(update: SessionUpdate): void;
  /** Resolves when everything that was put has been handed over. */
  idle(): Promise<void>;
  drop(): void;
}

interface Words {
  readonly kind: 'agent_message_chunk' | 'agent_thought_chunk';
  readonly pieces: string[];
}
type Waiting = Words | { readonly kind: 'other'; update: SessionUpdate };

/** A state of a running call that a later one makes pointless. */
const isPassing = (update: SessionUpdate): boolean =>
  update.sessionUpdate === 'tool_call_update' && update.status === undefined;

const written = (waiting: Waiting): SessionUpdate =>
  waiting.kind === 'other'
    ? waiting.update
    : { sessionUpdate: waiting.kind, content: { type: 'text', text: waiting.pieces.join('') } };

export const createOutbox = (send: (update: SessionUpdate) => Promise<void>): Outbox => {
  let waiting: Waiting[] = [];
  let sending: Promise<void> | null = null;
  let hurry: (() => void) | null = null;
  let isHurried = false;

  const tick = () =>
    new Promise<void>((resolve) => {
      if (isHurried) return resolve();
      const timer = setTimeout(resolve, TICK_MS);
      hurry = () => (clearTimeout(timer), resolve());
    });
  const sendAll = async (): Promise<void> => {
    try {
      while (waiting.length > 0) {
        await tick();
        const batch = waiting;
        waiting = [];
        for (const one of batch) await send(written(one));
      }
    } catch {
      waiting = []; // nobody reads any more
    }
    sending = null; // in the step that found nothing: what is put now is sent by a new round
  };

  return {
    put: (update) => {
      const last = waiting.at(-1);
      if (
        (update.sessionUpdate === 'agent_message_chunk' || update.sessionUpdate === 'agent_thought_chunk') &&
        update.content.type === 'text'
      ) {
        if (last?.kind === update.sessionUpdate) last.pieces.push(update.content.text);
        else waiting.push({ kind: update.sessionUpdate, pieces: [update.content.text] });
      } else if (
        last?.kind === 'other' &&
        last.update.sessionUpdate === 'tool_call_update' &&
        update.sessionUpdate === 'tool_call_update' &&
        last.update.toolCallId === update.toolCallId &&
        isPassing(last.update) &&
        isPassing(update)
      )
        last.update = update;
      else waiting.push({ kind: 'other', update });
      sending ??= sendAll();
    },
    idle: async () => {
      isHurried = true;
      hurry?.();
      while (sending !== null) await sending;
      isHurried = false;
    },
    drop: () => void (waiting = []),
  };
};
