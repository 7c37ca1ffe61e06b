/**
 * The descriptors of one command: what it inherits, and what we read from it. Bytes for it go into a pipe before it
 * starts, whole and with the end behind them; only more than a pipe holds is fed while it runs.
 * Folders are opened without following a link, so that what was checked is what is mounted.
 */
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import type { Readable } from 'node:stream';
import type { Inherited, Spawn } from '../../sandbox/plan.ts';
import { closeChannel, type Channel, type Channels } from './channels.ts';
import { tapDescriptor, tapStream, type Tap } from './taps.ts';

/** What `spawn` is told for one descriptor. */
export type StdioEntry = 'ignore' | 'pipe' | number | Uint8Array;
type Take = (bytes: Uint8Array) => void;

export interface Stdio {
  readonly entries: readonly StdioEntry[];
  /** After the spawn: lets go of what the command has now, and listens. */
  listen(streams: readonly unknown[]): readonly Tap[];
  /** Instead of a spawn. */
  discard(): void;
}

/** Linux; Node has no name for it. */
const O_PATH = process.platform === 'linux' ? 0o10000000 : 0;
const FOLDER = O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/** What a pipe holds on Linux. */
const PIPE_BYTES = 64 * 1024;

/** Writes without waiting (opened anew, because the other end of the channel waits): what is not taken at once is too much. */
const fits = ({ read }: Channel, bytes: Uint8Array): boolean => {
  try {
    const write = openSync(`/proc/self/fd/${read}`, constants.O_WRONLY | constants.O_NONBLOCK);
    try {
      return writeSync(write, bytes) === bytes.length;
    } finally {
      closeSync(write);
    }
  } catch {
    return false;
  }
};

/** Throws what `open` throws when a folder is gone or is a link. */
export const layStdio = (
  spawn: Spawn,
  takers: { readonly stdout: Take; readonly stderr: Take; readonly status: Take },
  channels: Channels,
): Stdio => {
  const entries: StdioEntry[] = ['ignore'];
  const theirs: number[] = [];
  const ours: { readonly fd: number; readonly channel: Channel | null; readonly take: Take }[] = [];

  const feed = (fd: number, bytes: Uint8Array) => {
    entries[fd] = bytes;
    const channel = bytes.length <= PIPE_BYTES ? channels.take() : null;
    if (channel === null) return;
    if (fits(channel, bytes)) {
      closeSync(channel.write);
      entries[fd] = channel.read;
      theirs.push(channel.read);
    } else closeChannel(channel);
  };
  const hear = (fd: number, take: Take) => {
    const channel = channels.take();
    entries[fd] = channel?.write ?? 'pipe';
    ours.push({ fd, channel, take });
    if (channel !== null) theirs.push(channel.write);
  };
  const lend = (inherited: Inherited) => {
    if ('bytes' in inherited) return feed(inherited.fd, Buffer.from(inherited.bytes, inherited.encoding));
    entries[inherited.fd] = openSync(inherited.folder, FOLDER);
    theirs.push(entries[inherited.fd] as number);
  };
  const letGo = () => theirs.splice(0).forEach((fd) => closeSync(fd));
  const discard = () => {
    letGo();
    for (const { channel } of ours) if (channel !== null) closeSync(channel.read);
  };

  try {
    if (spawn.input !== null) feed(0, Buffer.from(spawn.input));
    hear(1, takers.stdout);
    hear(2, takers.stderr);
    if (spawn.statusFd !== null) hear(spawn.statusFd, takers.status);
    spawn.inherited.forEach(lend);
  } catch (error) {
    discard();
    throw error;
  }
  return {
    entries: Array.from(entries, (entry) => entry ?? 'ignore'),
    listen: (streams) => {
      letGo();
      return ours.map(({ fd, channel, take }) =>
        channel === null ? tapStream(streams[fd] as Readable, take) : tapDescriptor(channel.read, take),
      );
    },
    discard,
  };
};
