/**
 * The Model Context Protocol, spoken by its SDK: the only file of the command line that imports it, and a bundle of its own
 * that is loaded by `turnstile mcp-server` alone. It decides nothing: lines in, calls out.
 *
 * A line that is no JSON, or no message, gets the error that JSON-RPC has for it, and the next line is read as if nothing
 * had been. A call before `initialize` is refused: who asked is not known, nor whether somebody can be asked.
 */
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import {
  CallToolRequestSchema,
  ErrorCode,
  JSONRPCMessageSchema,
  ListToolsRequestSchema,
  McpError,
  type CallToolResult,
} from '@modelcontextprotocol/sdk/types.js';
import type { JsonSchemaValidator, jsonSchemaValidator } from '@modelcontextprotocol/sdk/validation/types.js';
import { createTeller } from './teller.ts';
import type { Answer, Asking, Wire, WirePorts } from './words.ts';

/** A question has no clock, and the SDK always has one: it strikes after 24 days. Milliseconds. */
const NEVER_MS = 2_147_483_647;

/** What comes back of a form is one of few words, and looked at where it is used: no validator is loaded for that. */
const trusting: jsonSchemaValidator = {
  getValidator:
    <T>(): JsonSchemaValidator<T> =>
    (input) => ({ valid: true, data: input as T, errorMessage: undefined }),
};

const idIn = (message: unknown): string | number | null => {
  const id = typeof message === 'object' && message !== null && 'id' in message ? message.id : null;
  return typeof id === 'string' || typeof id === 'number' ? id : null;
};

const resultOf = ({ text, structured, isError }: Answer): CallToolResult => ({
  content: text.map((words) => ({ type: 'text', text: words })),
  ...(structured !== undefined && { structuredContent: { ...structured } }),
  isError,
});

export const speak = async ({ version, instructions, tools, call, write, warn }: WirePorts): Promise<Wire> => {
  const server = new Server(
    { name: 'turnstile', title: 'Turnstile', version },
    { capabilities: { tools: {} }, instructions, jsonSchemaValidator: trusting },
  );
  const transport: Transport = {
    start: () => Promise.resolve(),
    send: (message) => write(JSON.stringify(message)),
    close: () => Promise.resolve(transport.onclose?.()),
  };
  const refuse = (id: string | number | null, code: ErrorCode, message: string): Promise<void> =>
    write(JSON.stringify({ jsonrpc: '2.0', id, error: { code, message } }));

  const ask = async ({ message, choices }: Asking, signal: AbortSignal): Promise<string | null> => {
    const answer = {
      ...({ type: 'string', title: 'Answer', description: 'Whether it may run' } as const),
      enum: choices.map(({ value }) => value),
      enumNames: choices.map(({ label }) => label),
    };
    try {
      const { action, content } = await server.elicitInput(
        { message, requestedSchema: { type: 'object', properties: { answer }, required: ['answer'] } },
        { signal, timeout: NEVER_MS },
      );
      return action === 'accept' && typeof content?.['answer'] === 'string' ? content['answer'] : null;
    } catch {
      return null; // it was taken back, or the client could not ask
    }
  };

  server.setRequestHandler(ListToolsRequestSchema, () => ({
    tools: tools.map((tool) => ({
      ...tool,
      annotations: { title: tool.title, readOnlyHint: false, destructiveHint: true, openWorldHint: true },
    })),
  }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params }, { signal, _meta, sendNotification }) => {
    if (server.getClientVersion() === undefined)
      throw new McpError(ErrorCode.InvalidRequest, 'the first request must be initialize');
    if (!tools.some(({ name }) => name === params.name))
      throw new McpError(ErrorCode.InvalidParams, `there is no tool ${JSON.stringify(params.name)}`);
    const progressToken = _meta?.progressToken;
    const teller = createTeller(async (message, progress) => {
      if (progressToken === undefined || signal.aborted) return;
      await sendNotification({ method: 'notifications/progress', params: { progressToken, progress, message } });
    });
    const canAsk = server.getClientCapabilities()?.elicitation?.form !== undefined;
    try {
      return resultOf(
        await call(params.name, params.arguments ?? {}, { signal, tell: teller.tell, ask: canAsk ? ask : null }),
      );
    } finally {
      await teller.end();
    }
  });
  // Clients that are made of the SDK do not hear that their request 0 was taken back: no question may have that number.
  server.oninitialized = () => void server.ping().catch(() => undefined);
  server.onerror = (error) => warn(error.message);
  await server.connect(transport);

  return {
    hear: (line) => {
      const parsed = ((): { readonly message: unknown } | null => {
        try {
          return { message: JSON.parse(line) };
        } catch {
          return null;
        }
      })();
      if (parsed === null) return void refuse(null, ErrorCode.ParseError, 'a line is no JSON');
      const read = JSONRPCMessageSchema.safeParse(parsed.message);
      if (read.success) return transport.onmessage?.(read.data);
      void refuse(idIn(parsed.message), ErrorCode.InvalidRequest, 'a line is no message of JSON-RPC 2.0');
    },
    refuse: (words) => refuse(null, ErrorCode.InvalidRequest, words),
    close: () => server.close(),
  };
};
