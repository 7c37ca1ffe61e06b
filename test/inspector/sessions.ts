/** Sessions that really happened: the program is run, and its journal is what the tests read. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { filter, firstValueFrom } from 'rxjs';
import { blobsOf, readJournal, type Reading } from '../../actors/journal/reader.ts';
import { createRuntime } from '../../actors/runtime.ts';
import type { OpenOptions, Session } from '../../actors/contract.ts';
import { resolveConfig } from '../../cli/config.ts';
import { newPlace } from '../cli/program.ts';

export type Place = ReturnType<typeof newPlace>;

export const journalsOf = (home: string): readonly string[] =>
  (readdirSync(join(home, 'sessions'), { recursive: true }) as string[])
    .filter((name) => name.endsWith('.jsonl'))
    .map((name) => join(home, 'sessions', name))
    .sort();

export const readingOf = (home: string, file: string): Reading => readJournal(file, { blobs: blobsOf(home) });

export const TOOLS = [
  [
    { type: 'reasoning', text: 'look first' },
    { type: 'text', text: 'I will look.' },
    { type: 'shell', command: 'echo one' },
    { type: 'shell', command: 'false' },
  ],
  [{ type: 'text', text: 'seen' }],
] as const;

/** One run of the program; its only journal. */
export const recorded = async (
  place: Place,
  turns: readonly (readonly object[])[],
  args: readonly string[] = [],
): Promise<string> => {
  const before = new Set(safeJournals(place.home));
  const { code, err } = await place.run(['exec', '--rehearse', place.script(...turns), ...args, 'go on']);
  const [file] = safeJournals(place.home).filter((name) => !before.has(name));
  if (file === undefined) throw new Error(`no journal was written; exit ${code}: ${err}`);
  return file;
};
const safeJournals = (home: string): readonly string[] => {
  try {
    return journalsOf(home);
  } catch {
    return [];
  }
};

/** A session in this process, for what exec cannot do: answers, queues, forks. */
export const withSession = async (
  place: Place,
  turns: readonly (readonly object[])[],
  options: OpenOptions,
  act: (session: Session) => Promise<void>,
  flags: Readonly<Record<string, unknown>> = {},
): Promise<string> => {
  const { runtime: config } = await resolveConfig({
    flags: { rehearse: place.script(...turns), ...flags },
    env: { PATH: process.env['PATH'], HOME: place.folder, TURNSTILE_HOME: place.home },
    cwd: place.folder,
    version: '0.0.0',
    isAttended: true,
  });
  await using runtime = createRuntime(config);
  const session = await runtime.open(options);
  await act(session);
  await session.close();
  return session.journal ?? '';
};

/** Rejects if the session ends without it; whoever awaits it is told, also if that is later. */
export const heard = <T extends string>(session: Session, type: T) => {
  const event = firstValueFrom(session.events.pipe(filter((event) => event.type === type)));
  event.catch(() => undefined);
  return event;
};
