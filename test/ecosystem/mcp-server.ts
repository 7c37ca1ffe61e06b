/** The SDK's client, with the real program as its server on standard streams. */
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import {
  CallToolResultSchema,
  ElicitRequestSchema,
  type CallToolResult,
  type ElicitResult,
} from '@modelcontextprotocol/sdk/types.js';
import { fileURLToPath } from 'node:url';
import { newPlace } from '../cli/program.ts';

export const PROGRAM = fileURLToPath(new URL('../cli/source.ts', import.meta.url));

export interface Asked {
  readonly message: string;
  readonly choices: readonly string[];
}

/** `answer` makes it a client that can ask its person. */
export const startServer = async (
  script: readonly (readonly object[])[],
  args: readonly string[],
  answer?: (asked: Asked, signal: AbortSignal) => ElicitResult | Promise<ElicitResult>,
  place = newPlace(),
) => {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [PROGRAM, 'mcp-server', '--rehearse', place.script(...script), ...args],
    env: { PATH: process.env['PATH'] ?? '', HOME: place.folder, TURNSTILE_HOME: place.home },
    cwd: place.folder,
    stderr: 'pipe',
  });
  const told = { err: '' };
  transport.stderr?.on('data', (chunk: Buffer) => (told.err += chunk.toString()));
  const client = new Client(
    { name: 'a test', version: '1' },
    { capabilities: answer === undefined ? {} : { elicitation: {} } },
  );
  const asked: Asked[] = [];
  if (answer !== undefined)
    client.setRequestHandler(ElicitRequestSchema, ({ params }, { signal }) => {
      const schema = 'requestedSchema' in params ? params.requestedSchema.properties['answer'] : undefined;
      const question = { message: params.message, choices: schema && 'enum' in schema ? (schema.enum ?? []) : [] };
      asked.push(question);
      return answer(question, signal);
    });
  await client.connect(transport);
  const progress: string[] = [];
  const waiting: (() => void)[] = [];
  const call = (name: string, given: Record<string, unknown>, signal?: AbortSignal): Promise<CallToolResult> =>
    client.request({ method: 'tools/call', params: { name, arguments: given } }, CallToolResultSchema, {
      timeout: 100_000,
      onprogress: ({ message = '' }) => {
        progress.push(message);
        for (const look of waiting) look();
      },
      ...(signal !== undefined && { signal }),
    });
  return {
    ...place,
    place,
    client,
    pid: transport.pid,
    asked,
    progress,
    told,
    call,
    /** Resolves when the progress told so far contains these words. */
    heard: (words: string) =>
      new Promise<void>((resolve) => {
        const look = () => progress.some((line) => line.includes(words)) && resolve();
        waiting.push(look);
        look();
      }),
    close: () => client.close(),
  };
};

export const textOf = ({ content }: CallToolResult): string =>
  content.map((part) => (part.type === 'text' ? part.text : '')).join('\n');
