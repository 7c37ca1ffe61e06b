/**
 * The descriptors of one command: what it inherits, and what we read from it. Folders are opened without following a
 * link, so that what was checked is what is mounted.
 */
import { closeSync, constants, openSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import type { Inherited, Spawn } from '../../sandbox/plan.ts';
import type { Channel, Channels } from './channels.ts';
import { inputInto, inputThrough, type Input } from './input.ts';
import { fillPipe, namelessFile, PIPE_BYTES } from './lent.ts';
import { tapDescriptor, tapStream, type Tap } from './taps.ts';

/** What `spawn` is told for one descriptor. */
export type StdioEntry = 'ignore' | 'pipe' | number | Uint8Array;
type Take = (bytes: Uint8Array) => void;

export interface Stdio {
  readonly entries: readonly StdioEntry[];
  /** After the spawn: lets go of what the command has now, and listens. */
  listen(streams: readonly unknown[]): readonly Tap[];
  /** Of a command that is spoken to; null before it listens, and for all others. */
  input(): Input | null;
  /** When all is over: the pipes may serve somebody else. */
  giveBack(): void;
}

/** Linux; Node has no name for it. */
const O_PATH = process.platform === 'linux' ? 0o10000000 : 0;
const FOLDER = O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/** Throws what `open` throws when a folder is gone or is a link. */
export const layStdio = (
  spawn: Spawn,
  takers: { readonly stdout: Take; readonly stderr: Take; readonly status: Take },
  channels: Channels,
  strangers: readonly number[] = [],
): Stdio => {
  const entries: StdioEntry[] = ['ignore'];
  /** Ends that the command has: ours to close once it has them. */
  const theirs: number[] = [];
  const ours: { readonly fd: number; readonly read: number | null; readonly take: Take }[] = [];
  const borrowed: Channel[] = [];
  const spoken: { input: Input | null } = { input: null };

  const borrow = (): Channel | null => {
    const channel = channels.take();
    if (channel !== null) borrowed.push(channel);
    return channel;
  };
  const feed = (fd: number, bytes: Uint8Array) => {
    const channel = fd !== 0 && bytes.length <= PIPE_BYTES ? borrow() : null;
    if (channel !== null) theirs.push(channel.read);
    if (channel !== null && fillPipe(channel, bytes)) {
      entries[fd] = channel.read;
      return;
    }
    const file = namelessFile(bytes);
    if (file !== null) theirs.push(file);
    entries[fd] = file ?? bytes;
  };
  const openInput = () => {
    const channel = borrow();
    const line = channel === null ? null : inputThrough(channel);
    if (line !== null) theirs.push(line.theirs);
    spoken.input = line?.input ?? null;
    entries[0] = line?.theirs ?? 'pipe';
  };
  const hear = (fd: number, take: Take) => {
    const channel = borrow();
    entries[fd] = channel?.write ?? 'pipe';
    ours.push({ fd, read: channel?.read ?? null, take });
    if (channel !== null) theirs.push(channel.write);
  };
  const lend = (inherited: Inherited) => {
    if ('bytes' in inherited) return feed(inherited.fd, Buffer.from(inherited.bytes, inherited.encoding));
    const folder = openSync(inherited.folder, FOLDER);
    theirs.push(folder);
    entries[inherited.fd] = folder;
  };
  /** 'ignore' would leave them as they are: beyond the first three it means "not mine". */
  const cover = () => {
    const bare = strangers.filter((fd) => entries[fd] === undefined);
    if (bare.length === 0) return;
    const nothing = openSync('/dev/null', constants.O_RDWR);
    theirs.push(nothing);
    for (const fd of bare) entries[fd] = nothing;
  };
  const letGo = () => theirs.splice(0).forEach((fd) => closeSync(fd));
  const giveBack = () => {
    spoken.input?.close();
    borrowed.splice(0).forEach((channel) => channel.giveBack());
  };

  try {
    if (spawn.terminal !== undefined) openInput();
    else if (spawn.input !== null) feed(0, Buffer.from(spawn.input));
    hear(1, takers.stdout);
    hear(2, takers.stderr);
    if (spawn.statusFd !== null) hear(spawn.statusFd, takers.status);
    spawn.inherited.forEach(lend);
    cover();
  } catch (error) {
    letGo();
    for (const { read } of ours) if (read !== null) closeSync(read);
    giveBack();
    throw error;
  }
  return {
    entries: Array.from(entries, (entry) => entry ?? 'ignore'),
    listen: (streams) => {
      letGo();
      if (entries[0] === 'pipe') spoken.input = inputInto(streams[0] as Writable);
      return ours.map(({ fd, read, take }) =>
        read === null ? tapStream(streams[fd] as Readable, take) : tapDescriptor(read, take),
      );
    },
    input: () => spoken.input,
    giveBack,
  };
};
