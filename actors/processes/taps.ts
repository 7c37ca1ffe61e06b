/** Reads the end of a pipe that is ours, into one buffer that is used again and again: a flood costs no memory. */
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';

const READ_BYTES = 64 * 1024;

export interface Tap {
  /** Resolves when the last writer is gone, or when we have closed it. Never rejects. */
  readonly ended: Promise<void>;
  close(): void;
}

const watch = (stream: Readable): Tap => {
  const { promise, resolve } = Promise.withResolvers<void>();
  stream.once('end', resolve).once('close', resolve).once('error', resolve);
  stream.resume();
  return { ended: promise, close: () => void stream.destroy() };
};

/** The bytes are lent: they are overwritten by the next read. */
export const tapDescriptor = (fd: number, take: (bytes: Uint8Array) => void): Tap => {
  const callback = (count: number, buffer: Uint8Array) => {
    take(buffer.subarray(0, count));
    return true;
  };
  return watch(
    new Socket({ fd, readable: true, writable: false, onread: { buffer: Buffer.allocUnsafe(READ_BYTES), callback } }),
  );
};

export const tapStream = (stream: Readable, take: (bytes: Uint8Array) => void): Tap => {
  stream.on('data', take);
  return watch(stream);
};

export const allEnded = (taps: readonly Tap[]): Promise<unknown> => Promise.all(taps.map(({ ended }) => ended));
