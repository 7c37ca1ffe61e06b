/**
 * Chat Completions, in OpenAI's words and in those of Ollama, llama.cpp, vLLM, LM Studio, OpenRouter and others.
 * The wire does not say when an item is complete, only when the answer is: items are told at `finish_reason`, at once,
 * and the figures may follow.
 */
import { randomUUID } from 'node:crypto';
import type { TokenUsage } from '../../machines/protocol/index.ts';
import { createChatBody } from './chat.body.ts';
import { ToolCallDelta, Usage } from './chat.schema.ts';
import { cutShort, refused } from './errors.ts';
import { readError } from './errors.body.ts';
import type { Provider, ProviderConfig, SampleRequest } from './provider.ts';
import { quickString } from './quick.ts';
import { createHttpProvider, type Out, type ProviderDeps, type Reader } from './stream.ts';
import { argsText, isRecord, namesOf, parseJson } from './wire.ts';

interface Call {
  readonly callId: string;
  /** What the server calls it; empty where it does not. */
  readonly id: string;
  readonly tool: string;
  args: string;
}

const usageOf = (usage: Usage): TokenUsage => ({
  input: usage.prompt_tokens,
  cachedInput: usage.prompt_tokens_details?.cached_tokens ?? usage.prompt_cache_hit_tokens ?? 0,
  output: usage.completion_tokens,
  reasoningOutput: usage.completion_tokens_details?.reasoning_tokens ?? 0,
});

/** The delta is over with its word, and neither an end nor figures follow it. */
const saysNoMore = (json: string, after: number): boolean =>
  json.startsWith('}', after) &&
  json.indexOf('"finish_reason":null', after) !== -1 &&
  json.indexOf('"usage":{', after) === -1;

/**
 * Does this piece begin a new call under an index that is in use? Only a piece with a name can: by its id where servers
 * give any, else because the call before it is whole.
 */
const isAnother = (call: Call, id: string | null | undefined, name: string | null | undefined): boolean => {
  if (!name) return false;
  return id && call.id !== '' ? id !== call.id : isRecord(parseJson(call.args));
};

const read = ({ turnId, tools, items }: SampleRequest, out: Out): Reader => {
  const ourName = namesOf(tools);
  const taken = new Set(items.flatMap((item) => (item.type === 'call' ? [item.callId] : [])));
  const calls: Call[] = [];
  /** The call that an index stands for now. Some servers give every call the same one. */
  const open = new Map<number, Call>();
  let text = '';
  let reasoning = '';
  let usage: TokenUsage | null = null;
  let isWhole = false;

  const takeCall = (raw: unknown) => {
    const parsed = ToolCallDelta.safeParse(raw);
    if (!parsed.success) return out.ignored('tool call');
    const { id, index, function: part } = parsed.data;
    const at = index ?? 0;
    let call = open.get(at);
    if (call === undefined || isAnother(call, id, part?.name)) {
      // An id that was there before is one that this server gives to every first call.
      const callId = id && !taken.has(id) ? id : `call_${randomUUID()}`;
      taken.add(callId);
      call = { callId, id: id ?? '', tool: ourName(part?.name ?? ''), args: '' };
      open.set(at, call);
      calls.push(call);
    }
    const piece = part?.arguments;
    // Ollama of old sends the arguments as an object.
    const added =
      typeof piece === 'string' ? piece : piece === null || piece === undefined ? '' : JSON.stringify(piece);
    call.args += added;
    if (added !== '') out.delta({ type: 'call.delta', turnId, callId: call.callId, tool: call.tool, text: added });
  };

  const tellItems = () => {
    if (reasoning.trim() !== '') out.item({ type: 'reasoning', text: reasoning });
    if (text.trim() !== '') out.item({ type: 'agent', text });
    for (const { callId, tool, args } of calls) out.item({ type: 'call', callId, tool, args: argsText(args) });
  };
  const finish = (reason: string) => {
    if (isWhole) return;
    if (reason === 'length') return out.fail(cutShort(out.place, 'max_output_tokens'));
    // Routers tell a failure behind them in this way.
    if (reason === 'error') return out.fail(refused(out.place, { codes: ['server_error'], message: '' }));
    if (reason === 'content_filter') return out.fail(cutShort(out.place, reason));
    isWhole = true;
    tellItems();
    out.expectOnlyFigures();
  };

  const takeChoice = (choice: unknown) => {
    if (!isRecord(choice)) return;
    const { delta, finish_reason: reason } = choice;
    if (isRecord(delta)) {
      const { content, reasoning_content: thought = delta['reasoning'], tool_calls: toolCalls } = delta;
      if (typeof thought === 'string' && thought !== '') {
        reasoning += thought;
        out.delta({ type: 'reasoning.delta', turnId, text: thought });
      }
      if (typeof content === 'string' && content !== '') {
        text += content;
        out.delta({ type: 'agent.delta', turnId, text: content });
      }
      if (Array.isArray(toolCalls)) toolCalls.forEach(takeCall);
    }
    if (typeof reason === 'string' && reason !== '') finish(reason);
  };

  const end = () => {
    if (isWhole) out.complete(usage, false);
    return isWhole;
  };
  const frame = (_: string | undefined, data: string) => {
    const word = quickString(data, '{', '"delta":{"content":"', saysNoMore);
    if (word !== null) {
      text += word;
      return word === '' ? undefined : out.delta({ type: 'agent.delta', turnId, text: word });
    }
    if (data.trim() === '[DONE]') {
      // A server that says nothing of why it ended has still ended.
      if (text !== '' || calls.length > 0) finish('stop');
      return void end();
    }
    const chunk = parseJson(data);
    if (!isRecord(chunk)) return out.ignored('malformed event');
    if (chunk['error'] !== undefined && chunk['error'] !== null) return out.fail(refused(out.place, readError(chunk)));
    const { choices, usage: figures } = chunk;
    if (isRecord(figures)) {
      const parsed = Usage.safeParse(figures);
      if (parsed.success) usage = usageOf(parsed.data);
    }
    if (Array.isArray(choices)) takeChoice(choices[0]);
    else if (!isRecord(figures)) out.ignored(String(chunk['object'] ?? 'event'));
  };
  return { frame, end };
};

export const createChatProvider = (config: ProviderConfig, deps: ProviderDeps): Promise<Provider> =>
  createHttpProvider(config, deps, (_, images) => ({
    path: '/chat/completions',
    headers: ({ apiKey }) => (apiKey === null ? {} : { authorization: `Bearer ${apiKey}` }),
    body: createChatBody(config, images),
    read,
  }));
