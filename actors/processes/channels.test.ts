import { afterAll, expect, it } from 'vitest';
import { closeSync, writeSync } from 'node:fs';
import { bash, run } from '../../test/processes/bench.ts';
import { createChannels } from './channels.ts';
import { createProcesses } from './processes.ts';

const channels = createChannels();
afterAll(channels.close);

it('a pipe serves again when both ends are free, and never while anybody has one', async () => {
  await channels.prepare();
  const seen = new Set<number>();
  const first = channels.take()!;
  writeSync(first.write, 'left behind');
  closeSync(first.read);
  first.giveBack(); // somebody still writes: it must not come back
  for (let channel = channels.take(); channel !== null; channel = channels.take()) {
    seen.add(channel.read);
    closeSync(channel.read);
    closeSync(channel.write);
  }
  expect(seen.size).toBeGreaterThan(0);
  expect(() => writeSync(first.write, 'x')).toThrow('EPIPE'); // nobody has opened the other end
  closeSync(first.write);
});

it('where no pipes can be made, commands run over what Node calls pipes', async () => {
  const processes = { ...createProcesses(), channels: { prepare: async () => {}, take: () => null, close: () => {} } };
  const inherited = [{ fd: 5, bytes: 'five', encoding: 'utf8' }] as const;
  const { result } = await run(
    bash('cat; cat <&5; echo e >&2; (sleep 94.1 &)', { input: 'in ', inherited }),
    processes,
  );
  processes.close();
  expect(result.output).toBe('in fivee\n');
  expect(result.ending).toEqual({ kind: 'exited', code: 0 });
  expect(result.durationMs).toBeLessThan(1_500);
});
