import { openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { input, newHome, open, say } from './story.ts';

const COUNT = 20_000;
/** Microseconds for one. */
const timeOf = (work: () => void): number => {
  const start = performance.now();
  for (let n = 0; n < COUNT; n++) work();
  return ((performance.now() - start) / COUNT) * 1000;
};
const middle = (times: readonly number[]): number => times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;

it('a small record costs a small multiple of one bare write', () => {
  const home = newHome();
  const journal = open(home);
  journal.append(say('a', 'go'));
  const record = input(
    { type: 'exec.exited', callId: 'c', output: 'hello\n', durationMs: 3 } as { type: string },
    'session/turn',
  );
  const bare = openSync(join(home, 'bare'), 'a');
  const line = `${JSON.stringify({ seq: 1000, t: 1_700_000_000_000, ...record })}\n`;
  const rounds = Array.from({ length: 7 }, () => [
    timeOf(() => void writeSync(bare, line)),
    timeOf(() => void journal.append(record)),
  ]);
  journal.close();
  const [write, append] = [0, 1].map((which) => middle(rounds.map((round) => round[which] ?? 0))) as [number, number];
  console.info(`append ${append.toFixed(1)} µs, bare write ${write.toFixed(1)} µs: × ${(append / write).toFixed(2)}`);
  expect(append / write).toBeLessThan(5);
});
