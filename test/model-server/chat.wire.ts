/** Chat Completions of the model server. */
import { type Encoder, namesIn, type ServedWire } from './encoder.ts';
import type { Usage } from './scenario.ts';

const STATUS: Readonly<Record<string, number>> = {
  context_length_exceeded: 400,
  invalid_prompt: 400,
  invalid_api_key: 401,
  model_not_found: 404,
  rate_limit_exceeded: 429,
  insufficient_quota: 429,
  usage_limit_reached: 429,
  server_is_overloaded: 503,
};

const encoder = (n: number, model: string): Encoder => {
  let calls = 0;
  const data = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`;
  const chunk = (delta: object, finish: string | null = null, more: object = {}) =>
    data({
      id: `chatcmpl-${n}`,
      object: 'chat.completion.chunk',
      created: 0,
      model,
      choices: [{ index: 0, delta, finish_reason: finish }],
      ...more,
    });
  const done = 'data: [DONE]\n\n';

  return {
    begin: () => chunk({ role: 'assistant', content: '' }),
    textBegin: () => '',
    textDelta: (content) => chunk({ content }),
    textEnd: () => '',
    reasoning: (text) => chunk({ reasoning_content: text }),
    call: (id, name, args) => {
      const index = calls++;
      return (
        chunk({ tool_calls: [{ index, id, type: 'function', function: { name, arguments: '' } }] }) +
        chunk({ tool_calls: [{ index, function: { arguments: args.slice(0, 5) } }] }) +
        chunk({ tool_calls: [{ index, function: { arguments: args.slice(5) } }] })
      );
    },
    end: ({ input, cached = 0, output, reasoning = 0 }: Usage) =>
      chunk({}, calls > 0 ? 'tool_calls' : 'stop') +
      data({
        id: `chatcmpl-${n}`,
        object: 'chat.completion.chunk',
        created: 0,
        model,
        choices: [],
        usage: {
          prompt_tokens: input,
          prompt_tokens_details: { cached_tokens: cached },
          completion_tokens: output,
          completion_tokens_details: { reasoning_tokens: reasoning },
          total_tokens: input + output,
        },
      }) +
      done,
    fail: (code, message) =>
      code === 'max_output_tokens'
        ? chunk({}, 'length') + done
        : code === 'content_filter'
          ? chunk({}, 'content_filter') + done
          : data({ error: { message, type: 'server_error', code } }),
    refuse: (code, message) => {
      const status = STATUS[code];
      return status === undefined
        ? null
        : { status, body: { error: { message, type: 'invalid_request_error', code } } };
    },
  };
};

export const chatWire: ServedWire = {
  path: /\/chat\/completions$/,
  encoder,
  toolNames: ({ tools }) => namesIn(tools, (tool) => tool.function?.name),
};
