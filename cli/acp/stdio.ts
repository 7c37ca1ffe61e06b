/** stdin and stdout as the streams of the protocol. A write is done when stdout takes more, or when nobody reads it any more. */
import { Readable } from 'node:stream';
import { ReadableStream } from 'node:stream/web';
import type { Streams } from '../streams.ts';

const roomIn = (stdout: Streams['stdout']): Promise<void> =>
  new Promise((resolve) => {
    if (stdout.destroyed || !stdout.writableNeedDrain) return resolve();
    const done = () => {
      stdout.off('drain', done).off('close', done);
      resolve();
    };
    stdout.on('drain', done).on('close', done);
  });

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
