/**
 * `turnstile mcp-server`: the agent as a tool of other agents, over the Model Context Protocol on stdio. A call is a turn:
 * `turnstile` begins a session, `turnstile-reply` goes on with it.
 *
 * A question goes to the person on the client's side where the client can ask; everywhere else it is refused at once. A call
 * that is cancelled interrupts its turn. The end of stdin or a signal closes every session, and nothing is left alive.
 */
import { resolveConfig } from './config.ts';
import { EXIT, exitCodeOfSignal } from './exit-code.ts';
import { MAX_MESSAGE_BYTES, readLines } from './mcp-server/lines.ts';
import { createService } from './mcp-server/service.ts';
import { toolSpecs } from './mcp-server/tools.ts';
import type { Mode } from './mode.ts';
import { openSession, preloadRuntime, type OpenSession } from './open.ts';
import { roomIn } from './streams.ts';

const INSTRUCTIONS =
  'turnstile runs a coding agent in a sandbox and answers when it is done, which may take minutes; ask for progress. ' +
  'Give the threadId of its answer to turnstile-reply to go on.';

/** In the sources it stands beside us; bundled, it is a file of its own beside the program. */
const loadWire = async (): Promise<typeof import('./mcp-server/wire.ts')> =>
  import.meta.url.endsWith('.ts')
    ? await import('./mcp-server/wire.ts')
    : await import(import.meta.url.replace(/\/dist\/.*$/, '/dist/mcp-server.js'));

export const createMcpServer =
  (open: OpenSession): Mode =>
  async ({ flags }, surroundings) => {
    const { streams, env, cwd, version, stop } = surroundings;
    const loading = loadWire();
    loading.catch(() => undefined); // told where it is awaited
    void preloadRuntime();
    const warn = (words: string) => streams.err(`turnstile: warning: ${words}\n`);
    // A bad configuration is told before anybody speaks.
    const { runtime: base, warnings } = await resolveConfig({ flags, env, cwd, version, isAttended: false });
    warnings.forEach(warn);

    const service = createService({ open, flags, surroundings, base });
    const { speak } = await loading;
    const wire = await speak({
      ...{ version, instructions: INSTRUCTIONS, tools: toolSpecs(), call: service.call, warn },
      write: async (line) => {
        streams.out(`${line}\n`);
        await roomIn(streams.stdout);
      },
    });
    const end = await new Promise<'ended' | 'tooLong'>((resolve) => {
      void readLines(streams.stdin, wire.hear).then(resolve);
      streams.stdout.once('close', () => resolve('ended'));
      if (stop.aborted) resolve('ended');
      else stop.addEventListener('abort', () => resolve('ended'), { once: true });
    });
    const words = `a message on stdin is longer than ${MAX_MESSAGE_BYTES} bytes`;
    if (end === 'tooLong') await wire.refuse(words);
    await Promise.all([wire.close(), service.close()]);
    if (stop.aborted) return exitCodeOfSignal(String(stop.reason));
    if (end === 'ended') return EXIT.done;
    streams.err(`turnstile: ${words}; every session was closed\n`);
    return EXIT.failed;
  };

export const run: Mode = createMcpServer(openSession);
