/** `turnstile inspect [ID|FILE]`: serves the inspector of a session until it is told to stop. */
import { homeOf } from './config.ts';
import { EXIT, exitCodeOfSignal } from './exit-code.ts';
import { openBrowser, startInspector } from './inspector.ts';
import { UsageError, type Mode } from './mode.ts';
import { newestSession, sessionNamed } from './saved.ts';

const portOf = (given: string | undefined): number => {
  if (given === undefined) return 0;
  const port = Number(given);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new UsageError(`--port: ${JSON.stringify(given)} is no port`);
  return port;
};

export const run: Mode = async ({ flags, operands: [word] }, { env, cwd, streams, stop }) => {
  const port = portOf(flags.port);
  const home = homeOf(env, cwd);
  const file = word === undefined ? await newestSession({ home, cwd, isAll: false }) : sessionNamed(home, cwd, word);
  if (flags.control)
    streams.err('--control: only a session that runs in this very process can be acted on (chat or exec --inspect)\n');
  const server = await startInspector({ home, file, port, session: null, now: Date.now });
  const address = server.address();
  streams.out(`${address}\n`);
  streams.err('The address works once, within a minute. Ctrl-C ends the server.\n');
  const tidy = flags.noOpen || !streams.isOutTty ? () => {} : openBrowser(address);
  if (!stop.aborted) await new Promise((resolve) => stop.addEventListener('abort', resolve, { once: true }));
  tidy();
  await server.close();
  return stop.reason === 'SIGINT' ? EXIT.done : exitCodeOfSignal(String(stop.reason));
};
