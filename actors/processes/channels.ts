/**
 * Real pipes. What Node calls 'pipe' is a socket pair, and a socket cannot be opened by its path: `echo x > /dev/stderr`
 * fails with ENXIO. A FIFO can. `mkfifo` makes a batch in one process; each is unlinked at once, so that nothing of it
 * is left on the disk, and opened anew for every command through the descriptor that we keep.
 * Where this cannot be done (no `mkfifo`, no /proc), `take` has nothing, and callers use 'pipe'.
 */
import { execFile } from 'node:child_process';
import { closeSync, constants, openSync, readSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Made at once; each costs one descriptor. */
const BATCH = 16;
/** What one command may need: three streams, the status, and what bubblewrap reads. */
const ENOUGH = 8;
/** Kept for the next commands; more were only needed by many at once. */
const KEPT = 32;

/** Linux; Node has no name for it. A descriptor that is a place, neither a reader nor a writer. */
const O_PATH = 0o10000000;

export interface Channel {
  readonly read: number;
  readonly write: number;
  /** When nobody uses either end any more. */
  readonly giveBack: () => void;
}

export interface Channels {
  /** Resolves when the next command can have its channels; at once if they wait already. Never rejects. */
  prepare(): Promise<void>;
  take(): Channel | null;
  close(): void;
}

const mint = async (into: number[]): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'turnstile-'));
  try {
    const paths = Array.from({ length: BATCH }, (_, index) => join(folder, String(index)));
    await promisify(execFile)('mkfifo', ['-m', '600', ...paths]);
    for (const path of paths) into.push(openSync(path, O_PATH));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

const tryOpen = (place: number, flags: number): number | null => {
  try {
    return openSync(`/proc/self/fd/${place}`, flags | constants.O_NONBLOCK);
  } catch {
    return null;
  }
};

/** Somebody still writes to it: then a read would wait, and otherwise it is at the end. */
const hasWriter = (read: number): boolean => {
  try {
    return readSync(read, Buffer.alloc(1)) !== 0;
  } catch {
    return true;
  }
};

/** Both ends, or null if anybody has one of them: a process that got away must not speak into another one's output. */
const openBoth = (place: number): { readonly read: number; readonly write: number } | null => {
  const strangersEnd = tryOpen(place, constants.O_WRONLY); // fails as long as nobody reads
  if (strangersEnd !== null) {
    closeSync(strangersEnd);
    return null;
  }
  const read = tryOpen(place, constants.O_RDONLY);
  if (read === null) return null;
  try {
    if (!hasWriter(read)) return { read, write: openSync(`/proc/self/fd/${place}`, constants.O_WRONLY) };
  } catch {
    // out of descriptors
  }
  closeSync(read);
  return null;
};

export const createChannels = (): Channels => {
  const places: number[] = [];
  let minting: Promise<void> | null = null;
  let isClosed = false;
  const closeAll = () => places.splice(0).forEach((place) => closeSync(place));
  const refill = () =>
    (minting ??= mint(places)
      .catch(() => {}) // commands run all the same
      .finally(() => {
        minting = null;
        if (isClosed) closeAll();
      }));
  const take = (): Channel | null => {
    for (let place = places.shift(); place !== undefined; place = places.shift()) {
      const kept = place;
      const ends = openBoth(kept);
      if (ends === null) closeSync(kept);
      else
        return {
          ...ends,
          giveBack: () => void (isClosed || places.length >= KEPT ? closeSync(kept) : places.push(kept)),
        };
    }
    return null;
  };
  return {
    prepare: async () => {
      if (!isClosed && places.length < ENOUGH) await refill();
    },
    take,
    close: () => {
      isClosed = true;
      closeAll();
    },
  };
};
