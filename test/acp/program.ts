/** The SDK's client, talking to the real program over its stdin and stdout. */
import { Writable } from 'node:stream';
import {
  client,
  ndJsonStream,
  type ContentBlock,
  type McpServer,
  type RequestPermissionRequest,
  type SessionUpdate,
} from '@agentclientprotocol/sdk';
import { newPlace } from '../cli/program.ts';

export interface Heard {
  readonly sessionId: string;
  readonly update: SessionUpdate;
}

export const startAcp = (
  /** What the embedded model plays; null: the arguments name another. */
  script: readonly (readonly object[])[] | null,
  args: readonly string[],
  answer: (request: RequestPermissionRequest) => string = () => 'deny',
) => {
  const place = newPlace();
  const running = place.start(['acp', ...(script === null ? [] : ['--rehearse', place.script(...script)]), ...args], {
    stdin: 'pipe',
  });
  const { stdin, stdout } = running.child;
  if (stdin === null || stdout === null) throw new Error('no pipes');
  const heard: Heard[] = [];
  const asked: RequestPermissionRequest[] = [];
  const waiting: (() => void)[] = [];
  const input = new ReadableStream<Uint8Array>({
    start: (controller) => {
      const encoder = new TextEncoder(); // the place reads stdout as text
      stdout.on('data', (chunk: string) => controller.enqueue(encoder.encode(chunk)));
      stdout.on('close', () => controller.close());
    },
  });
  const connection = client()
    .onNotification('session/update', ({ params }) => {
      heard.push(params);
      for (const look of waiting) look();
    })
    .onRequest('session/request_permission', ({ params }) => {
      asked.push(params);
      return { outcome: { outcome: 'selected', optionId: answer(params) } };
    })
    .connect(ndJsonStream(Writable.toWeb(stdin), input));
  const agent = connection.agent;
  const initialized = agent.request('initialize', { protocolVersion: 1, clientCapabilities: {} });
  return {
    ...place,
    ...running,
    agent,
    heard,
    asked,
    initialized,
    open: async (mcpServers: readonly McpServer[] = []) => {
      await initialized;
      const servers = [...mcpServers];
      return (await agent.request('session/new', { cwd: place.folder, mcpServers: servers })).sessionId;
    },
    say: (sessionId: string, text = 'go', ...more: readonly ContentBlock[]) =>
      agent.request('session/prompt', { sessionId, prompt: [{ type: 'text', text }, ...more] }),
    /** Resolves when some update fits. */
    saw: (fits: (update: SessionUpdate) => boolean) =>
      new Promise<void>((resolve) => {
        const look = () => heard.some(({ update }) => fits(update)) && resolve();
        waiting.push(look);
        look();
      }),
    words: (sessionId: string) =>
      heard
        .flatMap(({ sessionId: id, update }) =>
          id === sessionId && update.sessionUpdate === 'agent_message_chunk' && update.content.type === 'text'
            ? [update.content.text]
            : [],
        )
        .join(''),
  };
};
