/**
 * Where the protocol is spoken: a thread of its own, since the SDK is slow to load and no turn may wait for it. The only
 * file that imports the SDK. It starts no process: the lines of a server on standard streams come and go as messages.
 *
 * It decides nothing and keeps no clock: whoever is waited for too long is closed or cancelled from outside.
 */
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { deserializeMessage } from '@modelcontextprotocol/sdk/shared/stdio.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import {
  CallToolResultSchema,
  ListToolsResultSchema,
  ToolListChangedNotificationSchema,
  type Tool,
} from '@modelcontextprotocol/sdk/types.js';
import type { JsonSchemaValidator, jsonSchemaValidator } from '@modelcontextprotocol/sdk/validation/types.js';
import { parentPort } from 'node:worker_threads';
import { messageOf } from '../../machines/kit.ts';
import { MAX_MCP_TOOLS, MCP_DESCRIPTION_CHARS, MCP_SCHEMA_CHARS } from '../../machines/limits.ts';
import { bounded, contentInWords } from './content.ts';
import type { FromWorker, ListedTool, ToWorker } from './words.ts';

/** The SDK always has a clock; this one never strikes. Milliseconds. */
const NEVER_MS = 2_147_483_647;
/** Pages of one list of tools. */
const MAX_PAGES = 32;

const say = (message: FromWorker): void => parentPort?.postMessage(message);

/** What a server answers is shown to a model and not computed with: nothing is held against the schema it gave. */
const trusting: jsonSchemaValidator = {
  getValidator:
    <T>(): JsonSchemaValidator<T> =>
    (input) => ({ valid: true, data: input as T, errorMessage: undefined }),
};

interface Line extends Transport {
  readonly hear: (line: string) => void;
}
const lineTo = (server: string): Line => {
  const line: Line = {
    start: () => Promise.resolve(),
    send: (message) => Promise.resolve(say({ type: 'said', server, line: JSON.stringify(message) })),
    close: () => Promise.resolve(line.onclose?.()),
    hear: (words) => {
      try {
        line.onmessage?.(deserializeMessage(words));
      } catch {
        // Many servers print to standard output; what is no message is nobody's.
      }
    },
  };
  return line;
};

const listed = ({ name, description = '', inputSchema, annotations = {} }: Tool): ListedTool => {
  const { readOnlyHint, destructiveHint, openWorldHint } = annotations;
  return {
    name,
    description: description.slice(0, MCP_DESCRIPTION_CHARS),
    schema: JSON.stringify(inputSchema).length > MCP_SCHEMA_CHARS ? { type: 'object' } : inputSchema,
    hints: { readOnlyHint, destructiveHint, openWorldHint },
  };
};

const toolsOf = async (client: Client): Promise<readonly ListedTool[]> => {
  if (client.getServerCapabilities()?.tools === undefined) return [];
  const tools: Tool[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MAX_PAGES && tools.length < MAX_MCP_TOOLS; page += 1) {
    const params = cursor === undefined ? {} : { cursor };
    const result = await client.request({ method: 'tools/list', params }, ListToolsResultSchema, { timeout: NEVER_MS });
    tools.push(...result.tools);
    cursor = result.nextCursor;
    if (cursor === undefined) break;
  }
  return tools.slice(0, MAX_MCP_TOOLS).map(listed);
};

interface Open {
  readonly client: Client;
  readonly transport: Line | StreamableHTTPClientTransport;
}
const servers = new Map<string, Open>();
const calls = new Map<string, AbortController>();

const open = ({ server, version, http }: Extract<ToWorker, { type: 'open' }>): void => {
  const client = new Client({ name: 'turnstile', version }, { jsonSchemaValidator: trusting });
  const transport =
    http === null
      ? lineTo(server)
      : new StreamableHTTPClientTransport(new URL(http.url), { requestInit: { headers: http.headers } });
  servers.set(server, { client, transport });
  const isMine = () => servers.get(server)?.client === client;
  const lose = (why: string) => {
    if (isMine()) say({ type: 'lost', server, why });
  };
  const list = async () => {
    const tools = await toolsOf(client);
    if (isMine()) say({ type: 'listed', server, tools });
  };
  /** However often a server says that its list has changed: one request at a time, and one more if it said so meanwhile. */
  const news = { state: 'none' as 'none' | 'asking' | 'stale' };
  const listAgain = async (): Promise<void> => {
    if (news.state !== 'none') return void (news.state = 'stale');
    do {
      news.state = 'asking';
      await list();
    } while ((news.state as string) === 'stale');
    news.state = 'none';
  };
  client.onclose = () => lose('it closed the connection');
  client.setNotificationHandler(ToolListChangedNotificationSchema, () => listAgain().catch(() => {}));
  // The types of the SDK do not know `exactOptionalPropertyTypes`.
  client
    .connect(transport as Transport, { timeout: NEVER_MS })
    .then(list)
    .catch((error: unknown) => lose(messageOf(error)));
};

const call = async ({ server, id, tool, args }: Extract<ToWorker, { type: 'call' }>): Promise<void> => {
  const client = servers.get(server)?.client;
  if (client === undefined) return say({ type: 'answered', id, status: 'failed', output: 'the server is gone' });
  const life = new AbortController();
  calls.set(id, life);
  try {
    const result = await client.request(
      { method: 'tools/call', params: { name: tool, arguments: args } },
      CallToolResultSchema,
      {
        signal: life.signal,
        timeout: NEVER_MS,
        onprogress: ({ progress, total, message }) =>
          say({
            type: 'progressed',
            id,
            text: `${progress}${total === undefined ? '' : `/${total}`} ${message ?? ''}`,
          }),
      },
    );
    const status = result.isError === true ? 'failed' : 'completed';
    say({ type: 'answered', id, status, output: contentInWords(result.content, result.structuredContent) });
  } catch (error) {
    say({ type: 'answered', id, status: 'failed', output: bounded(messageOf(error)) });
  } finally {
    calls.delete(id);
  }
};

const close = async (server: string): Promise<void> => {
  const known = servers.get(server);
  servers.delete(server);
  try {
    if (known !== undefined && 'terminateSession' in known.transport) await known.transport.terminateSession();
    await known?.client.close();
  } catch {
    // It is gone already, or does not know how to end a session.
  }
  say({ type: 'closed', server });
};

const hear = (message: ToWorker): void => {
  switch (message.type) {
    case 'open':
      return open(message);
    case 'heard': {
      const transport = servers.get(message.server)?.transport;
      return transport !== undefined && 'hear' in transport ? transport.hear(message.line) : undefined;
    }
    case 'call':
      return void call(message);
    case 'cancel':
      return calls.get(message.id)?.abort('cancelled');
    case 'close':
      return void close(message.server);
  }
};
parentPort?.on('message', hear);
