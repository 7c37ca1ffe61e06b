/**
 * The life of one process: laid out, started, watched, ended, and cleared away. It is over when nobody is left; how it
 * began and what became of it is returned, never thrown.
 */
import type { ChildProcess } from 'node:child_process';
import { DRAIN_MS } from '../../machines/deadlines.ts';
import type { ExecEnding, Spawn } from '../../sandbox/plan.ts';
import type { Door } from '../gate/door.ts';
import { endingOf, unstarted, type Facts, type StartFailure } from './ending.ts';
import { gripOf, gripOfNamespace } from './grip.ts';
import type { Harvest } from './harvest.ts';
import { HUNT_MS } from './hunt.ts';
import type { Input } from './input.ts';
import { MARK, type Processes } from './processes.ts';
import { lastPid } from './procfs.ts';
import { readStatus, STATUS_CHARS } from './status.ts';
import { layStdio, type Stdio, type StdioEntry } from './stdio.ts';
import { allEnded } from './taps.ts';
import { patiently } from './wait.ts';

/** `failure`: why there is no process; resolves with null once there has been one. */
export type Launch = (
  spawn: Spawn,
  env: Readonly<Record<string, string>>,
  stdio: readonly StdioEntry[],
) => { readonly process: ChildProcess; readonly failure: Promise<StartFailure | null> };

/** Whether it may start: nobody else has the session by now. */
export type Began = 'mayStart' | 'fenced';

export interface Running {
  readonly pid: number;
  readonly input: Input | null;
  readonly interrupt: () => void;
}

export interface RunPorts {
  readonly spawn: Spawn;
  readonly processes: Processes;
  readonly mark: { readonly word: string; readonly value: string };
  readonly harvest: Harvest;
  readonly launch: Launch;
  /** Where the network is a list of hosts. */
  readonly door: Door | null;
  readonly began: () => Began | Promise<Began>;
  /** It runs, and whoever is interested may speak to it. */
  readonly onRunning?: (running: Running) => void;
  /** Politely; at once; and at once, synchronously, with nobody listening any more. */
  readonly stops: { readonly cancel: AbortSignal; readonly kill: AbortSignal; readonly stop: AbortSignal };
}

export interface RunEnd {
  readonly pid: number | null;
  /** Asks for the output, because a sandbox that fails says why on the streams of the command. */
  readonly endingFor: (output: string) => ExecEnding;
}

const FENCED = 'this session was taken over by another process; nothing is started here any more';
const wordsOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

export const runProcess = async (ports: RunPorts): Promise<RunEnd> => {
  const { spawn, processes, mark, harvest, door, stops } = ports;
  let status = '';
  let stdio: Stdio;
  try {
    const hear = (bytes: Uint8Array) => {
      if (status.length < STATUS_CHARS) status += Buffer.from(bytes).toString('latin1');
    };
    stdio = layStdio(
      spawn,
      { stdout: harvest.stdout, stderr: harvest.stderr, status: hear },
      processes.channels,
      processes.strangers(),
    );
  } catch (error) {
    return { pid: null, endingFor: () => ({ kind: 'setupFailed', reason: wordsOf(error) }) };
  }
  if (!spawn.ownsDescendants) processes.guardian.wake();
  const takeResidueAway = processes.residue.expect(spawn.residue);
  const [after, since] = [lastPid(), performance.now()];

  const asked = ports.began();
  const began = typeof asked === 'string' ? asked : await asked;
  const isUnwanted = Object.values(stops).some(({ aborted }) => aborted); // while it was waited for
  if (began === 'fenced' || isUnwanted) {
    stdio.giveBack();
    takeResidueAway();
    const ending: ExecEnding =
      began === 'fenced' ? { kind: 'setupFailed', reason: FENCED } : { kind: 'cancelled', signal: null };
    return { pid: null, endingFor: () => ending };
  }
  const { process: child, failure } = ports.launch(spawn, { [MARK]: mark.value, ...spawn.env }, stdio.entries);
  const taps = stdio.listen(child.stdio);
  const leader = child.pid;
  if (leader === undefined) {
    for (const tap of taps) tap.close();
    stdio.giveBack();
    takeResidueAway();
    const why = (await failure) ?? { message: 'nobody says why it did not start' };
    return { pid: null, endingFor: () => unstarted(spawn, why) };
  }

  let exit: Pick<Facts, 'code' | 'signal'> | null = null;
  let cause: Facts['cause'] = null;
  const exited = new Promise<void>((resolve) => {
    child.once('exit', (code, signal) => {
      exit = { code, signal };
      resolve();
    });
  });
  const grip = spawn.ownsDescendants
    ? gripOfNamespace(
        leader,
        () => exit !== null,
        () => readStatus(status).childPid,
      )
    : gripOf({ leader, mark: mark.word, after, since });
  const forget = processes.remember(grip.kill, mark.word);
  ports.onRunning?.({ pid: leader, input: stdio.input(), interrupt: grip.interrupt });
  const unwatch = spawn.ownsDescendants ? () => {} : processes.guardian.watch(leader);

  const ended = Promise.withResolvers<void>();
  const end = (why: 'cancelled' | 'timedOut') => {
    if (cause !== null || exit !== null) return;
    cause = why;
    void grip.end(stops.kill).then(ended.resolve);
  };
  const onCancel = () => end('cancelled');
  const onKill = () => {
    grip.kill();
    end('cancelled');
  };
  stops.cancel.addEventListener('abort', onCancel);
  stops.kill.addEventListener('abort', onKill);
  stops.stop.addEventListener('abort', grip.kill);
  const shut = () => door?.shut();
  stops.stop.addEventListener('abort', shut);
  const clock = setTimeout(end, spawn.timeoutMs, 'timedOut');

  // What cannot be killed is given up, a moment after the last attempt.
  await Promise.race([exited, ended.promise.then(() => patiently(exited, HUNT_MS / 4))]);
  clearTimeout(clock);
  if (cause !== null) await ended.promise;
  // Whoever still writes may finish a sentence: `tee` behind `>(…)` does. Then nobody is left, and so no writer.
  await patiently(allEnded(taps), DRAIN_MS, AbortSignal.any([stops.cancel, stops.kill, stops.stop]));
  await grip.clear();
  await patiently(allEnded(taps), DRAIN_MS);
  for (const tap of taps) tap.close();
  const wasReached = door === null || (await door.wasReached());
  shut();

  stops.cancel.removeEventListener('abort', onCancel);
  stops.kill.removeEventListener('abort', onKill);
  stops.stop.removeEventListener('abort', grip.kill);
  stops.stop.removeEventListener('abort', shut);
  forget();
  unwatch();
  stdio.giveBack();
  takeResidueAway();
  const { code, signal } = exit ?? { code: null, signal: null };
  return {
    pid: leader,
    endingFor: (output) =>
      endingOf(spawn, {
        cause,
        code,
        signal,
        status: spawn.statusFd === null ? null : { ...readStatus(status), ...(wasReached ? {} : { exitCode: null }) },
        output,
      }),
  };
};
