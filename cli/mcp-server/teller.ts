/**
 * Lines of progress on their way to the client: in order, one at a time, and the oldest are dropped where it does not read.
 * A client's clock for a call is set back by each of them, so a call that is silent for long still says that it lives.
 */

/** Lines that wait for a client that reads slowly. */
const MAX_WAITING = 32;
/** Milliseconds. */
const HEARTBEAT_MS = 10_000;
const MAX_LINE_CHARS = 400;

export interface Teller {
  readonly tell: (line: string) => void;
  /** Resolves when nothing more will be sent. */
  readonly end: () => Promise<void>;
}

export const createTeller = (
  send: (line: string, progress: number) => Promise<void>,
  heartbeatMs = HEARTBEAT_MS,
): Teller => {
  const waiting: string[] = [];
  const state = { progress: 0, isOver: false, sending: null as Promise<void> | null };
  const sendAll = async (): Promise<void> => {
    try {
      for (let line = waiting.shift(); line !== undefined; line = waiting.shift()) {
        state.progress += 1;
        await send(line, state.progress);
      }
    } catch {
      waiting.splice(0); // nobody reads any more
    }
    state.sending = null; // in the step that found nothing: whoever tells something now begins anew
  };
  const tell = (line: string): void => {
    if (state.isOver) return;
    heart.refresh();
    if (waiting.push(line.slice(0, MAX_LINE_CHARS)) > MAX_WAITING) waiting.shift();
    state.sending ??= sendAll();
  };
  const heart = setInterval(() => tell('still at work'), heartbeatMs);
  heart.unref();
  return {
    tell,
    end: async () => {
      state.isOver = true;
      clearInterval(heart);
      await state.sending;
    },
  };
};
