/** `exec_command`: runs a line in the shell; one that takes long goes on in the background, as a session to talk to. */
import { resolve } from 'node:path';
import * as z from 'zod/mini';
import {
  TERMINAL_LIFE_MS,
  TERMINAL_OUTPUT_TOKENS,
  YIELD_MAX_MS,
  YIELD_MIN_MS,
  YIELD_MS,
} from '../../machines/limits.ts';
import { invocationOfScript } from '../patch/invocation.ts';
import { badArguments } from './answers.ts';
import { readArguments } from './arguments.ts';
import { intendPatch } from './shell.tool.ts';
import type { Tool } from './tool.ts';

const nullable = <S extends z.core.$ZodType>(schema: S) => z.optional(z.nullable(schema));

export const Arguments = z.object({
  cmd: z.string(),
  workdir: z.optional(z.string()),
  yield_time_ms: z.optional(z.number()),
  max_output_tokens: z.optional(z.number()),
  with_escalated_permissions: z.optional(z.boolean()),
  justification: z.optional(z.string()),
});

/** `command` is what models write who know it by another name; `tty` is what they know from elsewhere. */
const Lenient = z.object({
  cmd: nullable(z.string()),
  command: nullable(z.string()),
  workdir: nullable(z.string()),
  tty: nullable(z.boolean()),
  yield_time_ms: nullable(z.number()),
  max_output_tokens: nullable(z.number()),
  with_escalated_permissions: nullable(z.boolean()),
  justification: nullable(z.string()),
});

/** About as many bytes as a token is. */
const TOKEN_BYTES = 4;
export const clamped = (wanted: number, least: number, most: number): number =>
  Math.min(Math.max(Math.ceil(wanted), least), most);
export const bytesOf = (tokens: number | null | undefined): number =>
  TOKEN_BYTES * clamped(tokens ?? TERMINAL_OUTPUT_TOKENS, 1, TERMINAL_OUTPUT_TOKENS);

const NO_TTY =
  '`tty` is not supported here: there is no pseudo-terminal. Leave it out, and use flags of the program that need none (for instance `python3 -i -u`, `--no-pager`, `--yes`).';

export const execCommand: Tool = {
  spec: {
    name: 'exec_command',
    description:
      'Runs a line in the shell. If it still runs after yield_time_ms, returns what it printed so far and a session ID, and the command goes on in the background (servers, watchers, prompts): use write_stdin with that ID to read more, to type, or to end it.',
    parameters: {
      type: 'object',
      properties: {
        cmd: { type: 'string', description: 'The line for the shell.' },
        workdir: { type: 'string', description: 'Folder to run in; default: the working folder.' },
        yield_time_ms: {
          type: 'number',
          description: `Milliseconds to wait for its end; ${YIELD_MIN_MS} to ${YIELD_MAX_MS}, default ${YIELD_MS}.`,
        },
        max_output_tokens: {
          type: 'number',
          description: `Most that is returned of the output; default and limit ${TERMINAL_OUTPUT_TOKENS}.`,
        },
        with_escalated_permissions: {
          type: 'boolean',
          description: 'Ask the user to let it run outside the sandbox. Only where the sandbox stands in its way.',
        },
        justification: { type: 'string', description: 'With escalated permissions: one sentence for the user, why.' },
      },
      required: ['cmd'],
      additionalProperties: false,
    },
  },
  aliases: [],
  isParallel: true,

  intend: (args, workplace) => {
    const read = readArguments(Lenient, args);
    if (read.kind === 'unfit') return badArguments('exec_command', args, `${read.mend} \`cmd\` is a line of text.`);
    const { workdir, tty, yield_time_ms, max_output_tokens, with_escalated_permissions, justification } = read.value;
    const cmd = read.value.cmd ?? read.value.command ?? '';
    if (cmd.trim() === '') return badArguments('exec_command', args, '`cmd` is missing or empty.');
    if (tty === true) return badArguments('exec_command', args, NO_TTY);
    const cwd = resolve(workplace.cwd, workdir ?? '.');
    const found = invocationOfScript(cmd);
    if (found) return intendPatch(found, args, cwd, workplace);
    const argv = [workplace.shell, '-c', cmd] as const;
    const terminal = {
      yieldMs: clamped(yield_time_ms ?? YIELD_MS, YIELD_MIN_MS, YIELD_MAX_MS),
      maxBytes: bytesOf(max_output_tokens),
    };
    return {
      kind: 'command',
      command: { argv: [...argv], cwd, env: workplace.env, timeoutMs: TERMINAL_LIFE_MS, input: null, terminal },
      view: { kind: 'command', command: cmd, argv, cwd },
      escalation: with_escalated_permissions ? { justification: justification ?? '' } : null,
    };
  },
};
