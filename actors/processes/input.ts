/**
 * The standard input of a command that is spoken to while it runs. Writing never waits: what does not fit into the pipe
 * is not taken, and the number of bytes that were says so.
 */
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { PIPE_BYTES } from './lent.ts';
import type { Channel } from './channels.ts';

export interface Input {
  /** How many bytes were taken; null: nobody listens any more. */
  write(bytes: Uint8Array): number | null;
  /** The command sees the end of its input. */
  close(): void;
}

const codeOf = (error: unknown) => (error instanceof Error && 'code' in error ? error.code : null);

/** `theirs`: a reader that waits for more, as a command expects. Throws what `open` throws. */
export const inputThrough = ({ read, write }: Channel): { readonly theirs: number; readonly input: Input } => {
  const theirs = openSync(`/proc/self/fd/${read}`, constants.O_RDONLY);
  const ours = { fd: openSync(`/proc/self/fd/${write}`, constants.O_WRONLY | constants.O_NONBLOCK) as number | null };
  for (const end of [read, write]) closeSync(end);
  return {
    theirs,
    input: {
      write: (bytes) => {
        if (ours.fd === null) return null;
        try {
          return writeSync(ours.fd, bytes);
        } catch (error) {
          return codeOf(error) === 'EAGAIN' ? 0 : null;
        }
      },
      close: () => {
        if (ours.fd !== null) closeSync(ours.fd);
        ours.fd = null;
      },
    },
  };
};

/** Where there are no such pipes. Node keeps what the command does not read yet; so much of it and no more. */
export const inputInto = (stream: Writable): Input => {
  stream.on('error', () => {}); // it ended; the exit is on its way
  return {
    write: (bytes) => {
      if (!stream.writable) return null;
      const taken = bytes.subarray(0, Math.max(0, PIPE_BYTES - stream.writableLength));
      stream.write(taken);
      return taken.length;
    },
    close: () => void stream.end(),
  };
};
