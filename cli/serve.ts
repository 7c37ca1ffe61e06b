/**
 * `turnstile serve`: sessions over HTTP, on this machine's loopback unless told otherwise. With files it runs them as well;
 * with `--log` it hands them to whichever `turnstile worker` takes them.
 */
import { createTail } from '../actors/log/tail.ts';
import type { Mode } from './mode.ts';
import { EXIT } from './exit-code.ts';
import { UsageError } from './mode.ts';
import { logFor, mayWorkIn, metricsOf, numberIn, tokenFor, untilStopped, workerFor } from './serve/fleet.ts';
import { startServer } from './serve/server.ts';

const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', '::1', 'localhost']);

export const run: Mode = async ({ flags }, surroundings) => {
  const { streams, cwd, env, version, stop } = surroundings;
  const { host = '127.0.0.1' } = flags;
  const { token, isNew } = tokenFor(flags, surroundings);
  if (isNew && !LOOPBACK.has(host))
    throw new UsageError(
      `--host ${host} is reached from elsewhere: choose a token, with --token-file or TURNSTILE_TOKEN`,
    );
  const port = numberIn(flags.port, 'port', 0) ?? 0;
  await using log = await logFor(flags, surroundings);
  const isShared = (flags.log ?? env['TURNSTILE_LOG']) !== undefined;
  const worker = isShared ? null : await workerFor(log, flags, surroundings);
  const tail = createTail(log);
  const server = await startServer({
    ...{ host, port, token, version, log, tail },
    mayWorkIn: mayWorkIn(flags.cd ?? cwd),
    metrics: (): string => metricsOf(worker?.counts() ?? null, server.streams()),
  }).catch((error: unknown) => {
    throw new UsageError(`cannot listen on ${host}:${port}: ${error instanceof Error ? error.message : String(error)}`);
  });
  streams.out(`${server.address}\n`);
  if (isNew) streams.err(`turnstile: the token, for TURNSTILE_TOKEN of clients: ${token}\n`);
  await untilStopped(stop);
  await server.close();
  tail.close();
  await worker?.drain();
  return EXIT.done;
};
