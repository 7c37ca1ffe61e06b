/** Shapes of the Responses wire that matter: whole items, endings, failures. Deltas are read by hand, they are many. */
import * as z from 'zod/mini';

const count = z.catch(z.number(), 0);
const text = z.catch(z.string(), '');

const Message = z.object({
  type: z.literal('message'),
  content: z.array(z.object({ type: z.string(), text: z.optional(z.string()), refusal: z.optional(z.string()) })),
});
const Reasoning = z.object({
  type: z.literal('reasoning'),
  summary: z.catch(z.array(z.object({ text })), []),
  content: z.catch(z.nullish(z.array(z.object({ text }))), []),
  encrypted_content: z.catch(z.nullish(z.string()), null),
});
const FunctionCall = z.object({
  type: z.literal('function_call'),
  call_id: z.string(),
  name: z.string(),
  arguments: z.catch(z.string(), '{}'),
});
const CustomToolCall = z.object({
  type: z.literal('custom_tool_call'),
  call_id: z.string(),
  name: z.string(),
  input: text,
});
const LocalShellCall = z.object({
  type: z.literal('local_shell_call'),
  call_id: z.string(),
  action: z.object({
    command: z.array(z.string()),
    working_directory: z.optional(z.nullable(z.string())),
    timeout_ms: z.optional(z.nullable(z.number())),
  }),
});
export const OutputItem = z.discriminatedUnion('type', [
  Message,
  Reasoning,
  FunctionCall,
  CustomToolCall,
  LocalShellCall,
]);
export type OutputItem = z.infer<typeof OutputItem>;

export const Completed = z.object({
  response: z.object({
    output: z.catch(z.array(z.unknown()), []),
    end_turn: z.catch(z.nullish(z.boolean()), null),
    usage: z.catch(
      z.nullish(
        z.object({
          input_tokens: count,
          input_tokens_details: z.catch(z.nullish(z.object({ cached_tokens: count })), null),
          output_tokens: count,
          output_tokens_details: z.catch(z.nullish(z.object({ reasoning_tokens: count })), null),
        }),
      ),
      null,
    ),
  }),
});
export type Completed = z.infer<typeof Completed>;

const Failure = z.object({ code: z.catch(z.nullish(z.string()), null), message: z.catch(z.nullish(z.string()), null) });
export const Failed = z.object({ response: z.object({ error: z.catch(z.nullish(Failure), null) }) });
/** `event: error`, flat or with an inner error. */
export const Erred = z.object({ ...Failure.shape, error: z.catch(z.nullish(Failure), null) });
export const Incomplete = z.object({
  response: z.object({ incomplete_details: z.catch(z.nullish(z.object({ reason: text })), null) }),
});
