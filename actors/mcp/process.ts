/**
 * The process of a server that speaks through its standard streams. It lives like a command: in a group of its own, marked
 * and guarded, so that nothing of it is left when it is told to end, or when we are killed. No sandbox holds it: the user
 * named it in the configuration, and it is theirs.
 */
import { spawn as start } from 'node:child_process';
import { MCP_MESSAGE_BYTES } from '../../machines/limits.ts';
import type { ExecEnding, Spawn } from '../../sandbox/plan.ts';
import { createKept } from '../processes/kept.ts';
import type { Processes } from '../processes/processes.ts';
import { runProcess, type Launch } from '../processes/run.ts';
import { createLines } from './lines.ts';
import type { McpServerConfig } from './words.ts';

/** It lives as long as the session; a timer holds no more than this. Milliseconds. */
const LIFE_MS = 2_147_483_647;
/** What it said on standard error, first and last half, for whoever asks why it ended. Bytes. */
const KEPT_BYTES = 2_048;

export interface ServerProcess {
  write(line: string): void;
  /** Politely first. */
  end(): void;
  /** SIGKILL, before this returns; it says nothing any more. */
  kill(): void;
}

export interface ServerPorts {
  readonly how: Extract<McpServerConfig['how'], { kind: 'stdio' }>;
  readonly processes: Processes;
  readonly onLine: (line: string) => void;
  /** Once, when nobody of it is left. */
  readonly onEnd: (why: string) => void;
}

const spawnOf = ({ argv, cwd, env }: ServerPorts['how']): Spawn => ({
  ...{ argv, cwd, env, timeoutMs: LIFE_MS, input: null, backend: 'direct' },
  ...{ inherited: [], statusFd: null, ownsDescendants: false, residue: [] },
  inWords: { backend: 'direct', sandbox: 'none' },
});

const inWords = (ending: ExecEnding): string => {
  switch (ending.kind) {
    case 'exited':
      return `its process ended with code ${ending.code}`;
    case 'signalled':
      return `its process was ended by ${ending.signal}`;
    case 'unstarted':
    case 'setupFailed':
      return `it could not be started: ${ending.reason}`;
    case 'timedOut':
    case 'cancelled':
    case 'unknown':
      return 'its process ended';
  }
};

export const startServer = ({ how, processes, onLine, onEnd }: ServerPorts): ServerProcess => {
  const [cancel, kill, stop] = [new AbortController(), new AbortController(), new AbortController()];
  const isStopped = () => stop.signal.aborted;
  const grumbling = createKept(KEPT_BYTES);
  const fault = { words: null as string | null };
  const blame = (words: string) => {
    fault.words ??= words;
    kill.abort();
  };
  const lines = createLines((line) => {
    if (!isStopped()) onLine(line);
  }, MCP_MESSAGE_BYTES);
  /** What is said before there is a process. */
  const early: string[] = [];
  const live: { write: (text: string) => void; closeInput: () => void } = {
    write: (text) => void early.push(text),
    closeInput: () => {},
  };

  const launch: Launch = ({ argv: [file, ...args], cwd }, env, stdio) => {
    const child = start(file, args, {
      cwd,
      env: { ...env },
      stdio: ['pipe', ...stdio.slice(1)] as ['pipe', 'pipe', 'pipe'], // its types cannot see what is in the list
      detached: true, // its own session, as that of a command
    });
    const input = child.stdin;
    input.on('error', () => {}); // it is gone; its end is on its way
    live.write = (text) => {
      if (!input.writable) return;
      input.write(text);
      if (input.writableLength > MCP_MESSAGE_BYTES) blame('it does not read what it is asked');
    };
    live.closeInput = () => void input.end();
    for (const text of early.splice(0)) live.write(text);
    const failure = new Promise<{ readonly message: string; readonly code?: string } | null>((resolve) => {
      child.once('spawn', () => resolve(null));
      child.once('error', (error: NodeJS.ErrnoException) =>
        resolve({ message: error.message, ...(error.code === undefined ? {} : { code: error.code }) }),
      );
    });
    return { process: child, failure };
  };

  const run = async (): Promise<string> => {
    await processes.channels.prepare();
    if ([cancel, kill, stop].some(({ signal }) => signal.aborted)) return 'its process ended';
    const { endingFor } = await runProcess({
      spawn: spawnOf(how),
      processes,
      mark: processes.mark(),
      harvest: {
        stdout: (bytes) => {
          if (!lines.add(bytes)) blame(`it sent a line of more than ${MCP_MESSAGE_BYTES} characters`);
        },
        stderr: (bytes) => grumbling.add(bytes),
        remark: () => {},
        finish: () => ({ output: '', omittedBytes: 0, totalBytes: 0, lines: 0, spill: undefined }),
      },
      launch,
      door: null,
      began: () => 'mayStart',
      stops: { cancel: cancel.signal, kill: kill.signal, stop: stop.signal },
    });
    const said = grumbling.text().trim();
    return `${fault.words ?? inWords(endingFor(''))}${said === '' ? '' : `; it said: ${said}`}`;
  };

  void run().then((why) => {
    if (!isStopped()) onEnd(why);
  });
  return {
    write: (line) => live.write(`${line}\n`),
    end: () => {
      live.closeInput();
      cancel.abort();
    },
    kill: () => stop.abort(),
  };
};
