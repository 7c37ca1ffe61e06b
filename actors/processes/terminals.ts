/**
 * The background terminals of one session: processes that outlive the call which began them. Each belongs to the leaf
 * that adopted it, and ends with that leaf; one that nobody adopts is ended with its turn.
 */
import { randomInt } from 'node:crypto';
import type { ExecEnding } from '../../sandbox/plan.ts';

export interface Terminal {
  /** The mark of its processes. */
  readonly word: string;
  readonly pid: number | null;
  /** What it said since it was read last. */
  read(): string;
  /** How many bytes it took; null: it listens no more. */
  write(bytes: Uint8Array): number | null;
  closeInput(): void;
  /** SIGINT, as Ctrl-C sends it. */
  interrupt(): void;
  /** Politely first. */
  end(): void;
  kill(): void;
  /** Resolves when nobody of it is left. */
  readonly over: Promise<ExecEnding>;
}

export interface Terminals {
  /** Takes a process over; its name is unused in this session. */
  put(terminal: Terminal): string;
  find(terminalId: string): Terminal | null;
  /** Somebody answers for it from now on. */
  adopt(terminalId: string): Terminal | null;
  /** It is forgotten; if it lives, it is killed before this returns. */
  drop(terminalId: string): void;
  /** Those that nobody answers for are killed. */
  abandon(): void;
  /** Whether the processes with this mark are a terminal that somebody answers for. */
  isAdopted(word: string): boolean;
  count(): number;
}

/** E.13. */
const FIRST_ID = 1_000;
const LAST_ID = 99_999;

/** `former`: the names that this session gave in other processes; the model remembers them. */
export const createTerminals = (
  former: readonly string[] = [],
  draw: () => number = () => randomInt(FIRST_ID, LAST_ID + 1),
): Terminals => {
  const all = new Map<string, { readonly terminal: Terminal; readonly adopted: boolean }>();
  const used = new Set(former);
  const drop = (terminalId: string) => {
    all.get(terminalId)?.terminal.kill();
    all.delete(terminalId);
  };
  const freshId = (): string => {
    for (;;) {
      const terminalId = String(draw());
      if (used.has(terminalId) && used.size <= LAST_ID - FIRST_ID) continue;
      used.add(terminalId);
      return terminalId;
    }
  };
  return {
    put: (terminal) => {
      const terminalId = freshId();
      all.set(terminalId, { terminal, adopted: false });
      return terminalId;
    },
    find: (terminalId) => all.get(terminalId)?.terminal ?? null,
    adopt: (terminalId) => {
      const found = all.get(terminalId);
      if (found === undefined) return null;
      all.set(terminalId, { ...found, adopted: true });
      return found.terminal;
    },
    drop,
    abandon: () => {
      for (const [terminalId, { adopted }] of all) if (!adopted) drop(terminalId);
    },
    isAdopted: (word) => [...all.values()].some(({ terminal, adopted }) => adopted && terminal.word === word),
    count: () => all.size,
  };
};
