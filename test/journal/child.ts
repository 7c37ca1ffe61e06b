/** Starts the journalling process and reads what it tells, line by line. */
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';

export interface Child {
  readonly process: ChildProcess;
  readonly pid: number;
  /** Everything it has told so far; complete once `ended` has come. */
  readonly told: string[];
  /** The first line that fits; told already, or still to come. */
  readonly tells: (fits: (line: string) => boolean) => Promise<string>;
  readonly ended: Promise<void>;
}

export const startChild = (args: readonly string[], prefix: readonly string[] = []): Child => {
  const script = join(import.meta.dirname, 'writer.process.ts');
  const [file, ...rest] = [...prefix, process.execPath, script, ...args] as [string, ...string[]];
  const child = spawn(file, rest, { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const told: string[] = [];
  const waiting = new Set<() => void>();
  createInterface(child.stdout).on('line', (line) => {
    told.push(line);
    for (const look of waiting) look();
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const tells = (fits: (line: string) => boolean) =>
    new Promise<string>((resolve, reject) => {
      const look = () => {
        const line = told.find(fits);
        if (line === undefined) return;
        waiting.delete(look);
        resolve(line);
      };
      waiting.add(look);
      void ended.then(() => reject(new Error(`it ended before it told: ${told.slice(-3).join(' | ')}`)));
      look();
    });
  return { process: child, pid: child.pid ?? 0, told, tells, ended };
};

export const fileOf = async (child: Child): Promise<string> =>
  (await child.tells((line) => line.startsWith('file '))).slice('file '.length);
/** The highest number that it says is written. */
export const written = ({ told }: Child): number =>
  Math.max(0, ...told.filter((line) => line.startsWith('written ')).map((line) => Number(line.split(' ')[1])));
