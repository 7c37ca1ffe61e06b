/** The two tools: what a caller may say to them, and the words in which their answers come. Pure. */
import * as z from 'zod/mini';
import { SANDBOX_MODES } from '../flags.ts';
import type { Ending, Said } from './talk.ts';
import type { Answer, ObjectSchema, ToolSpec } from './words.ts';

const prompt = z.string().check(z.minLength(1), z.describe('What to do, in plain words.'));

export const Start = z.strictObject({
  prompt,
  cwd: z.optional(
    z
      .string()
      .check(z.describe('The folder to work in, inside the one in which the server was started. Default: that.')),
  ),
  model: z.optional(z.string().check(z.describe('The model to ask. Default: the configured one.'))),
  sandbox: z.optional(
    z
      .enum(SANDBOX_MODES)
      .check(z.describe('What commands may touch; never more than the server was started with. Default: that.')),
  ),
});
export const Continue = z.strictObject({
  threadId: z
    .string()
    .check(z.regex(/^[\w-]{1,128}$/), z.describe('The threadId of an earlier answer, also of an earlier process.')),
  prompt,
});

const Output = z.object({
  threadId: z.string(),
  status: z.enum(['completed', 'failed', 'interrupted']),
  /** The final message of the agent. */
  message: z.string(),
  error: z.optional(z.object({ kind: z.string(), message: z.string() })),
  /** Actions that were refused. */
  declined: z.int(),
});

/** What a schema says of itself beyond its shape is not for everybody's parser. */
const schemaOf = (schema: z.core.$ZodType): ObjectSchema => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema);
  return { ...rest, type: 'object' };
};

export const START = 'turnstile';
export const CONTINUE = 'turnstile-reply';

export const toolSpecs = (): readonly ToolSpec[] => [
  {
    name: START,
    title: 'Run a coding agent',
    description:
      'Starts a coding agent in a sandbox and returns its final message when it is done. It reads and changes files and ' +
      'runs commands. The answer names a threadId with which turnstile-reply goes on.',
    inputSchema: schemaOf(Start),
    outputSchema: schemaOf(Output),
  },
  {
    name: CONTINUE,
    title: 'Go on with a coding agent',
    description: 'The next prompt for an agent that turnstile started; it remembers everything that was said and done.',
    inputSchema: schemaOf(Continue),
    outputSchema: schemaOf(Output),
  },
];

export const refusal = (why: string): Answer => ({ text: [why], isError: true });

/** Arguments that do not fit, in a sentence from which a model can mend them. */
export const misfit = (error: z.core.$ZodError): Answer => {
  const [issue] = error.issues;
  const keys = issue?.code === 'unrecognized_keys' ? issue.keys.join(', ') : (issue?.path.join('.') ?? '');
  return refusal(`the arguments do not fit: ${keys === '' ? '' : `${keys}: `}${issue?.message ?? 'unknown'}`);
};

type Outcome = Pick<z.infer<typeof Output>, 'status' | 'message' | 'error'>;
const outcomeOf = (ending: Ending): Outcome => {
  switch (ending.type) {
    case 'turn.completed':
      return { status: 'completed', message: ending.lastAgentMessage ?? '' };
    case 'turn.failed':
      return { status: 'failed', message: '', error: { kind: ending.error.kind, message: ending.error.message } };
    case 'turn.aborted':
      return { status: 'interrupted', message: '' };
  }
};

/** A client may hand nothing but the text to its model: the thread is named there too. */
export const answerOf = (threadId: string, said: Said): Answer => {
  if (said.kind === 'refused') return refusal(said.why);
  const outcome = outcomeOf(said.ending);
  const { status, message, error } = outcome;
  const words = {
    completed: message,
    failed: `failed (${error?.kind}): ${error?.message}`,
    interrupted: 'interrupted',
  };
  return {
    text: [words[status], `threadId: ${threadId} (turnstile-reply goes on with it)`],
    structured: { threadId, ...outcome, declined: said.declined },
    isError: status !== 'completed',
  };
};
