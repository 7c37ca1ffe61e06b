/** stdin and stdout as the streams of the protocol. A write is done when stdout takes more, or when nobody reads it any more. */
import { Readable } from 'node:stream';
import { ReadableStream } from 'node:stream/web';
import { roomIn, type Streams } from '../streams.ts';

export const outputOf = (streams: Streams): WritableStream<Uint8Array> => {
  const decoder = new TextDecoder();
  return new WritableStream<Uint8Array>({
    write: async (line) => {
      streams.out(decoder.decode(line));
      await roomIn(streams.stdout);
    },
  });
};

export const inputOf = (streams: Streams): ReadableStream<Uint8Array> => Readable.toWeb(streams.stdin);
