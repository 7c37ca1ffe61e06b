/**
 * argv → mode → exit code. Each mode is a file of its own, loaded when it is asked for: starting fast is a feature.
 *
 * The first SIGINT, SIGTERM or SIGHUP asks the mode to end and gives it STOP_PATIENCE_MS; the second one, or the end of that
 * patience, ends the program at once. It always ends, whatever its children do.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from './args.ts';
import type { Surroundings } from './mode.ts';
import { createStreams } from './streams.ts';
import { exitCodeOfSignal, EXIT } from './exit-code.ts';

/** A little more than the runtime takes at most to abort a turn and close its session. Milliseconds. */
const STOP_PATIENCE_MS = 2_800;

const versionOf = (): string => {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  const version = typeof manifest === 'object' && manifest !== null && 'version' in manifest ? manifest.version : null;
  return String(version ?? '0');
};

const isUsageError = (error: unknown): error is Error => error instanceof Error && error.name === 'UsageError';

export const main = async (): Promise<void> => {
  const streams = createStreams(process);
  const stop = new AbortController();
  const lastWords: (() => void)[] = [];
  const interruptTakers: (() => void)[] = [];

  const leave = async (code: number): Promise<never> => {
    await streams.flush();
    return process.exit(code);
  };
  const leaveNow = (code: number): void => {
    for (const say of lastWords.splice(0)) say();
    void leave(code);
  };
  const onSignal = (signal: string): void => {
    const taker = interruptTakers.at(-1);
    if (signal === 'SIGINT' && taker !== undefined && !stop.signal.aborted) return taker();
    if (stop.signal.aborted) return leaveNow(exitCodeOfSignal(signal));
    stop.abort(signal);
    setTimeout(() => leaveNow(exitCodeOfSignal(signal)), STOP_PATIENCE_MS);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, onSignal);

  // A bug, wherever it came up. What was begun is ended in words, then the program goes.
  process.on('uncaughtException', (error) => {
    streams.err(`turnstile: ${error.stack ?? error.message}\n`);
    leaveNow(EXIT.failed);
  });

  const surroundings: Surroundings = {
    version: versionOf(),
    env: process.env,
    cwd: process.cwd(),
    streams,
    stop: stop.signal,
    beforeExit: (say) => void lastWords.push(say),
    takeInterrupts: (onInterrupt) => {
      interruptTakers.push(onInterrupt);
      return () => void interruptTakers.splice(interruptTakers.indexOf(onInterrupt), 1);
    },
  };

  const parsed = parseArgs(process.argv.slice(2));
  switch (parsed.kind) {
    case 'bad':
      streams.err(`turnstile: ${parsed.message}\n`);
      return leave(EXIT.usage);
    case 'version':
      streams.out(`turnstile ${surroundings.version}\n`);
      return leave(EXIT.done);
    case 'help': {
      const { helpText } = await import('./help.ts');
      streams.out(helpText(parsed.command));
      return leave(EXIT.done);
    }
    case 'run': {
      const { invocation } = parsed;
      try {
        const { run } = await invocation.command.load();
        return await leave(await run(invocation, surroundings));
      } catch (error) {
        if (isUsageError(error)) {
          streams.err(`turnstile: ${error.message}\n`);
          return leave(EXIT.usage);
        }
        // A bug. Its stack is for the report that somebody will write.
        streams.err(`turnstile: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
        for (const say of lastWords.splice(0)) say();
        return leave(EXIT.failed);
      }
    }
  }
};
