/** Starts a Spawn for the tests of the sandbox, and tells how it ended. Small on purpose: the product has its own actor. */
import { spawn as start, type ChildProcess } from 'node:child_process';
import { closeSync, constants, openSync, rmdirSync } from 'node:fs';
import { Server } from 'node:net';
import { createGate } from '../../actors/gate/gate.ts';
import type { ExecEnding, Inherited, Spawn } from '../../sandbox/plan.ts';

const O_PATH = 0o10000000;

export interface Ran {
  readonly ending: ExecEnding;
  readonly output: string;
}

export interface RunOptions {
  /** Drops root first: the whole sandbox is built by this user. */
  readonly as?: { readonly uid: number; readonly gid: number };
  readonly timeoutMs?: number;
  /** Bytes of output after which the command is ended. */
  readonly maxBytes?: number;
}

const openFolder = (folder: string): number => openSync(folder, O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW);

type Slot = 'pipe' | 'ignore' | 'ipc' | number;

const slots = (spawn: Spawn, folders: ReadonlyMap<number, number>): Slot[] => {
  const last = Math.max(2, spawn.statusFd ?? 2, spawn.gate?.fd ?? 2, ...spawn.inherited.map(({ fd }) => fd));
  return Array.from({ length: last + 1 }, (_, fd): Slot => {
    if (fd === 0) return spawn.input === null ? 'ignore' : 'pipe';
    if (fd === spawn.gate?.fd) return 'ipc';
    const folder = folders.get(fd);
    if (folder !== undefined) return folder;
    return fd < 3 || fd === spawn.statusFd || spawn.inherited.some((part) => part.fd === fd) ? 'pipe' : 'ignore';
  });
};

const feed = (child: ChildProcess, fd: number, bytes: Buffer | string): void => {
  const pipe = child.stdio[fd];
  if (!pipe || !('end' in pipe)) return;
  pipe.on('error', () => {});
  pipe.end(bytes);
};

const isFolder = (part: Inherited): part is Extract<Inherited, { folder: string }> => 'folder' in part;

/** The sandbox is confirmed by an `exit-code` document; without it, it was never built. */
const endingOf = (
  spawn: Spawn,
  code: number | null,
  signal: string | null,
  status: string,
  output: string,
): ExecEnding => {
  if (signal !== null) return { kind: 'signalled', signal };
  if (spawn.statusFd !== null && !status.includes('exit-code')) {
    return { kind: 'setupFailed', reason: output.trim().slice(-500) };
  }
  return { kind: 'exited', code: code ?? -1 };
};

/** `doctor` may change the argv on its way: the mutation check uses it. */
export const runSpawn = (
  spawn: Spawn,
  { as, timeoutMs = 20_000, maxBytes = 4_000_000 }: RunOptions = {},
): Promise<Ran> =>
  new Promise((resolve) => {
    const folders = new Map(spawn.inherited.filter(isFolder).map(({ fd, folder }) => [fd, openFolder(folder)]));
    const [file, ...args] = spawn.argv;
    const child = start(file, args, {
      cwd: spawn.cwd,
      env: spawn.env,
      stdio: slots(spawn, folders),
      detached: true,
      ...(as ?? {}),
    });
    for (const fd of folders.values()) closeSync(fd);
    // Whatever name is listed leads to ourselves: the worst that a resolver can do.
    const gate = spawn.gate ? createGate({ hosts: spawn.gate.hosts, resolve: async () => ['127.0.0.1'] }) : null;
    if (gate) child.on('message', (_, door) => door instanceof Server && gate.serve(door));
    const heard = { output: '', status: '', timedOut: false };
    const kill = (): void => {
      child.kill('SIGKILL');
      // Who owns no descendants leaves them alive, and they hold the output.
      if (!spawn.ownsDescendants && child.pid !== undefined) killGroup(child.pid);
    };
    const timer = setTimeout(() => {
      heard.timedOut = true;
      kill();
    }, timeoutMs);
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (chunk: string) => {
        if (heard.output.length < maxBytes) heard.output += chunk;
        else kill();
      });
    }
    for (const part of spawn.inherited)
      if (!isFolder(part)) feed(child, part.fd, Buffer.from(part.bytes, part.encoding));
    if (spawn.input !== null) feed(child, 0, spawn.input);
    const status = spawn.statusFd === null ? null : child.stdio[spawn.statusFd];
    if (status && 'setEncoding' in status)
      status.setEncoding('utf8').on('data', (chunk: string) => (heard.status += chunk));
    const finish = (ending: ExecEnding): void => {
      clearTimeout(timer);
      gate?.close();
      for (const path of spawn.residue) removeEmpty(path);
      resolve({ ending, output: heard.output });
    };
    child.on('error', (error) => finish({ kind: 'unstarted', reason: error.message }));
    child.on('close', (code, signal) =>
      finish(
        heard.timedOut
          ? { kind: 'timedOut', afterMs: timeoutMs }
          : endingOf(spawn, code, signal, heard.status, heard.output),
      ),
    );
  });

const killGroup = (pid: number): void => {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // All of it has ended.
  }
};

const removeEmpty = (path: string): void => {
  try {
    rmdirSync(path);
  } catch {
    // It was never made, or somebody else's sandbox has removed it.
  }
};
