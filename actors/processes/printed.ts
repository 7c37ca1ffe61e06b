/**
 * One stream of a command on its way to whoever looks on. Chunks are cut where characters end, so that bytes of two
 * streams can be laid behind each other; and after a generous amount nobody is looking any more.
 */
import { danglingBytes } from './kept.ts';

/** Bytes of one command that are shown while it runs; what comes after is kept, but not shown. */
export const PRINTED_BYTES = 1024 * 1024;
/** Chunks of one command that are shown while it runs. */
export const PRINTED_CHUNKS = 10_000;

/** Passes bytes on without the beginning of a character at the end; that comes with the next call. Copies only those. */
export const wholeCharacters = (pass: (bytes: Uint8Array) => void) => {
  let carry = new Uint8Array(0);
  return {
    add: (chunk: Uint8Array) => {
      const bytes = carry.length > 0 ? Buffer.concat([carry, chunk]) : chunk;
      const dangling = danglingBytes(bytes);
      carry = Uint8Array.from(bytes.subarray(bytes.length - dangling)); // a copy: `slice` of a Buffer is none
      if (bytes.length > dangling) pass(bytes.subarray(0, bytes.length - dangling));
    },
    end: () => {
      if (carry.length > 0) pass(carry);
      carry = new Uint8Array(0);
    },
  };
};

export const createPrinter = (print: (stream: 'stdout' | 'stderr', chunk: string) => void) => {
  let bytesLeft = PRINTED_BYTES;
  let chunksLeft = PRINTED_CHUNKS;
  return (stream: 'stdout' | 'stderr', bytes: Uint8Array) => {
    if (bytesLeft <= 0 || chunksLeft <= 0) return;
    chunksLeft -= 1;
    bytesLeft -= bytes.length;
    print(stream, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString());
  };
};
