/** `turnstile worker`: takes sessions from a log that many share, runs them, and hands them on when it is asked to end. */
import { EXIT } from './exit-code.ts';
import { UsageError, type Mode } from './mode.ts';
import { logFor, untilStopped, workerFor } from './serve/fleet.ts';

export const run: Mode = async ({ flags }, surroundings) => {
  const { streams, env, stop } = surroundings;
  if ((flags.log ?? env['TURNSTILE_LOG']) === undefined)
    throw new UsageError(
      'which log? --log postgres://…, or TURNSTILE_LOG (on files, `turnstile serve` runs sessions itself)',
    );
  await using log = await logFor(flags, surroundings);
  const worker = await workerFor(log, flags, surroundings);
  streams.out('working\n');
  await untilStopped(stop);
  await worker.drain();
  return EXIT.done;
};
