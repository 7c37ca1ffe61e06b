/**
 * What the commands of one runtime share: who lives, who guards them, and the pipes that wait for the next.
 * Make it once per runtime. It costs nothing until the first command.
 */
import { randomUUID } from 'node:crypto';
import { createChannels, type Channels } from './channels.ts';
import { createGuardian, type Guardian } from './guardian.ts';
import { strangers } from './strangers.ts';
import { createResidue, type Residue } from './residue.ts';

/** The name of the mark in the environment of everything we start. */
export const MARK = 'TURNSTILE_EXEC';

export interface Processes {
  readonly channels: Channels;
  readonly guardian: Guardian;
  readonly residue: Residue;
  /** What whoever called us left open: not for commands. */
  strangers(): readonly number[];
  /** An unguessable word for one command, and the value to put in its environment: it keeps the marks of those around us. */
  mark(): { readonly word: string; readonly value: string };
  /** Remembers how to end one command at once, and by which mark it is known; the function forgets it. */
  remember(kill: () => void, word: string): () => void;
  /** SIGKILL to everything that lives, before this returns. */
  endAll(): void;
  /** `endAll`, and the guardian goes home. */
  close(): void;
}

export const createProcesses = (): Processes => {
  const runtime = randomUUID();
  const around = process.env[MARK];
  const alive = new Set<() => void>();
  const channels = createChannels();
  const guardian = createGuardian(runtime);
  const residue = createResidue();
  residue.sweep();
  const count = { runs: 0, strangers: null as readonly number[] | null };

  const endAll = () => {
    for (const kill of [...alive]) kill();
  };
  return {
    channels,
    guardian,
    residue,
    strangers: () => (count.strangers ??= strangers()),
    mark: () => {
      const word = `${runtime}.${++count.runs}.`;
      return { word, value: around === undefined ? word : `${around}/${word}` };
    },
    remember: (kill) => {
      alive.add(kill);
      return () => void alive.delete(kill);
    },
    endAll,
    close: () => {
      endAll();
      guardian.dismiss();
      channels.close();
    },
  };
};
