/**
 * One hook's process. It lives like a command: in a group of its own, marked and guarded, ended politely and then not, and
 * it is over when nobody of it is left.
 */
import { HOOK_OUTPUT_BYTES } from '../../machines/limits.ts';
import type { Spawn } from '../../sandbox/plan.ts';
import { launchWith, loadExeca } from '../exec.actor.ts';
import type { Processes } from '../processes/processes.ts';
import { runProcess, type RunPorts } from '../processes/run.ts';
import type { Ended } from './verdict.ts';

export interface RunHook {
  readonly spawn: Spawn;
  readonly processes: Processes;
  /** Immediately before it starts; `fenced`: nothing may start here any more. */
  readonly began: (word: string) => ReturnType<RunPorts['began']>;
  readonly signals: { readonly cancel: AbortSignal; readonly stop: AbortSignal };
}

/** What is printed, up to the limit of both streams together. */
const createPrints = (onTooMuch: () => void) => {
  const parts = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  const total = { bytes: 0 };
  const hear = (stream: keyof typeof parts) => (bytes: Uint8Array) => {
    total.bytes += bytes.length;
    if (total.bytes > HOOK_OUTPUT_BYTES) return onTooMuch();
    parts[stream].push(Buffer.from(bytes)); // they are only lent
  };
  return {
    stdout: hear('stdout'),
    stderr: hear('stderr'),
    isTooLong: () => total.bytes > HOOK_OUTPUT_BYTES,
    textOf: (stream: keyof typeof parts) => Buffer.concat(parts[stream]).toString('utf8'),
  };
};

export const runHook = async ({ spawn, processes, began, signals }: RunHook): Promise<Ended> => {
  const kill = new AbortController();
  const prints = createPrints(() => kill.abort());
  const [execa] = await Promise.all([loadExeca(), processes.channels.prepare()]);
  if (signals.cancel.aborted || signals.stop.aborted)
    return { ending: { kind: 'cancelled', signal: null }, stdout: '', stderr: '', isTooLong: false };
  const mark = processes.mark();
  const { endingFor } = await runProcess({
    ...{ spawn, processes, mark, began: () => began(mark.word), door: null, launch: launchWith(execa) },
    harvest: {
      ...{ stdout: prints.stdout, stderr: prints.stderr, remark: () => {} },
      finish: () => ({ output: '', omittedBytes: 0, totalBytes: 0, lines: 0, spill: undefined }),
    },
    stops: { cancel: signals.cancel, kill: kill.signal, stop: signals.stop },
  });
  const stderr = prints.textOf('stderr');
  return { ending: endingFor(stderr), stdout: prints.textOf('stdout'), stderr, isTooLong: prints.isTooLong() };
};
