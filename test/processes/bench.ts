/** What the tests of processes share: one command through the real actor, and looks at /proc. */
import { readdirSync, readFileSync } from 'node:fs';
import { createActor, setup } from 'xstate';
import { createExecActor, type ExecDeps } from '../../actors/exec.actor.ts';
import { createTerminals } from '../../actors/processes/terminals.ts';
import type { Processes } from '../../actors/processes/processes.ts';
import type { ExecCommand, ExecReport } from '../../machines/leaves.ts';
import type { Delta } from '../../machines/protocol/index.ts';
import type { Spawn } from '../../sandbox/plan.ts';

export const PATH = '/usr/local/bin:/usr/bin:/bin';

export const spawnOf = (argv: readonly string[], more: Partial<Spawn> = {}): Spawn => ({
  argv: argv as [string, ...string[]],
  cwd: '/tmp',
  env: { PATH },
  timeoutMs: 20_000,
  input: null,
  backend: 'direct',
  inherited: [],
  statusFd: null,
  ownsDescendants: false,
  residue: [],
  inWords: {} as Spawn['inWords'],
  ...more,
});
export const bash = (script: string, more: Partial<Spawn> = {}): Spawn => spawnOf(['/bin/bash', '-c', script], more);

export interface Started {
  readonly report: Promise<ExecReport>;
  readonly reports: readonly ExecReport[];
  readonly deltas: readonly Delta[];
  readonly effects: readonly string[];
  readonly send: (command: ExecCommand) => void;
  /** Stops the actor as a machine would. */
  readonly stop: () => void;
  /** Resolves when the output so far contains the text. */
  readonly printed: (text: string) => Promise<void>;
}

export const start = (spawn: Spawn, processes: Processes, more: Partial<ExecDeps> = {}): Started => {
  const deltas: Delta[] = [];
  const effects: string[] = [];
  const reports: ExecReport[] = [];
  const report = Promise.withResolvers<ExecReport>();
  const waiting: (() => void)[] = [];
  const text = () => deltas.map((delta) => (delta.type === 'exec.printed' ? delta.chunk : '')).join('');
  const exec = createExecActor({
    before: () => Promise.resolve(),
    publish: (delta) => {
      deltas.push(delta);
      for (const look of waiting) look();
    },
    denialOf: () => null,
    effects: {
      began: ({ callId }) => {
        effects.push(`began ${callId}`);
        return 'mayStart';
      },
      ended: ({ callId, ending }) => effects.push(`ended ${callId} ${ending.kind}`),
    },
    spillFolder: null,
    terminals: createTerminals(),
    processes,
    ...more,
  });
  const machine = setup({
    types: { events: {} as ExecCommand | ExecReport },
    actors: { exec },
  }).createMachine({
    invoke: { id: 'exec', src: 'exec', input: { turnId: 't', callId: 'c', spawn } },
    on: {
      'exec.exited': {
        actions: ({ event }) => {
          reports.push(event);
          report.resolve(event);
        },
      },
      'exec.cancel': { actions: ({ self, event }) => self.getSnapshot().children['exec']?.send(event) },
      'exec.kill': { actions: ({ self, event }) => self.getSnapshot().children['exec']?.send(event) },
    },
  });
  const actor = createActor(machine);
  actor.subscribe({ error: report.reject });
  actor.start();
  return {
    report: report.promise,
    reports,
    deltas,
    effects,
    send: (command) => actor.send(command),
    stop: () => actor.stop(),
    printed: (wanted) =>
      new Promise((resolve) => {
        const look = () => {
          if (text().includes(wanted)) resolve();
        };
        waiting.push(look);
        look();
      }),
  };
};

export const run = (spawn: Spawn, processes: Processes, more: Partial<ExecDeps> = {}): Promise<ExecReport> =>
  start(spawn, processes, more).report;

/** Living processes whose command line contains the text. */
export const alive = (text: string): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => {
      try {
        const words = readFileSync(`/proc/${pid}/cmdline`, 'latin1');
        return words.includes(text) && !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
      } catch {
        return false;
      }
    })
    .map(Number);

/** Waits for a fact; false when it does not become one in time. */
export const becomes = async (isSo: () => boolean, withinMs: number): Promise<boolean> => {
  for (const deadline = performance.now() + withinMs; ; await new Promise((resolve) => setTimeout(resolve, 10))) {
    if (isSo()) return true;
    if (performance.now() > deadline) return false;
  }
};

export const openDescriptors = (): number => readdirSync('/proc/self/fd').length;
