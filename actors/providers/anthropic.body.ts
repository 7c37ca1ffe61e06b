/**
 * A request in the words of Anthropic's Messages API. Adjacent items of one role share a message; the results of calls are
 * the very next thing after them. `messages` stands last: what is appended changes nothing before it, except for the
 * marks that say how far the prompt may be cached, which are no part of what is compared.
 */
import type { CallItem, Item, UserItem } from '../../machines/protocol/index.ts';
import type { Images } from './images.ts';
import { type ModelFacts, modelOf } from './models.ts';
import type { SampleRequest, ToolSpec } from './provider.ts';
import {
  contextText,
  isRecord,
  pair,
  parseJson,
  remember,
  summaryText,
  toolName,
  toolSchema,
  UNKNOWN_RESULT,
} from './wire.ts';

/** Thinking for an effort in words. Tokens. */
const BUDGET: Readonly<Record<string, number>> = {
  minimal: 1_024,
  low: 4_096,
  medium: 10_240,
  high: 24_576,
  xhigh: 32_768,
};
/** Left of the answer beside the thinking. Tokens. */
const ROOM_TO_ANSWER = 4_096;

const json = JSON.stringify;
const CACHED = ',"cache_control":{"type":"ephemeral"}}';
const mark = (block: string) => block.slice(0, -1) + CACHED;
/** Blank blocks are refused. */
const text = (words: string) => json({ type: 'text', text: words.trim() === '' ? '(empty)' : words });
const callId = (id: string) => id.replace(/[^a-zA-Z0-9_-]/g, '_');

const writeUser = (item: UserItem, images: Images): string => {
  const pictures = images
    .of(item)
    .map((picture) =>
      picture.kind === 'placeholder'
        ? text(picture.text)
        : json({ type: 'image', source: { type: 'base64', media_type: picture.mediaType, data: picture.base64 } }),
    );
  return [...pictures, text(item.text)].join(',');
};

const writeResult = (id: string, output: string, isError: boolean) =>
  json({
    type: 'tool_result',
    tool_use_id: callId(id),
    ...(output === '' ? {} : { content: output }),
    ...(isError ? { is_error: true } : {}),
  });

const write = (item: Item, images: Images): string => {
  switch (item.type) {
    case 'user':
      return writeUser(item, images);
    case 'agent':
      return text(item.text);
    case 'reasoning':
      return item.sealed?.data ?? '';
    case 'call': {
      const args = parseJson(item.args);
      const input = isRecord(args) ? args : { arguments: item.args };
      return json({ type: 'tool_use', id: callId(item.callId), name: toolName(item.tool), input });
    }
    case 'result':
      return writeResult(item.callId, item.output, item.status !== 'completed');
    case 'context':
      return text(contextText(item));
    case 'summary':
      return text(summaryText(item.text));
  }
};

const thinkingOf = ({ reasoning, maxOutput }: ModelFacts, effort: string | undefined) => {
  if (effort === undefined || effort === 'none' || reasoning === 'none' || reasoning === 'effort') return {};
  if (reasoning === 'adaptive')
    return {
      thinking: { type: 'adaptive' },
      output_config: { effort: effort === 'minimal' ? 'low' : effort === 'xhigh' ? 'max' : effort },
    };
  const budget = Math.min(BUDGET[effort] ?? BUDGET['medium']!, maxOutput - ROOM_TO_ANSWER);
  return { thinking: { type: 'enabled', budget_tokens: budget } };
};

const writeTool = ({ name, description, parameters }: ToolSpec) => ({
  name: toolName(name),
  description,
  input_schema: toolSchema(parameters),
});

/** Without tools, calls in the history would be refused: they are named, and may not be called. */
const toolsOf = ({ tools, items, parallelTools }: SampleRequest) => {
  if (tools.length > 0)
    return { tools: tools.map(writeTool), tool_choice: { type: 'auto', disable_parallel_tool_use: !parallelTools } };
  const names = new Set(items.flatMap((item) => (item.type === 'call' ? [item.tool] : [])));
  if (names.size === 0) return {};
  return {
    tools: [...names].map((name) => writeTool({ name, description: '', parameters: {} })),
    tool_choice: { type: 'none' },
  };
};

const asked = (schema: Readonly<Record<string, unknown>>) =>
  text(
    `Your last message must be one JSON value, without any words around it, that matches this JSON Schema:\n${json(schema)}`,
  );

interface Message {
  readonly role: 'user' | 'assistant';
  readonly blocks: string[];
}

export const createAnthropicBody = (maker: string, images: Images): ((request: SampleRequest) => string) => {
  const blockOf = remember((item: Item) => write(item, images));

  const messagesOf = (items: readonly Item[], isThinking: boolean): readonly Message[] => {
    const results = pair(items);
    const messages: Message[] = [];
    let unanswered: CallItem[] = [];
    const push = (role: Message['role'], block: string) => {
      const last = messages.at(-1);
      if (last?.role === role) last.blocks.push(block);
      else messages.push({ role, blocks: [block] });
    };
    const answer = () => {
      for (const call of unanswered) {
        const result = results.get(call.callId);
        push('user', result ? blockOf(result) : writeResult(call.callId, UNKNOWN_RESULT, true));
      }
      unanswered = [];
    };
    for (const item of items) {
      if (item.type === 'call') unanswered.push(item);
      else answer();
      if (item.type === 'result') continue;
      if (item.type === 'reasoning' && !(isThinking && item.sealed?.by === maker)) continue;
      const isOurs = item.type === 'agent' || item.type === 'reasoning' || item.type === 'call';
      push(isOurs ? 'assistant' : 'user', blockOf(item));
    }
    answer();
    if (messages[0]?.role !== 'user') messages.unshift({ role: 'user', blocks: [text('(the conversation goes on)')] });
    if (messages.at(-1)?.role === 'assistant') messages.push({ role: 'user', blocks: [text('Go on.')] });
    return messages;
  };

  return (request) => {
    const facts = modelOf(request.model);
    const thinking = thinkingOf(facts, request.reasoningEffort);
    const system = [
      ...(request.instructions === '' ? [] : [mark(text(request.instructions))]),
      ...(request.outputSchema === undefined ? [] : [asked(request.outputSchema)]),
    ];
    const messages = messagesOf(request.items, 'thinking' in thinking);
    // The newest end, and the one before: what was cached last time is found again however much came since.
    const users = messages.filter(({ role }) => role === 'user').slice(-2);
    for (const { blocks } of users) blocks.push(mark(blocks.pop() ?? text('')));
    const head = json({
      model: request.model,
      max_tokens: facts.maxOutput,
      stream: true,
      ...thinking,
      ...toolsOf(request),
    });
    const written = messages.map(({ role, blocks }) => `{"role":"${role}","content":[${blocks.join(',')}]}`);
    return `${head.slice(0, -1)}${system.length === 0 ? '' : `,"system":[${system.join(',')}]`},"messages":[${written.join(',')}]}`;
  };
};
