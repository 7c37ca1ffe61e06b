/**
 * Starts a confined command on our own terminal, and ends as it ends. For a person who tries the sandbox out, so unlike a
 * command of the model it has our stdin and no time limit. Ctrl-C reaches it by itself; SIGTERM and SIGHUP are passed on.
 */
import { spawn as start } from 'node:child_process';
import { closeSync, constants as files, openSync } from 'node:fs';
import { constants } from 'node:os';
import { openDoor } from '../actors/gate/door.ts';
import { createResidue } from '../actors/processes/residue.ts';
import { readStatus } from '../actors/processes/status.ts';
import type { Spawn } from '../sandbox/plan.ts';
import { EXIT } from './exit-code.ts';
import type { Surroundings } from './mode.ts';

/** As a shell reports it. */
const codeOfSignal = (signal: NodeJS.Signals): number => 128 + (constants.signals[signal] ?? 0);
const NOT_FOUND = 127;

export const runSpawn = (spawn: Spawn, { streams, stop, takeInterrupts }: Surroundings): Promise<number> =>
  new Promise((resolve) => {
    const [file, ...args] = spawn.argv;
    const removeResidue = createResidue().expect(spawn.residue);
    const opened: number[] = [];
    const highest = Math.max(2, spawn.statusFd ?? 2, ...spawn.inherited.map(({ fd }) => fd));
    const stdio = Array.from({ length: highest + 1 }, (_, fd) => {
      if (fd <= 2) return 'inherit' as const;
      const part = spawn.inherited.find((inherited) => inherited.fd === fd);
      if (part === undefined || 'bytes' in part)
        return fd === spawn.statusFd || part ? ('pipe' as const) : ('ignore' as const);
      opened.push(openSync(part.folder, files.O_RDONLY | files.O_DIRECTORY));
      return opened.at(-1) ?? ('ignore' as const);
    });
    const door = spawn.gate === undefined ? null : openDoor(spawn.gate);
    const child =
      door?.start({ argv: spawn.argv, cwd: spawn.cwd, env: spawn.env, stdio }, 'ours').process ??
      start(file, args, { cwd: spawn.cwd, env: spawn.env, stdio });
    for (const fd of opened) closeSync(fd);

    for (const part of spawn.inherited) {
      const pipe = child.stdio[part.fd];
      if (!('bytes' in part) || !pipe || !('end' in pipe)) continue;
      pipe.on('error', () => undefined); // it ended before it read; its exit tells
      pipe.end(Buffer.from(part.bytes, part.encoding));
    }
    const said = { status: '' };
    const status = spawn.statusFd === null ? null : child.stdio[spawn.statusFd];
    status?.on('data', (chunk: Buffer) => (said.status += chunk.toString()));

    const giveBack = takeInterrupts(() => undefined); // the terminal sends Ctrl-C to the command too; it decides
    stop.addEventListener('abort', () => child.kill('SIGTERM'), { once: true });
    const finish = (code: number): void => {
      const refusal = door?.refusal() ?? null;
      if (refusal !== null) streams.err(`${refusal}\n`);
      door?.shut();
      giveBack();
      removeResidue();
      resolve(code);
    };
    child.on('error', (error) => {
      streams.err(`turnstile: ${error.message}\n`);
      finish(NOT_FOUND);
    });
    child.on('close', (code, signal) => {
      if (spawn.statusFd !== null && !stop.aborted && signal === null && readStatus(said.status).exitCode === null) {
        streams.err('turnstile: the sandbox could not be built; turnstile doctor says why\n');
        return finish(EXIT.sandbox);
      }
      finish(signal === null ? (code ?? EXIT.failed) : codeOfSignal(signal));
    });
  });
