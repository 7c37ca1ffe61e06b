/** Makes a fork for a page that asked for one: a new session on disk, to be gone on with in a terminal. */
import { randomUUID } from 'node:crypto';
import type { RuntimeConfig } from '../actors/contract.ts';
import { SOURCE } from '../inspector/acts.ts';
import type { Answer } from '../inspector/server.ts';
import { openSession } from './open.ts';

/** Nothing of it runs: no server of tools is started, and the session is closed at once. */
export const forkOf =
  (config: RuntimeConfig, file: string) =>
  async (before: number): Promise<Answer> => {
    if (before < 0) return { kind: 'refused', message: 'no message of yours is there to fork before' };
    const quiet: RuntimeConfig = { ...config, mcpServers: undefined, notify: null };
    const session = await openSession(quiet, { fork: { file, beforeUserMessage: before } });
    // A session in which nothing was said stays without a file. This is always refused, and makes one.
    const unheard = { type: 'op.rewind', id: randomUUID(), turns: Number.MAX_SAFE_INTEGER, source: SOURCE } as const;
    await session.submit(unheard);
    await session.close();
    return { kind: 'forked', id: session.id, message: `turnstile resume ${session.id}` };
  };
