/** A request in the words of Chat Completions. `messages` stands last: what is appended changes nothing before it. */
import type { CallItem, Item, ResultItem, UserItem } from '../../machines/protocol/index.ts';
import type { Images } from './images.ts';
import type { ProviderConfig, SampleRequest, ToolSpec } from './provider.ts';
import { contextText, pair, remember, summaryText, toolName, toolSchema, UNKNOWN_RESULT } from './wire.ts';

const json = JSON.stringify;
const message = (role: string, content: unknown) => json({ role, content });

const writeUser = (item: UserItem, images: Images): string => {
  const pictures = images.of(item);
  if (pictures.length === 0) return message('user', item.text);
  const parts = pictures.map((picture) =>
    picture.kind === 'placeholder'
      ? { type: 'text', text: picture.text }
      : { type: 'image_url', image_url: { url: `data:${picture.mediaType};base64,${picture.base64}` } },
  );
  return message('user', [{ type: 'text', text: item.text }, ...parts]);
};

const writeCall = ({ callId, tool, args }: CallItem) =>
  json({ id: callId, type: 'function', function: { name: toolName(tool), arguments: args } });
const writeResult = (callId: string, content: string) => json({ role: 'tool', tool_call_id: callId, content });

const writeTool = ({ name, description, parameters }: ToolSpec) => ({
  type: 'function',
  function: { name: toolName(name), description, parameters: toolSchema(parameters) },
});

/** OpenAI's o-series calls one tool at a time and refuses to be told so. */
const HAS_NO_PARALLEL_SWITCH = /(^|\/)o\d/;
const isOpenAi = ({ baseUrl }: ProviderConfig) => new URL(baseUrl).hostname === 'api.openai.com';

export const createChatBody = (config: ProviderConfig, images: Images): ((request: SampleRequest) => string) => {
  const userOf = remember((item: UserItem) => writeUser(item, images));
  const wordsOf = remember((item: Extract<Item, { type: 'context' | 'summary' }>) =>
    message('user', item.type === 'context' ? contextText(item) : summaryText(item.text)),
  );
  const callOf = remember(writeCall);
  const resultOf = remember((item: ResultItem) => writeResult(item.callId, item.output));

  const messagesOf = (items: readonly Item[]): readonly string[] => {
    const results = pair(items);
    const messages: string[] = [];
    let said: string[] = [];
    let calls: CallItem[] = [];

    /** One message of the assistant, and directly after it the result of each of its calls. */
    const close = () => {
      if (said.length === 0 && calls.length === 0) return;
      const content = said.length === 0 ? 'null' : json(said.join('\n\n'));
      const tools = calls.length === 0 ? '' : `,"tool_calls":[${calls.map(callOf).join(',')}]`;
      messages.push(`{"role":"assistant","content":${content}${tools}}`);
      for (const call of calls) {
        const result = results.get(call.callId);
        messages.push(result ? resultOf(result) : writeResult(call.callId, UNKNOWN_RESULT));
      }
      said = [];
      calls = [];
    };
    for (const item of items) {
      switch (item.type) {
        case 'agent':
          if (calls.length > 0) close();
          said.push(item.text);
          break;
        case 'call':
          calls.push(item);
          break;
        case 'result':
          if (calls.length > 0) close();
          break;
        case 'reasoning':
          break; // this wire has no sealed form, and plain thoughts are not sent back
        case 'user':
          close();
          messages.push(userOf(item));
          break;
        default:
          close();
          messages.push(wordsOf(item));
      }
    }
    close();
    return messages;
  };

  return (request) => {
    const { model, instructions, tools, parallelTools, reasoningEffort, outputSchema } = request;
    const head = json({
      model,
      stream: true,
      stream_options: { include_usage: true },
      ...(tools.length === 0 ? {} : { tools: tools.map(writeTool), tool_choice: 'auto' }),
      ...(tools.length === 0 || HAS_NO_PARALLEL_SWITCH.test(model) ? {} : { parallel_tool_calls: parallelTools }),
      ...(reasoningEffort === undefined ? {} : { reasoning_effort: reasoningEffort }),
      // Other servers refuse parameters they do not know.
      ...(isOpenAi(config) ? { store: false, prompt_cache_key: request.threadId } : {}),
      ...(outputSchema === undefined
        ? {}
        : {
            response_format: {
              type: 'json_schema',
              json_schema: { name: 'answer', strict: true, schema: outputSchema },
            },
          }),
    });
    const system = instructions === '' ? [] : [message('system', instructions)];
    return `${head.slice(0, -1)},"messages":[${[...system, ...messagesOf(request.items)].join(',')}]}`;
  };
};
