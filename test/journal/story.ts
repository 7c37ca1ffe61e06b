/** Journals to test with: a session as it really goes, in a folder of its own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createRedactor, type Redactor } from '../../actors/journal/secrets.ts';
import { createJournal, type Journal, type JournalOptions } from '../../actors/journal/writer.ts';
import { head, story } from './records.ts';

export * from './records.ts';

export const newHome = (): string => {
  const home = mkdtempSync(join(tmpdir(), 'turnstile-journal-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  return home;
};

export const noSecrets: Redactor = createRedactor({ salt: 'test' });

export const open = (home: string, more: Partial<JournalOptions> = {}): Journal =>
  createJournal({
    ...{ home, id: 'f00d', head, now: () => 1_700_000_000_000, redactor: noSecrets, durability: 'process' },
    ...more,
  });

export const writeStory = (home: string, turns: number, more: Partial<JournalOptions> = {}): string => {
  const journal = open(home, more);
  for (const record of story(turns)) journal.append(record);
  journal.close();
  return journal.file;
};
