/**
 * Real pipes. What Node calls 'pipe' is a socket pair, and a socket cannot be opened by its path: `echo x > /dev/stderr`
 * fails with ENXIO. A FIFO can. `mkfifo` makes a batch in one process; each is opened at both ends and unlinked at once,
 * so that nothing of it is left on the disk. Where there is no `mkfifo`, `take` has nothing, and callers use 'pipe'.
 */
import { execFile } from 'node:child_process';
import { closeSync, constants, openSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Channels made at once. Each costs two descriptors while it waits. */
const BATCH = 16;
/** Channels that one command may need: three streams, the status, and what bubblewrap reads. */
const ENOUGH = 8;

export interface Channel {
  readonly read: number;
  readonly write: number;
}

export interface Channels {
  /** Resolves when the next command can have its channels; at once if they wait already. Never rejects. */
  prepare(): Promise<void>;
  take(): Channel | null;
  close(): void;
}

const openBoth = (path: string): Channel => {
  const read = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    return { read, write: openSync(path, constants.O_WRONLY) };
  } catch (error) {
    closeSync(read);
    throw error;
  }
};

const mint = async (into: Channel[]): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'turnstile-'));
  try {
    const paths = Array.from({ length: BATCH }, (_, index) => join(folder, String(index)));
    await promisify(execFile)('mkfifo', ['-m', '600', ...paths]);
    for (const path of paths) into.push(openBoth(path));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

export const closeChannel = ({ read, write }: Channel): void => {
  closeSync(read);
  closeSync(write);
};

export const createChannels = (): Channels => {
  const waiting: Channel[] = [];
  let minting: Promise<void> | null = null;
  let isClosed = false;
  const refill = () =>
    (minting ??= mint(waiting)
      .catch(() => {}) // no mkfifo, no space, no descriptors: commands run all the same
      .finally(() => {
        minting = null;
        if (isClosed) waiting.splice(0).forEach(closeChannel);
      }));
  return {
    prepare: async () => {
      if (!isClosed && waiting.length < ENOUGH) await refill();
    },
    take: () => waiting.pop() ?? null,
    close: () => {
      isClosed = true;
      waiting.splice(0).forEach(closeChannel);
    },
  };
};
