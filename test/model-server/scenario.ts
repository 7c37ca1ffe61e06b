/**
 * What the model server is told to say: the items of a rehearsal script, and faults that only a network has.
 * Requests that offer tools consume turns, the last one repeating; the others get `side`.
 */
import type { ScriptItem } from '../../actors/providers/rehearsal/script.ts';

export interface Turn {
  readonly items: readonly ScriptItem[];
  readonly usage?: Usage;
  /** Silence before the headers. Milliseconds; `Infinity`: never. */
  readonly headersAfterMs?: number;
  /** The connection is dropped after so many bytes of the body. */
  readonly cutAtByte?: number;
  /** The body is written in pieces of this size, each in a packet of its own. Bytes. */
  readonly pieceBytes?: number;
  /** The stream is closed, orderly, before the wire's own end of an answer. */
  readonly isEndless?: true;
  /** The connection stays open after the last byte. */
  readonly staysOpen?: true;
  /** Sent as it is, instead of `items`. */
  readonly raw?: string;
}

export interface Usage {
  readonly input: number;
  readonly cached?: number;
  readonly output: number;
  readonly reasoning?: number;
}

export interface Scenario {
  readonly turns: readonly Turn[];
  /** For requests without tools: titles, summaries. */
  readonly side?: Turn;
}

export const USAGE: Usage = { input: 1000, output: 20 };
export const SIDE: Turn = { items: [{ type: 'text', text: 'ok' }] };

/** Which tool runs commands, and in which words; the first that the request offers is taken. */
const SHELLS: Readonly<Record<string, (command: string) => Readonly<Record<string, unknown>>>> = {
  shell: (command) => ({ command }),
  shell_command: (command) => ({ command }),
  exec_command: (cmd) => ({ cmd }),
  bash: (command) => ({ command }),
};

/** The call a `shell` or `patch` item stands for. */
export const callOf = (
  item: Extract<ScriptItem, { type: 'call' | 'shell' | 'patch' }>,
  tools: readonly string[],
): { readonly name: string; readonly args: string } => {
  switch (item.type) {
    case 'call':
      return { name: item.name, args: JSON.stringify(item.args) };
    case 'patch':
      return { name: 'apply_patch', args: JSON.stringify({ input: item.patch }) };
    case 'shell': {
      const name = tools.find((tool) => tool in SHELLS) ?? 'shell';
      return { name, args: JSON.stringify(SHELLS[name]?.(item.command) ?? { command: item.command }) };
    }
  }
};

/** Words with the space after them: joined again they are the text. */
export const piecesOf = (text: string): readonly string[] => text.match(/\s*\S+\s*/g) ?? [text];
