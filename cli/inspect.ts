/** `turnstile inspect [ID|FILE]`: serves the inspector of a session until it is told to stop. */
import { existsSync } from 'node:fs';
import { readJournal } from '../actors/journal/reader.ts';
import type { Control } from '../inspector/server.ts';
import { homeOf, resolveConfig } from './config.ts';
import { EXIT, exitCodeOfSignal } from './exit-code.ts';
import { forkOf } from './fork-here.ts';
import { inspectable } from './import-stately.ts';
import { openBrowser, startInspector } from './inspector.ts';
import { UsageError, type Mode, type Surroundings } from './mode.ts';
import { newestSession } from './saved.ts';

const portOf = (given: string | undefined): number => {
  if (given === undefined) return 0;
  const port = Number(given);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new UsageError(`--port: ${JSON.stringify(given)} is no port`);
  return port;
};

/** A session that does not run here can only be forked, in the folder in which it ran. */
const forking = async (
  file: string,
  { env, cwd, version }: Pick<Surroundings, 'env' | 'cwd' | 'version'>,
): Promise<Control> => {
  const { head } = readJournal(file);
  const there = head !== null && existsSync(head.cwd) ? head.cwd : cwd;
  const { runtime } = await resolveConfig({ flags: {}, env, cwd: there, version, isAttended: true });
  return { possible: null, command: null, fork: forkOf(runtime, file) };
};

export const run: Mode = async ({ flags, operands: [word] }, { env, cwd, version, streams, stop }) => {
  const port = portOf(flags.port);
  const home = homeOf(env, cwd);
  const file = word === undefined ? await newestSession({ home, cwd, isAll: false }) : inspectable(home, cwd, word);
  const control = flags.control === true ? await forking(file, { env, cwd, version }) : null;
  const server = await startInspector({ home, file, port, control, now: Date.now });
  if (flags.stately !== undefined) {
    const sent = await server.sendOn(flags.stately);
    if (sent.kind === 'refused') {
      await server.close();
      throw new UsageError(`--stately: ${sent.why}`);
    }
    streams.err(
      '--stately: names, states and event types leave for a page of somebody else; no contexts, no contents\n',
    );
  }
  const address = server.address(control === null ? 'look' : 'act');
  streams.out(`${address}\n`);
  streams.err('The address works once, within a minute. Ctrl-C ends the server.\n');
  if (control !== null)
    streams.err('It may fork. Questions are answered where the session runs: chat or exec --inspect --control\n');
  const tidy = flags.noOpen || !streams.isOutTty ? () => {} : openBrowser(address);
  if (!stop.aborted) await new Promise((resolve) => stop.addEventListener('abort', resolve, { once: true }));
  tidy();
  await server.close();
  return stop.reason === 'SIGINT' ? EXIT.done : exitCodeOfSignal(String(stop.reason));
};
