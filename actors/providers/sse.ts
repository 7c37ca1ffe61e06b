/** Server-sent events: text in any pieces → frames. The same text gives the same frames however it was cut. */
import { createParser } from 'eventsource-parser';

/** Longest single frame. Characters. More is not a model that answers but a server that is broken. */
export const MAX_FRAME_CHARS = 64 * 1024 * 1024;

export interface Frames {
  feed(chunk: string): void;
}

export type OnFrame = (name: string | undefined, data: string) => void;

/** `onOverflow`: one frame grew beyond MAX_FRAME_CHARS; nothing is read after it. */
export const createFrames = (onFrame: OnFrame, onOverflow: () => void): Frames => {
  let isBroken = false;
  const parser = createParser({
    onEvent: ({ event, data }) => onFrame(event, data),
    onError: ({ type }) => {
      if (type !== 'max-buffer-size-exceeded') return;
      isBroken = true;
      onOverflow();
    },
    maxBufferSize: MAX_FRAME_CHARS,
  });
  return {
    feed: (chunk) => {
      if (!isBroken) parser.feed(chunk);
    },
  };
};
