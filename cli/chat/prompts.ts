/** What was typed before, over all sessions: read at the start, added to as one types. Without secrets; nothing for `--ephemeral`. */
import { randomUUID } from 'node:crypto';
import { createPromptHistory } from '../../actors/journal/history-file.ts';
import { createRedactor } from '../../actors/journal/secrets.ts';
import type { RuntimeConfig } from '../../actors/contract.ts';
import type { ConfigFile } from '../config/keys.ts';

/** Entries that ↑ reaches. */
const OFFERED = 200;
const MAX_BYTES = 1024 * 1024;

export interface Prompts {
  /** Newest last. */
  readonly entries: readonly string[];
  readonly remember: (sessionId: string, text: string) => void;
}

export const openPrompts = (
  config: RuntimeConfig,
  history: ConfigFile['history'],
  env: Readonly<Record<string, string | undefined>>,
): Prompts => {
  if (!config.keepsJournal || history?.persistence === 'none') return { entries: [], remember: () => undefined };
  const file = createPromptHistory({
    home: config.home,
    redactor: createRedactor({ env, salt: randomUUID() }),
    now: Date.now,
    maxBytes: history?.max_bytes ?? MAX_BYTES,
  });
  const entries: string[] = [];
  for (const { text } of file.entries()) if (entries.push(text) >= OFFERED) break;
  return {
    entries: entries.reverse(),
    // A prompt that cannot be remembered is no reason to disturb its author.
    remember: (sessionId, text) => void file.add(sessionId, text).catch(() => undefined),
  };
};
