/**
 * `turnstile acp`: the Agent Client Protocol on stdio, many sessions in one process.
 * The end of stdin or a signal closes every session; nothing is left alive, whatever the client still owes us.
 */
import { isAbsolute } from 'node:path';
import {
  agent,
  MessageTooLargeError,
  ndJsonStream,
  PROTOCOL_VERSION,
  RequestError,
  type McpServer,
} from '@agentclientprotocol/sdk';
import type { OpenOptions } from '../actors/contract.ts';
import { inputOf, outputOf } from './acp/stdio.ts';
import { createPictures } from './acp/pictures.ts';
import { withServers } from './acp/servers.ts';
import { createTalk, type Talk } from './acp/talk.ts';
import { homeOf, resolveConfig } from './config.ts';
import { EXIT, exitCodeOfSignal } from './exit-code.ts';
import { UsageError, type Mode } from './mode.ts';
import { openSession, preloadRuntime, type OpenSession } from './open.ts';
import { sessionNamed } from './saved.ts';

/** A longer message of the client is a mistake, and what follows it cannot be trusted to be one. Bytes. */
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

const asParamsError = (error: unknown): never => {
  throw error instanceof UsageError ? RequestError.invalidParams(undefined, error.message) : error;
};

export const createAcp =
  (open: OpenSession): Mode =>
  async ({ flags }, surroundings) => {
    const { streams, env, version, stop } = surroundings;
    void preloadRuntime();
    const { cd: _, ...own } = flags; // each session names its own folder
    const isAttended = flags.approval !== 'never' && flags.bypass !== true;
    const warn = (text: string) => streams.err(`turnstile: warning: ${text}\n`);
    const talks = new Map<string, Talk>();
    const opening = new Set<Promise<unknown>>();
    let isOver = false;

    const begin = async (cwd: string, servers: readonly McpServer[], options: OpenOptions): Promise<Talk> => {
      if (!isAbsolute(cwd)) throw new UsageError(`cwd must be an absolute path: ${cwd}`);
      const config = await resolveConfig({ flags: own, env, cwd, version, isAttended });
      const { runtime, warnings } = withServers(config.runtime, servers, env);
      [...config.warnings, ...warnings].forEach(warn);
      const session = await open(runtime, options);
      const { cwd: folder, home, keepsJournal } = runtime;
      const pictures = createPictures(keepsJournal ? { home, id: session.id } : null);
      const talk = createTalk(session, { cwd: folder, client: connection.client, pictures, warn });
      if (isOver || talks.has(talk.id)) {
        await talk.close();
        throw new UsageError(isOver ? 'the program is ending' : `session ${talk.id} is open already`);
      }
      talks.set(talk.id, talk);
      return talk;
    };
    const start = (cwd: string, servers: readonly McpServer[], options: OpenOptions): Promise<Talk> => {
      const began = begin(cwd, servers, options).catch(asParamsError);
      opening.add(began);
      void began.catch(() => undefined).finally(() => opening.delete(began));
      return began;
    };
    const talkOf = (id: string): Talk => {
      const talk = talks.get(id);
      if (talk === undefined) throw RequestError.invalidParams({ sessionId: id }, `there is no session ${id}`);
      return talk;
    };

    const connection = agent({ name: 'turnstile' })
      .onRequest('initialize', () => ({
        protocolVersion: PROTOCOL_VERSION,
        agentInfo: { name: 'turnstile', title: 'Turnstile', version },
        agentCapabilities: {
          loadSession: true,
          promptCapabilities: { image: true, audio: false, embeddedContext: true },
          mcpCapabilities: { http: true, sse: false },
          sessionCapabilities: { close: {} },
        },
        authMethods: [],
      }))
      .onRequest('session/new', async ({ params }) => ({
        sessionId: (await start(params.cwd, params.mcpServers, {})).id,
      }))
      .onRequest('session/load', async ({ params: { sessionId, cwd, mcpServers } }) => {
        if (talks.has(sessionId)) throw RequestError.invalidParams(undefined, `session ${sessionId} is open already`);
        const find = async () => ({ file: sessionNamed(homeOf(env, cwd), cwd, sessionId) });
        const talk = await start(cwd, mcpServers, { resume: await find().catch(asParamsError) });
        await talk.replay();
        return {};
      })
      .onRequest('session/close', async ({ params }) => {
        const talk = talkOf(params.sessionId);
        talks.delete(talk.id);
        await talk.close();
        return {};
      })
      .onRequest('session/prompt', ({ params, signal }) => talkOf(params.sessionId).prompt(params.prompt, signal))
      .onNotification('session/cancel', ({ params }) => talks.get(params.sessionId)?.cancel())
      .connect(ndJsonStream(outputOf(streams), inputOf(streams), { maxMessageBytes: MAX_MESSAGE_BYTES }));

    await new Promise<void>((resolve) => {
      void connection.closed.then(resolve, resolve);
      for (const end of ['end', 'close', 'error']) streams.stdin.once(end, () => resolve());
      streams.stdout.once('close', () => resolve());
      if (stop.aborted) resolve();
      else stop.addEventListener('abort', () => resolve(), { once: true });
    });
    isOver = true;
    await Promise.allSettled([...[...talks.values()].map((talk) => talk.close()), ...opening]);
    if (stop.aborted) return exitCodeOfSignal(String(stop.reason));
    if (!(connection.signal.reason instanceof MessageTooLargeError)) return EXIT.done;
    streams.err(`turnstile: a message on stdin is longer than ${MAX_MESSAGE_BYTES} bytes; every session was closed\n`);
    return EXIT.failed;
  };

export const run: Mode = createAcp(openSession);
