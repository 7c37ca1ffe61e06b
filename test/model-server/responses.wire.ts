/** The Responses API of the model server. */
import { type Encoder, frame, namesIn, type ServedWire } from './encoder.ts';
import { piecesOf, type Usage } from './scenario.ts';

const encoder = (n: number, model: string): Encoder => {
  let sequence = 0;
  let index = 0;
  const output: unknown[] = [];
  const event = (type: string, rest: object) => frame(type, { sequence_number: sequence++, ...rest });
  const response = (status: string, more: object = {}) => ({
    response: { id: `resp_${n}`, object: 'response', created_at: 0, status, model, error: null, output, ...more },
  });
  const message = () => ({ id: `msg_${n}_${index}`, type: 'message', role: 'assistant' });
  const done = (item: object) => {
    output.push(item);
    return event('response.output_item.done', { output_index: index++, item });
  };

  return {
    begin: () =>
      event('response.created', response('in_progress')) + event('response.in_progress', response('in_progress')),
    textBegin: () =>
      event('response.output_item.added', {
        output_index: index,
        item: { ...message(), status: 'in_progress', content: [] },
      }) +
      event('response.content_part.added', {
        item_id: message().id,
        output_index: index,
        content_index: 0,
        part: { type: 'output_text', text: '', annotations: [] },
      }),
    textDelta: (delta) =>
      event('response.output_text.delta', {
        item_id: message().id,
        output_index: index,
        content_index: 0,
        delta,
        logprobs: [],
      }),
    textEnd: (text) => {
      const part = { type: 'output_text', text, annotations: [] };
      const at = { item_id: message().id, output_index: index, content_index: 0 };
      return (
        event('response.output_text.done', { ...at, text }) +
        event('response.content_part.done', { ...at, part }) +
        done({ ...message(), status: 'completed', content: [part] })
      );
    },
    reasoning: (text) => {
      const at = { item_id: `rs_${n}_${index}`, output_index: index, summary_index: 0 };
      const item = {
        id: at.item_id,
        type: 'reasoning',
        summary: [{ type: 'summary_text', text }],
        encrypted_content: 'c2VhbGVk',
      };
      return (
        event('response.output_item.added', { output_index: index, item: { ...item, summary: [] } }) +
        event('response.reasoning_summary_part.added', { ...at, part: { type: 'summary_text', text: '' } }) +
        piecesOf(text)
          .map((delta) => event('response.reasoning_summary_text.delta', { ...at, delta }))
          .join('') +
        event('response.reasoning_summary_text.done', { ...at, text }) +
        done(item)
      );
    },
    call: (id, name, args) => {
      const item = { id: `fc_${id}`, type: 'function_call', call_id: id, name, arguments: args, status: 'completed' };
      const at = { item_id: item.id, output_index: index };
      return (
        event('response.output_item.added', {
          output_index: index,
          item: { ...item, arguments: '', status: 'in_progress' },
        }) +
        event('response.function_call_arguments.delta', { ...at, delta: args.slice(0, 5) }) +
        event('response.function_call_arguments.delta', { ...at, delta: args.slice(5) }) +
        event('response.function_call_arguments.done', { ...at, arguments: args }) +
        done(item)
      );
    },
    end: ({ input, cached = 0, output: written, reasoning = 0 }: Usage) =>
      event(
        'response.completed',
        response('completed', {
          usage: {
            input_tokens: input,
            input_tokens_details: { cached_tokens: cached },
            output_tokens: written,
            output_tokens_details: { reasoning_tokens: reasoning },
            total_tokens: input + written,
          },
        }),
      ),
    fail: (code, text) =>
      code === 'max_output_tokens' || code === 'content_filter'
        ? event('response.incomplete', response('incomplete', { incomplete_details: { reason: code } }))
        : event('response.failed', response('failed', { error: { code, message: text } })),
    refuse: () => null,
  };
};

export const responsesWire: ServedWire = {
  path: /\/responses$/,
  encoder,
  toolNames: ({ tools }) => namesIn(tools, ({ name }) => name),
};
