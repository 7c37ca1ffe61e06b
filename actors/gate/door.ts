/**
 * The gate of one command, from outside: it is started with a line on which it hands over what it listens on, and from
 * then on whoever comes there is served by the gate. One door a run; it is shut with it.
 */
import { ChildProcess, spawn as start } from 'node:child_process';
import { Server } from 'node:net';
import { PassThrough } from 'node:stream';
import type { ExecResult, Gate as GateData } from '../../sandbox/plan.ts';
import { resolveBySystem, type Resolve } from './addresses.ts';
import { createGate } from './gate.ts';
import { SETTLE_MS } from './limits.ts';

type StdioEntry = 'ignore' | 'pipe' | 'inherit' | number | Uint8Array | undefined;

interface Program {
  readonly argv: readonly [file: string, ...args: string[]];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly stdio: readonly StdioEntry[];
}

export interface Started {
  readonly process: ChildProcess;
  /** Null once there has been a process. */
  readonly failure: Promise<{ readonly code?: string | undefined; readonly message: string } | null>;
}

export interface Door {
  /** Starts the program in a session of its own, or not, with the line where the plan wants it. */
  start(program: Program, session: 'own' | 'ours'): Started;
  /** After its end: whether the command itself ever ran. Otherwise all that was said, the launcher said. */
  wasReached(): Promise<boolean>;
  /** In words, for who reads the output; null: nobody was refused. */
  refusal(): string | null;
  /** Hosts, each with its port, that were refused and are not in the list. */
  refused(): readonly string[];
  /** What became of all that the command asked for. */
  passed(): NonNullable<ExecResult['network']>;
  /** Ends every connection before it returns. */
  shut(): void;
}

const failed = (error: unknown): { readonly code?: string; readonly message: string } => {
  const { code, message } = error instanceof Error ? (error as NodeJS.ErrnoException) : { message: String(error) };
  return { message, ...(code === undefined ? {} : { code }) };
};

/** A process that never was, so that there is one thing only to look at. */
const nobody = (streams: number): ChildProcess =>
  Object.assign(new ChildProcess(), { stdio: Array.from({ length: streams }, () => new PassThrough()) });

export const openDoor = ({ fd, hosts, except }: GateData, resolve: Resolve = resolveBySystem): Door => {
  const gate = createGate({ hosts, except, resolve });
  const line = Promise.withResolvers<void>();
  const heard = { handed: false, other: false };

  const attend = (child: ChildProcess) => {
    child.on('message', (_, handle) => {
      if (handle instanceof Server) {
        heard.handed = true;
        gate.serve(handle);
      } else heard.other = true;
    });
    child.once('disconnect', line.resolve);
  };

  return {
    start: ({ argv: [file, ...args], cwd, env, stdio }, session) => {
      const bytes = stdio.map((entry) => (entry instanceof Uint8Array ? entry : null));
      const entries = Array.from({ length: Math.max(stdio.length, fd + 1) }, (_, at) =>
        at === fd ? ('ipc' as const) : bytes[at] ? ('pipe' as const) : ((stdio[at] ?? 'ignore') as 'pipe'),
      );
      try {
        const child = start(file, args, { cwd, env, stdio: entries, detached: session === 'own' });
        attend(child);
        const failure = Promise.withResolvers<ReturnType<typeof failed> | null>();
        child.once('spawn', () => failure.resolve(null));
        child.on('error', (error) => failure.resolve(failed(error)));
        for (const [at, part] of bytes.entries()) {
          const pipe = part === null ? null : child.stdio[at];
          if (!pipe || !('end' in pipe)) continue;
          pipe.on('error', () => {}); // it ended before it read; its exit tells
          pipe.end(part);
        }
        return { process: child, failure: failure.promise };
      } catch (error) {
        return { process: nobody(entries.length), failure: Promise.resolve(failed(error)) };
      }
    },
    wasReached: async () => {
      const late = setTimeout(line.resolve, SETTLE_MS);
      await line.promise;
      clearTimeout(late);
      return heard.handed && !heard.other;
    },
    refused: gate.refused,
    passed: () => ({ contacted: gate.contacted(), refused: gate.turnedAway() }),
    refusal: () => {
      const unlisted = gate.refused();
      const others = gate.turnedAway().filter((host) => !unlisted.includes(host));
      const told = [
        ...(unlisted.length === 0 ? [] : [`${unlisted.join(', ')}: not in the list of hosts (network_access)`]),
        ...(others.length === 0 ? [] : [`${others.join(', ')}: forbidden by a rule, or no public address`]),
      ];
      return told.length === 0 ? null : `turnstile: the sandbox refused ${told.join('; ')}`;
    },
    shut: gate.close,
  };
};
