/**
 * `shell`: runs a command. A list of words is started as it is; a text is given to the user's shell. A command that is
 * nothing but a patch goes the way of a patch.
 */
import { resolve } from 'node:path';
import * as z from 'zod/mini';
import { COMMAND_TIMEOUT_MAX_MS, COMMAND_TIMEOUT_MS } from '../../machines/limits.ts';
import { type Invocation, invocationOf, invocationOfScript } from '../patch/invocation.ts';
import { badArguments, failure, toolView } from './answers.ts';
import { readArguments } from './arguments.ts';
import { patchIntent } from './patch-intent.ts';
import type { Intent, Tool, Workplace } from './tool.ts';

export const Arguments = z.object({
  command: z.union([z.array(z.string()), z.string()]),
  workdir: z.optional(z.string()),
  timeout_ms: z.optional(z.number()),
  with_escalated_permissions: z.optional(z.boolean()),
  justification: z.optional(z.string()),
});

const nullable = <S extends z.core.$ZodType>(schema: S) => z.optional(z.nullable(schema));

/** What models send: null for what they leave out, and `cmd` where their own tool had it. */
const Lenient = z.object({
  command: nullable(Arguments.shape.command),
  cmd: nullable(z.string()),
  workdir: nullable(z.string()),
  timeout_ms: nullable(z.number()),
  timeout: nullable(z.number()),
  with_escalated_permissions: nullable(z.boolean()),
  justification: nullable(z.string()),
});
type Lenient = z.infer<typeof Lenient>;

const PLAIN = /^[\w@%+=:,./-]+$/;
const quoted = (word: string) => (PLAIN.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);

const timeoutOf = ({ timeout_ms, timeout }: Lenient): number => {
  const wanted = timeout_ms ?? timeout ?? COMMAND_TIMEOUT_MS;
  return wanted > 0 ? Math.min(Math.ceil(wanted), COMMAND_TIMEOUT_MAX_MS) : COMMAND_TIMEOUT_MS;
};

const run = (command: string | readonly string[], args: Lenient, cwd: string, { env, shell }: Workplace): Intent => {
  const argv: [string, ...string[]] =
    typeof command === 'string' ? [shell, '-c', command] : [command[0]!, ...command.slice(1)];
  const words = typeof command === 'string' ? command : command.map(quoted).join(' ');
  return {
    kind: 'command',
    command: { argv, cwd, env, timeoutMs: timeoutOf(args), input: null },
    view: { kind: 'command', command: words, argv, cwd },
    escalation: args.with_escalated_permissions ? { justification: args.justification ?? '' } : null,
  };
};

const BARE =
  'The command is a patch, not a program. Call the tool apply_patch with it, or run ["apply_patch", "<the patch>"].';

export const intendPatch = (found: NonNullable<Invocation>, args: string, cwd: string, workplace: Workplace): Intent =>
  found.kind === 'bare'
    ? failure(toolView('shell', args), BARE)
    : patchIntent(found.patch, resolve(cwd, found.folder ?? '.'), workplace);

const EXAMPLE = 'for instance {"command": ["ls", "-la"]} or {"command": "ls -la | head"}';

export const shell: Tool = {
  spec: {
    name: 'shell',
    description:
      'Runs a command and returns its output and exit code. A list of words is started directly; a text is run by the shell (pipes, globs, &&). It has no terminal and no input. To change files use apply_patch.',
    parameters: {
      type: 'object',
      properties: {
        command: {
          anyOf: [{ type: 'array', items: { type: 'string' } }, { type: 'string' }],
          description: 'The program and its arguments; or a line for the shell.',
        },
        workdir: { type: 'string', description: 'Folder to run in; default: the working folder.' },
        timeout_ms: {
          type: 'number',
          description: `Milliseconds after which it is stopped; default ${COMMAND_TIMEOUT_MS}, at most ${COMMAND_TIMEOUT_MAX_MS}.`,
        },
        with_escalated_permissions: {
          type: 'boolean',
          description:
            'Ask the user to let this command run outside the sandbox. Only where the sandbox stands in its way.',
        },
        justification: {
          type: 'string',
          description: 'With escalated permissions: one sentence for the user, what the command is needed for.',
        },
      },
      required: ['command'],
      additionalProperties: false,
    },
  },
  aliases: ['shell_command', 'bash', 'local_shell', 'container.exec'],
  isParallel: true,

  intend: (args, workplace) => {
    const read = readArguments(Lenient, args);
    if (read.kind === 'unfit') return badArguments('shell', args, `${read.mend} It is, ${EXAMPLE}.`);
    const command = read.value.command ?? read.value.cmd;
    const isEmpty = typeof command === 'string' ? command.trim() === '' : !command?.[0];
    if (command === null || command === undefined || isEmpty)
      return badArguments('shell', args, `\`command\` is missing or empty; ${EXAMPLE}.`);
    const cwd = resolve(workplace.cwd, read.value.workdir ?? '.');
    const found = typeof command === 'string' ? invocationOfScript(command) : invocationOf(command);
    return found ? intendPatch(found, args, cwd, workplace) : run(command, read.value, cwd, workplace);
  },
};
