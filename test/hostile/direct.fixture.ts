/** Runs the attempts of `attempts/direct.ts` through the real actor, as whoever started this program, and prints a line of JSON each. */
import { randomInt } from 'node:crypto';
import { createProcesses } from '../../actors/processes/processes.ts';
import { direct as backend } from '../../sandbox/backends/direct.backend.ts';
import { findHost, survey } from '../../sandbox/host.ts';
import type { Command } from '../../sandbox/plan.ts';
import { alive, run } from '../processes/bench.ts';
import { direct } from './attempts/direct.ts';

const FULL = { kind: 'fullAccess' } as const;
/** What no attempt may take longer than, with all that is to be ended. Milliseconds. */
const PATIENCE_MS = 60_000;

const host = findHost();
const processes = createProcesses();

for (const { name, script, timeoutMs = 20_000 } of direct) {
  const seconds = `1${randomInt(1_000, 9_999)}.${randomInt(100, 999)}`;
  const command: Command = {
    ...{ argv: ['/bin/bash', '-c', script] as const, cwd: '/', timeoutMs, input: null },
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', SECONDS_: seconds },
  };
  const spawn = backend.confine(command, FULL, survey(FULL, '/', host), host);
  const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), PATIENCE_MS).unref());
  const ended = await Promise.race([run(spawn, processes), late]);
  const left = alive(seconds);
  const broken = ended === null ? 'it did not end' : left.length > 0 ? `left: ${left.join(' ')}` : null;
  for (const pid of left) process.kill(pid, 'SIGKILL');
  console.log(JSON.stringify({ name, broken, ending: ended?.result.ending.kind ?? null }));
}
processes.close();
