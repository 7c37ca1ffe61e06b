/**
 * `notify`: the user's own program is told when a turn of the conversation is complete. It is the user's and not the
 * model's, so it runs outside of the sandbox, in a session of its own, and nobody waits for it. What fails is a warning.
 */
import { basename } from 'node:path';
import type { FactOf, RuntimeEvent } from '../machines/protocol/index.ts';

/** What one argument may hold. Bytes. Linux takes no longer one than 128 KiB. */
const MAX_ARGUMENT_BYTES = 100_000;
/** Of each text, at first. Characters; halved until the argument fits. */
const MAX_TEXT_CHARS = 32_000;
/** The newest are told. Messages. */
const MAX_MESSAGES = 32;

export interface Notifying {
  readonly command: readonly string[] | null;
  readonly threadId: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly client: string;
  readonly warn: (message: string) => void;
}

type Ended = FactOf<'turn.completed'>;

const cut = (text: string, chars: number): string => (text.length <= chars ? text : `${text.slice(0, chars)}…`);

export const notification = (
  { threadId, cwd, client }: Pick<Notifying, 'threadId' | 'cwd' | 'client'>,
  { turnId, lastAgentMessage }: Pick<Ended, 'turnId' | 'lastAgentMessage'>,
  words: readonly string[],
): string => {
  const write = (chars: number): string =>
    JSON.stringify({
      type: 'agent-turn-complete',
      'thread-id': threadId,
      'turn-id': turnId,
      cwd,
      client,
      'input-messages': words.slice(-MAX_MESSAGES).map((text) => cut(text, chars)),
      'last-assistant-message': lastAgentMessage === null ? null : cut(lastAgentMessage, chars),
    });
  for (let chars = MAX_TEXT_CHARS; ; chars = Math.floor(chars / 2)) {
    const written = write(chars);
    if (chars === 0 || Buffer.byteLength(written) <= MAX_ARGUMENT_BYTES) return written;
  }
};

const tell = async ([program = '', ...args]: readonly string[], argument: string, { cwd, env, warn }: Notifying) => {
  const { spawn } = await import('node:child_process');
  const failed = (error: unknown) =>
    warn(
      `notify: ${basename(program)} could not be started: ${error instanceof Error ? error.message : String(error)}`,
    );
  try {
    const child = spawn(program, [...args, argument], { cwd, env, detached: true, stdio: 'ignore' });
    await new Promise<void>((resolve) => {
      child.once('spawn', resolve);
      child.on('error', (error) => {
        failed(error);
        resolve();
      });
    });
    child.unref();
  } catch (error) {
    failed(error); // an argument that no program can be given
  }
};

/** Hears the facts of one session. Resolves when whoever is to be told has been started. */
export const createNotifier = (how: Notifying) => {
  const { command } = how;
  const turns = new Map<string, string[]>();
  const starting = { last: Promise.resolve() };
  return {
    hear: (fact: RuntimeEvent): void => {
      if (command === null || command.length === 0) return;
      if (fact.type === 'turn.started' && fact.task === 'regular') turns.set(fact.turnId, []);
      if (fact.type === 'items.recorded')
        turns.get(fact.turnId)?.push(...fact.items.flatMap((item) => (item.type === 'user' ? [item.text] : [])));
      if (fact.type !== 'turn.completed' && fact.type !== 'turn.failed' && fact.type !== 'turn.aborted') return;
      const words = turns.get(fact.turnId);
      turns.delete(fact.turnId);
      if (fact.type !== 'turn.completed' || words === undefined) return;
      const argument = notification(how, fact, words);
      starting.last = starting.last.then(() => tell(command, argument, how));
    },
    /** A session that closes at once has told all the same. */
    rest: (): Promise<void> => starting.last,
  };
};
