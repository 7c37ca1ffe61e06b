/** A request in the words of OpenAI's Responses API. `input` stands last: what is appended changes nothing before it. */
import type { Item } from '../../machines/protocol/index.ts';
import type { Images } from './images.ts';
import { modelOf } from './models.ts';
import type { SampleRequest, ToolSpec } from './provider.ts';
import { contextText, pair, remember, summaryText, toolName, toolSchema, UNKNOWN_RESULT } from './wire.ts';

const json = JSON.stringify;
const userMessage = (text: string) => json({ type: 'message', role: 'user', content: [{ type: 'input_text', text }] });
const output = (callId: string, text: string) => json({ type: 'function_call_output', call_id: callId, output: text });

const write = (item: Item, maker: string, images: Images): string => {
  switch (item.type) {
    case 'user': {
      const pictures = images
        .of(item)
        .map((picture) =>
          picture.kind === 'placeholder'
            ? { type: 'input_text', text: picture.text }
            : { type: 'input_image', image_url: `data:${picture.mediaType};base64,${picture.base64}` },
        );
      return json({ type: 'message', role: 'user', content: [{ type: 'input_text', text: item.text }, ...pictures] });
    }
    case 'agent':
      return json({ type: 'message', role: 'assistant', content: [{ type: 'output_text', text: item.text }] });
    case 'reasoning':
      if (item.sealed?.by !== maker) return '';
      return json({
        type: 'reasoning',
        summary: item.text === '' ? [] : [{ type: 'summary_text', text: item.text }],
        encrypted_content: item.sealed.data,
      });
    case 'call':
      return json({ type: 'function_call', call_id: item.callId, name: toolName(item.tool), arguments: item.args });
    case 'result':
      return output(item.callId, item.output);
    case 'context':
      return userMessage(contextText(item));
    case 'summary':
      return userMessage(summaryText(item.text));
  }
};

const writeTool = ({ name, description, parameters }: ToolSpec) => ({
  type: 'function',
  name: toolName(name),
  description,
  strict: false,
  parameters: toolSchema(parameters),
});

/** `none` is how the operator says it; on the wire it is the absence of the field. */
const summaryOf = ({ reasoningSummary = 'auto' }: SampleRequest) =>
  reasoningSummary === 'none' ? {} : { summary: reasoningSummary };

export const createResponsesBody = (maker: string, images: Images): ((request: SampleRequest) => string) => {
  const wireOf = remember((item: Item) => write(item, maker, images));

  const inputOf = (items: readonly Item[]): string => {
    const results = pair(items);
    const parts: string[] = [];
    for (const item of items) {
      if (item.type === 'result' && results.get(item.callId) !== item) continue;
      const part = wireOf(item);
      if (part !== '') parts.push(part);
      if (item.type === 'call' && !results.has(item.callId)) parts.push(output(item.callId, UNKNOWN_RESULT));
    }
    return parts.join(',');
  };

  return (request) => {
    const canReason = modelOf(request.model).reasoning !== 'none' || request.reasoningEffort !== undefined;
    const head = json({
      model: request.model,
      instructions: request.instructions,
      ...(request.tools.length === 0
        ? {}
        : { tools: request.tools.map(writeTool), tool_choice: 'auto', parallel_tool_calls: request.parallelTools }),
      ...(canReason
        ? {
            reasoning: { effort: request.reasoningEffort, ...summaryOf(request) },
            include: ['reasoning.encrypted_content'],
          }
        : {}),
      store: false,
      stream: true,
      prompt_cache_key: request.threadId,
      ...(request.outputSchema === undefined
        ? {}
        : { text: { format: { type: 'json_schema', name: 'answer', strict: true, schema: request.outputSchema } } }),
    });
    return `${head.slice(0, -1)},"input":[${inputOf(request.items)}]}`;
  };
};
