/** What the chat can go to: other saved sessions, and earlier moments of this one. As choices for a list. */
import type { RuntimeConfig } from '../../actors/contract.ts';
import type { Item } from '../../machines/protocol/index.ts';
import type { Choice } from '../render/pick.ts';
import { savedSessions, sessionChoices } from '../saved.ts';

/** Sessions of the folder that are offered; typed words look through all of them. */
const LISTED = 1_000;
const LABEL_CHARS = 200;

export const savedChoices = async (
  { home, cwd }: RuntimeConfig,
  except: string,
  now: number,
): Promise<{ readonly files: readonly string[]; readonly choices: readonly Choice[] }> => {
  const rows = (await savedSessions({ home, cwd, isAll: false }, LISTED)).filter(({ id }) => id !== except);
  return { files: rows.map(({ file }) => file), choices: sessionChoices(rows, now) };
};

export interface Message {
  /** Counted from 0 over the user's messages. */
  readonly index: number;
  readonly text: string;
  readonly choice: Choice;
}

/** The user's own words, oldest first, each with how the agent answered. */
export const messagesOf = (history: readonly Item[]): readonly Message[] => {
  const messages: Message[] = [];
  history.forEach((item, at) => {
    if (item.type !== 'user') return;
    const next = history.findIndex((other, i) => i > at && other.type === 'user');
    const answer = history.slice(at + 1, next < 0 ? undefined : next).findLast((other) => other.type === 'agent');
    messages.push({
      index: messages.length,
      text: item.text,
      choice: {
        label: item.text.slice(0, LABEL_CHARS),
        detail: answer?.type === 'agent' ? answer.text : 'no answer',
      },
    });
  });
  return messages;
};
