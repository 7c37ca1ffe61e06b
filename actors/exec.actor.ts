/**
 * One process, from spawn to exit. The only file that imports execa, which starts hooks; commands are started without it.
 *
 *   in    exec.yield     hand it over to the session, if it still runs and may live there
 *         exec.cancel    stop, politely first: SIGTERM to all of it, SIGKILL after KILL_AFTER_MS or when only the deaf remain
 *         exec.kill      SIGKILL to all of it, now
 *   out   exec.exited    exactly once, whatever happened, when nobody is left; unless the actor was stopped first: never
 *         exec.yielded   instead: it is a background terminal now, and this actor has nothing to do with it any more
 *   bus   exec.printed   the chunks, past the machines: they decide, they do not carry water
 *
 * A command that fails is a result, not an error. This actor has no error path; if it throws, that is a bug.
 * Being stopped is the last resort (XState does not wait for it): SIGKILL goes out before the stop returns.
 */
import { fromCallback } from 'xstate';
import { TERMINAL_OUTPUT_BYTES } from '../machines/limits.ts';
import type { ExecCommand, ExecInput, ExecReport } from '../machines/leaves.ts';
import type { Delta } from '../machines/protocol/index.ts';
import type { Denial, ExecEnding, ExecResult, Spawn } from '../sandbox/plan.ts';
import { createHarvest } from './processes/harvest.ts';
import type { Processes } from './processes/processes.ts';
import { reportFor } from './processes/report.ts';
import type { Resolve } from './gate/addresses.ts';
import { withHosts } from './gate/denied.ts';
import type { Door } from './gate/door.ts';
import { manyWords, talkWords } from './processes/terminal.words.ts';
import type { Terminals } from './processes/terminals.ts';
import { createUnread } from './processes/unread.ts';
import { runProcess, type Began, type Launch, type RunEnd, type Running } from './processes/run.ts';

export interface ExecEffects {
  /**
   * Immediately before a process starts: what is written here is known even if we do not live to see the end. The answer
   * `fenced`: somebody took the session over, and nothing may start here any more. An answer that takes its time is waited for.
   */
  readonly began: (effect: {
    readonly turnId: string;
    readonly callId: string;
    readonly argv: readonly string[];
    readonly cwd: string;
    readonly backend: string;
  }) => Began | Promise<Began>;
  /** After each `began`, once; also when the actor is stopped. */
  readonly ended: (effect: { readonly turnId: string; readonly callId: string; readonly ending: ExecEnding }) => void;
}

export interface ExecDeps {
  /** Waited for before the process starts: what it may change is saved. A cancelled command waits no longer. Never fails. */
  readonly before: (turnId: string, spawn: Spawn) => Promise<void>;
  readonly publish: (delta: Delta) => void;
  readonly denialOf: (spawn: Spawn, ending: ExecEnding, output: string) => Denial | null;
  readonly effects: ExecEffects;
  /** Where long outputs are kept whole; null: nowhere. */
  readonly spillFolder: string | null;
  readonly processes: Processes;
  readonly terminals: Terminals;
  /** How a command's hosts are found; absent: as the system does. */
  readonly resolve?: Resolve;
}

/** Heavy, and slower than what a command needs: for what is started seldom. */
export const loadExeca = () => import('execa');

export const launchWith =
  ({ execa }: Awaited<ReturnType<typeof loadExeca>>): Launch =>
  ({ argv: [file, ...args], cwd }, env, stdio) => {
    const child = execa(file, args, {
      cwd,
      env,
      extendEnv: false, // spawn.env is the whole truth; the default would add ours
      stdio: stdio as readonly ['ignore', 'pipe', 'pipe'], // its types cannot see what is in the list
      buffer: false, //    we keep the ends ourselves, in bounded memory
      encoding: 'buffer',
      stripFinalNewline: false,
      reject: false,
      detached: true, //   its own session: Ctrl-C reaches only us, and the group is ours to end
      cleanup: false, //   nor timeout nor cancelSignal: they end one process, and wait for whoever holds a pipe
    });
    const failure = child.then(({ code, originalMessage }) =>
      child.pid === undefined ? { code, message: originalMessage ?? code ?? 'it did not start' } : null,
    );
    return { process: child.nodeChildProcess, failure };
  };

const launchBy =
  (door: Door): Launch =>
  ({ argv, cwd }, env, stdio) =>
    door.start({ argv, cwd, env, stdio }, 'own');

type Life = Parameters<typeof fromCallback<ExecCommand, ExecInput>>[0];

