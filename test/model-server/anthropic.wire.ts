/** The Messages API of the model server. */
import { type Encoder, frame, namesIn, type ServedWire } from './encoder.ts';
import { piecesOf, type Usage } from './scenario.ts';

/** How this wire calls what the others have a code for. */
const FAILURES: Readonly<Record<string, readonly [status: number, type: string, message?: string]>> = {
  context_length_exceeded: [400, 'invalid_request_error', 'prompt is too long: 208310 tokens > 200000 maximum'],
  invalid_prompt: [400, 'invalid_request_error'],
  invalid_api_key: [401, 'authentication_error'],
  model_not_found: [404, 'not_found_error'],
  rate_limit_exceeded: [429, 'rate_limit_error'],
  insufficient_quota: [400, 'invalid_request_error', 'Your credit balance is too low to access the Anthropic API.'],
  server_is_overloaded: [529, 'overloaded_error'],
};
const STOPS: Readonly<Record<string, string>> = { max_output_tokens: 'max_tokens', content_filter: 'refusal' };

const encoder = (n: number, model: string): Encoder => {
  let index = 0;
  let stop = 'end_turn';
  const block = (start: object, deltas: readonly object[]) => {
    const at = { index: index++ };
    return (
      frame('content_block_start', { ...at, content_block: start }) +
      deltas.map((delta) => frame('content_block_delta', { ...at, delta })).join('') +
      frame('content_block_stop', at)
    );
  };
  const ending = (reason: string, output: number) =>
    frame('message_delta', { delta: { stop_reason: reason, stop_sequence: null }, usage: { output_tokens: output } }) +
    frame('message_stop', {});

  return {
    begin: ({ input, cached = 0 }: Usage) =>
      frame('message_start', {
        message: {
          id: `msg_${n}`,
          type: 'message',
          role: 'assistant',
          model,
          content: [],
          stop_reason: null,
          usage: {
            input_tokens: input - cached,
            cache_read_input_tokens: cached,
            cache_creation_input_tokens: 0,
            output_tokens: 1,
          },
        },
      }) + frame('ping', {}),
    textBegin: () => frame('content_block_start', { index, content_block: { type: 'text', text: '' } }),
    textDelta: (text) => frame('content_block_delta', { index, delta: { type: 'text_delta', text } }),
    textEnd: () => frame('content_block_stop', { index: index++ }),
    reasoning: (text) =>
      block({ type: 'thinking', thinking: '', signature: '' }, [
        ...piecesOf(text).map((thinking) => ({ type: 'thinking_delta', thinking })),
        { type: 'signature_delta', signature: 'c2VhbGVk' },
      ]),
    call: (id, name, args) => {
      stop = 'tool_use';
      return block({ type: 'tool_use', id, name, input: {} }, [
        { type: 'input_json_delta', partial_json: '' },
        { type: 'input_json_delta', partial_json: args.slice(0, 5) },
        { type: 'input_json_delta', partial_json: args.slice(5) },
      ]);
    },
    end: ({ output }: Usage) => ending(stop, output),
    fail: (code, message) => {
      const reason = STOPS[code];
      if (reason !== undefined) return ending(reason, 0);
      const [, type = 'api_error', said = message] = FAILURES[code] ?? [];
      return frame('error', { error: { type, message: said } });
    },
    refuse: (code, message) => {
      const failure = FAILURES[code];
      if (failure === undefined) return null;
      const [status, type, said = message] = failure;
      return { status, body: { type: 'error', error: { type, message: said } } };
    },
  };
};

export const anthropicWire: ServedWire = {
  path: /\/messages$/,
  encoder,
  toolNames: ({ tools, tool_choice: choice }) =>
    typeof choice === 'object' && choice !== null && 'type' in choice && choice.type === 'none'
      ? []
      : namesIn(tools, ({ name }) => name),
};
