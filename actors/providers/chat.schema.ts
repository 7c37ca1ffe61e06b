/** Shapes of the Chat Completions wire: every chunk has the same, and most servers leave out some of it. */
import * as z from 'zod/mini';

const text = z.catch(z.nullish(z.string()), null);
const count = z.catch(z.nullish(z.number()), null);

export const Usage = z.object({
  prompt_tokens: z.catch(z.number(), 0),
  completion_tokens: z.catch(z.number(), 0),
  prompt_tokens_details: z.catch(z.nullish(z.object({ cached_tokens: count })), null),
  /** DeepSeek's word for cached tokens. */
  prompt_cache_hit_tokens: count,
  completion_tokens_details: z.catch(z.nullish(z.object({ reasoning_tokens: count })), null),
});
export type Usage = z.infer<typeof Usage>;

export const ToolCallDelta = z.object({
  index: count,
  id: text,
  function: z.catch(z.nullish(z.object({ name: text, arguments: z.catch(z.nullish(z.unknown()), null) })), null),
});
export type ToolCallDelta = z.infer<typeof ToolCallDelta>;
