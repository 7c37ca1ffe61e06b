/** Shapes of the Messages wire that matter: figures, and the beginning of a block. Deltas are read by hand, they are many. */
import * as z from 'zod/mini';

const count = z.catch(z.nullish(z.number()), null);

export const Usage = z.object({
  input_tokens: count,
  cache_read_input_tokens: count,
  cache_creation_input_tokens: count,
  output_tokens: count,
});
export type Usage = z.infer<typeof Usage>;

export const Block = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text'), text: z.catch(z.string(), '') }),
  z.object({ type: z.literal('thinking'), thinking: z.catch(z.string(), ''), signature: z.catch(z.string(), '') }),
  z.object({ type: z.literal('redacted_thinking'), data: z.string() }),
  z.object({
    type: z.literal('tool_use'),
    id: z.string(),
    name: z.string(),
    input: z.catch(z.record(z.string(), z.unknown()), {}),
  }),
]);
export type Block = z.infer<typeof Block>;
