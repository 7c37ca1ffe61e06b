/** The chat, painted on a glass, with the real runtime behind it and a scripted model. */
import { mkdirSync, mkdtempSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Session } from '../../actors/contract.ts';
import { createChat } from '../../cli/chat.ts';
import { CHAT } from '../../cli/commands.ts';
import type { Flags } from '../../cli/flags.ts';
import { openSession } from '../../cli/open.ts';
import type { RuntimeEvent, Delta, Stamped } from '../../machines/protocol/index.ts';
import { newGlass, type Glass } from './glass.ts';

export interface Running {
  readonly glass: Glass;
  readonly facts: readonly Stamped<RuntimeEvent | Delta>[];
  readonly session: () => Session;
  readonly ended: Promise<number>;
  readonly folder: string;
}

export const startChat = async (
  turns: readonly (readonly object[])[],
  { columns = 80, rows = 24, flags = {} }: { columns?: number; rows?: number; flags?: Flags } = {},
): Promise<Running> => {
  const folder = realpathSync(mkdtempSync(join(process.env['TURNSTILE_TEST_ROOT'] ?? tmpdir(), 'turnstile-glass-')));
  const project = join(folder, 'proj');
  mkdirSync(project);
  const script = join(folder, 'script.json');
  writeFileSync(script, JSON.stringify({ turns: turns.map((items) => ({ items })) }));
  const glass = newGlass(columns, rows);
  const facts: Stamped<RuntimeEvent | Delta>[] = [];
  const opened = Promise.withResolvers<Session>();
  const mode = createChat(async (config, options) => {
    const session = await openSession(config, options);
    // The first who subscribes is told of the beginning; the chat must be it.
    queueMicrotask(() => session.events.subscribe((fact) => facts.push(fact)));
    opened.resolve(session);
    return session;
  });
  const command = CHAT;
  const stop = new AbortController();
  const ended = mode(
    { command, operands: [], flags: { rehearse: script, ...flags } },
    {
      version: '0.0.0',
      env: { HOME: folder, TURNSTILE_HOME: join(folder, 'home'), PATH: process.env['PATH'] ?? '', TERM: 'xterm' },
      cwd: project,
      streams: glass.streams,
      stop: stop.signal,
      beforeExit: () => undefined,
      takeInterrupts: () => () => undefined,
    },
  );
  ended.catch(() => undefined); // told where it is awaited
  const session = await opened.promise;
  return { glass, facts, session: () => session, ended, folder };
};
