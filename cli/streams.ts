/** The only toucher of stdout, stderr and stdin. A reader that went away is no error: what is left is dropped. */
import type { ReadStream } from 'node:tty';

export interface Streams {
  out(text: string): void;
  err(text: string): void;
  readonly isOutTty: boolean;
  readonly isErrTty: boolean;
  readonly isInTty: boolean;
  readonly stdin: NodeJS.ReadStream | ReadStream;
  readonly stdout: NodeJS.WriteStream;
  /** Resolves when all that was written has left the process, or nobody reads it any more. */
  flush(): Promise<void>;
}

/** How long a reader may take for what is left. Milliseconds. */
export const FLUSH_PATIENCE_MS = 2_000;

const drained = (stream: NodeJS.WriteStream): Promise<void> =>
  new Promise((resolve) => {
    if (stream.destroyed || stream.writableLength === 0) resolve();
    else stream.write('', () => resolve());
  });

/** Resolves when stdout takes more, or when nobody reads it any more. */
export const roomIn = (stdout: Streams['stdout']): Promise<void> =>
  new Promise((resolve) => {
    if (stdout.destroyed || !stdout.writableNeedDrain) return resolve();
    const done = () => {
      stdout.off('drain', done).off('close', done);
      resolve();
    };
    stdout.on('drain', done).on('close', done);
  });

export const createStreams = (process: NodeJS.Process): Streams => {
  const { stdin, stdout, stderr } = process;
  // Without a listener an EPIPE would end the program with a stack trace.
  for (const stream of [stdout, stderr]) stream.on('error', () => stream.destroy());
  const write = (stream: NodeJS.WriteStream) => (text: string) => {
    if (!stream.destroyed) stream.write(text);
  };
  return {
    out: write(stdout),
    err: write(stderr),
    isOutTty: stdout.isTTY === true,
    isErrTty: stderr.isTTY === true,
    isInTty: stdin.isTTY === true,
    stdin,
    stdout,
    flush: async () => {
      const patience = new Promise<void>((resolve) => setTimeout(resolve, FLUSH_PATIENCE_MS).unref());
      await Promise.race([Promise.all([drained(stdout), drained(stderr)]), patience]);
    },
  };
};