export const execute =
  ({ before, publish, denialOf, effects, spillFolder, processes, terminals, resolve }: ExecDeps): Life =>
  ({ input: { turnId, callId, spawn }, receive, sendBack }) => {
    const [cancel, kill, stop] = [new AbortController(), new AbortController(), new AbortController()];
    const over = Promise.withResolvers<ExecEnding>();
    const [wanted, yielding] = [new AbortController(), new AbortController()]; // aborted: asked for, and done
    const isStopped = () => stop.signal.aborted;

    const startedAt = performance.now();
    const mark = processes.mark();
    const unread = spawn.terminal === undefined ? null : createUnread(TERMINAL_OUTPUT_BYTES);
    const live: { running: Running | null; isOver: boolean; door: Door | null } = {
      ...{ running: null, isOver: false, door: null },
    };
    const harvest = createHarvest({
      print: (stream, chunk) => {
        if (!isStopped() && !yielding.signal.aborted) publish({ type: 'exec.printed', turnId, callId, stream, chunk });
      },
      also: unread?.add,
      spillFolder,
      spillName: `${mark.word}log`,
    });
    const written = { began: false, ended: false };
    const began = () => {
      const answer = effects.began({ turnId, callId, argv: spawn.argv, cwd: spawn.cwd, backend: spawn.backend });
      written.began = answer !== 'fenced';
      return answer;
    };
    const ended = (ending: ExecEnding) => {
      if (!written.began || written.ended) return;
      written.ended = true;
      effects.ended({ turnId, callId, ending });
    };

    const run = async (): Promise<RunEnd> => {
      const given = AbortSignal.any([cancel.signal, kill.signal, stop.signal]);
      const up = new Promise<void>((resolve) => given.addEventListener('abort', () => resolve(), { once: true }));
      const saved = Promise.race([before(turnId, spawn), up]);
      const [own, gate] = await Promise.all([
        import('./processes/launch.ts'),
        spawn.gate === undefined ? null : import('./gate/door.ts'),
        processes.channels.prepare(),
        saved,
      ]);
      if ([cancel, kill, stop].some(({ signal }) => signal.aborted))
        return { pid: null, endingFor: () => ({ kind: 'cancelled', signal: null }) };
      const stops = { cancel: cancel.signal, kill: kill.signal, stop: stop.signal };
      const onRunning = (running: Running) => {
        live.running = running;
        if (wanted.signal.aborted) queueMicrotask(handOver);
      };
      const door = spawn.gate === undefined || gate === null ? null : gate.openDoor(spawn.gate, resolve);
      live.door = door;
      const launch = door === null ? own.launch : launchBy(door);
      return runProcess({ spawn, processes, mark, harvest, launch, door, began, onRunning, stops });
    };
    const report = ({ pid, endingFor }: RunEnd): ExecReport => {
      const refusal = live.door?.refusal() ?? null;
      if (refusal !== null) harvest.remark(refusal);
      const { output, omittedBytes, totalBytes, lines, spill } = harvest.finish();
      const ending = endingFor(output);
      const mayBeDenied = ending.kind === 'exited' || ending.kind === 'signalled';
      const result: ExecResult = {
        ending,
        output,
        omittedBytes,
        ...(spill === undefined ? {} : { spill }),
        durationMs: performance.now() - startedAt,
        pid,
        denial: mayBeDenied ? withHosts(denialOf(spawn, ending, output), ending, live.door?.refused() ?? []) : null,
        ...(live.door === null ? {} : { network: live.door.passed() }),
      };
      return {
        type: 'exec.exited',
        callId,
        result,
        output: reportFor(result, totalBytes, lines, spawn.terminal?.maxBytes),
      };
    };

    const handOver = () => {
      if (
        unread === null ||
        live.running === null ||
        live.isOver ||
        [cancel, kill, stop, yielding].some(({ signal }) => signal.aborted)
      )
        return;
      yielding.abort();
      const { pid } = live.running;
      const terminalId = terminals.put({
        ...{ word: mark.word, pid, read: unread.take, over: over.promise },
        write: (bytes) => live.running?.input?.write(bytes) ?? null,
        closeInput: () => live.running?.input?.close(),
        interrupt: () => live.running?.interrupt(),
        end: () => cancel.abort(),
        kill: () => kill.abort(),
      });
      const words = { terminalId, ending: null, wallMs: performance.now() - startedAt, said: unread.take() };
      const output = talkWords({
        ...words,
        note: manyWords(terminals.count()),
        maxBytes: spawn.terminal?.maxBytes ?? TERMINAL_OUTPUT_BYTES,
      });
      sendBack({ type: 'exec.yielded', callId, terminalId, pid, output });
    };
    receive(({ type }) => {
      // Not in the middle of the step that asks: its words are heard after it.
      if (type === 'exec.yield') wanted.abort();
      if (type === 'exec.yield') queueMicrotask(handOver);
      else (type === 'exec.kill' ? kill : cancel).abort();
    });

    void run().then((end) => {
      live.isOver = true;
      const words = report(end);
      ended(words.result.ending);
      over.resolve(words.result.ending);
      if (!isStopped() && !yielding.signal.aborted) sendBack(words);
    });
    return () => {
      if (yielding.signal.aborted) return;
      stop.abort();
      ended({ kind: 'cancelled', signal: 'SIGKILL' });
    };
  };

export const createExecActor = (deps: ExecDeps) => fromCallback<ExecCommand, ExecInput>(execute(deps));
