/** `write_stdin`: types into a session that `exec_command` left running, or only reads it. It starts nothing. */
import * as z from 'zod/mini';
import {
  ANSWER_MS,
  POLL_MAX_MS,
  POLL_MIN_MS,
  TERMINAL_INPUT_BYTES,
  TERMINAL_OUTPUT_TOKENS,
  YIELD_MAX_MS,
} from '../../machines/limits.ts';
import { badArguments, toolView } from './answers.ts';
import { readArguments } from './arguments.ts';
import { bytesOf, clamped } from './exec-command.tool.ts';
import type { Tool } from './tool.ts';

const nullable = <S extends z.core.$ZodType>(schema: S) => z.optional(z.nullable(schema));

export const Arguments = z.object({
  session_id: z.number(),
  chars: z.optional(z.string()),
  yield_time_ms: z.optional(z.number()),
  max_output_tokens: z.optional(z.number()),
});

const Lenient = z.object({
  session_id: z.union([z.number(), z.string()]),
  chars: nullable(z.string()),
  yield_time_ms: nullable(z.number()),
  max_output_tokens: nullable(z.number()),
});

export const writeStdin: Tool = {
  spec: {
    name: 'write_stdin',
    description:
      'Types characters into a running session of exec_command and returns what it printed since it was last read. Without characters it only reads. "\\u0003" alone is Ctrl-C; "\\u0004" at the end closes the input.',
    parameters: {
      type: 'object',
      properties: {
        session_id: { type: 'number', description: 'The session ID that exec_command returned.' },
        chars: { type: 'string', description: 'What to type, with its "\\n"; empty to only read.' },
        yield_time_ms: {
          type: 'number',
          description: `Milliseconds to wait for output; default ${ANSWER_MS}. Without characters ${POLL_MIN_MS} to ${POLL_MAX_MS}; it returns early when the process ends.`,
        },
        max_output_tokens: {
          type: 'number',
          description: `Most that is returned of the output; default and limit ${TERMINAL_OUTPUT_TOKENS}.`,
        },
      },
      required: ['session_id'],
      additionalProperties: false,
    },
  },
  aliases: [],
  isParallel: false,

  intend: (args) => {
    const read = readArguments(Lenient, args);
    if (read.kind === 'unfit') return badArguments('write_stdin', args, read.mend);
    const { session_id, chars, yield_time_ms, max_output_tokens } = read.value;
    const text = chars ?? '';
    if (Buffer.byteLength(text) > TERMINAL_INPUT_BYTES)
      return badArguments('write_stdin', args, `\`chars\` is longer than ${TERMINAL_INPUT_BYTES} bytes; send parts.`);
    const wanted = yield_time_ms ?? ANSWER_MS;
    return {
      kind: 'talk',
      view: toolView('write_stdin', args),
      talk: {
        terminalId: String(session_id),
        chars: text,
        yieldMs: text === '' ? clamped(wanted, POLL_MIN_MS, POLL_MAX_MS) : clamped(wanted, ANSWER_MS, YIELD_MAX_MS),
        maxBytes: bytesOf(max_output_tokens),
      },
    };
  },
};
