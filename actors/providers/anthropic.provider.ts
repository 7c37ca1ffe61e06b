/** Anthropic's Messages API: events → deltas and milestones. A block that stops is an item. */
import type { ModelItem } from '../../machines/leaves.ts';
import type { RuntimeError, TokenUsage } from '../../machines/protocol/index.ts';
import { createAnthropicBody } from './anthropic.body.ts';
import { Block, Usage } from './anthropic.schema.ts';
import { readError } from './errors.body.ts';
import { cutShort, type Place, refused } from './errors.ts';
import type { Provider, ProviderConfig, SampleRequest } from './provider.ts';
import { quickString } from './quick.ts';
import { createHttpProvider, type Out, type ProviderDeps, type Reader } from './stream.ts';
import { argsText, isRecord, namesOf, parseJson } from './wire.ts';

const API_VERSION = '2023-06-01';

/** A block being written: what it began with, and what came since. */
interface Open {
  readonly block: Block;
  text: string;
  signature: string;
}

const itemOf = (
  { block, text, signature }: Open,
  maker: string,
  ourName: (name: string) => string,
): ModelItem | null => {
  switch (block.type) {
    case 'text':
      return text.trim() === '' ? null : { type: 'agent', text };
    case 'thinking': {
      if (signature === '') return text.trim() === '' ? null : { type: 'reasoning', text };
      const data = JSON.stringify({ type: 'thinking', thinking: text, signature });
      return { type: 'reasoning', text, sealed: { by: maker, data } };
    }
    case 'redacted_thinking':
      return { type: 'reasoning', text: '', sealed: { by: maker, data: JSON.stringify(block) } };
    case 'tool_use': {
      const args = text === '' ? JSON.stringify(block.input) : text;
      return { type: 'call', callId: block.id, tool: ourName(block.name), args: argsText(args) };
    }
  }
};

/** Why it stopped, where that is no good end. */
const stopError = (place: Place, reason: unknown): RuntimeError | null => {
  if (reason === 'max_tokens') return cutShort(place, 'max_output_tokens');
  if (reason === 'refusal') return cutShort(place, reason);
  if (reason === 'model_context_window_exceeded') return refused(place, { codes: [reason], message: '' });
  return null;
};

const read = (maker: string, { turnId, tools }: SampleRequest, out: Out): Reader => {
  const ourName = namesOf(tools);
  const open = new Map<unknown, Open>();
  /** The block that began last, while it is a text. */
  let last: Open | null = null;
  let figures: Usage = {};
  let mustContinue = false;

  const count = (raw: unknown) => {
    const parsed = Usage.safeParse(raw);
    if (!parsed.success) return;
    const known = Object.entries(parsed.data).filter(([, value]) => typeof value === 'number');
    figures = { ...figures, ...Object.fromEntries(known) };
  };
  const usage = (): TokenUsage => {
    const cachedInput = figures.cache_read_input_tokens ?? 0;
    return {
      input: (figures.input_tokens ?? 0) + (figures.cache_creation_input_tokens ?? 0) + cachedInput,
      cachedInput,
      output: figures.output_tokens ?? 0,
      reasoningOutput: 0,
    };
  };

  const begin = (index: unknown, raw: unknown) => {
    const parsed = Block.safeParse(raw);
    if (!parsed.success) return out.ignored(isRecord(raw) ? `block ${String(raw['type'])}` : 'block');
    const block = parsed.data;
    const text = block.type === 'text' ? block.text : block.type === 'thinking' ? block.thinking : '';
    const begun: Open = { block, text, signature: block.type === 'thinking' ? block.signature : '' };
    open.set(index, begun);
    last = block.type === 'text' ? begun : null;
  };
  const add = (index: unknown, delta: unknown) => {
    const at = open.get(index);
    if (at === undefined || !isRecord(delta)) return;
    const { type, text, thinking, partial_json: json, signature } = delta;
    if (type === 'text_delta' && typeof text === 'string') {
      at.text += text;
      out.delta({ type: 'agent.delta', turnId, text });
    } else if (type === 'thinking_delta' && typeof thinking === 'string') {
      at.text += thinking;
      out.delta({ type: 'reasoning.delta', turnId, text: thinking });
    } else if (type === 'input_json_delta' && typeof json === 'string' && at.block.type === 'tool_use') {
      at.text += json;
      if (json !== '')
        out.delta({ type: 'call.delta', turnId, callId: at.block.id, tool: ourName(at.block.name), text: json });
    } else if (type === 'signature_delta' && typeof signature === 'string') at.signature += signature;
    else out.ignored(String(type));
  };
  const stop = (index: unknown) => {
    const at = open.get(index);
    open.delete(index);
    last = null;
    const item = at === undefined ? null : itemOf(at, maker, ourName);
    if (item !== null) out.item(item);
  };

  /** The word of the one block that is open; blocks come one after the other, and what is not so is read properly. */
  const quickText = (data: string): string | null => {
    if (last === null || open.size !== 1) return null;
    return quickString(data, '{"type":"content_block_delta"', '"delta":{"type":"text_delta","text":"');
  };

  const frame = (_: string | undefined, data: string) => {
    const quick = quickText(data);
    if (quick !== null && last !== null) {
      last.text += quick;
      return out.delta({ type: 'agent.delta', turnId, text: quick });
    }
    const event = parseJson(data);
    if (!isRecord(event)) return out.ignored('malformed event');
    switch (event['type']) {
      case 'content_block_delta':
        return add(event['index'], event['delta']);
      case 'content_block_start':
        return begin(event['index'], event['content_block']);
      case 'content_block_stop':
        return stop(event['index']);
      case 'message_start':
        return isRecord(event['message']) ? count(event['message']['usage']) : undefined;
      case 'message_delta': {
        count(event['usage']);
        const reason = isRecord(event['delta']) ? event['delta']['stop_reason'] : null;
        mustContinue = reason === 'pause_turn';
        const error = stopError(out.place, reason);
        return error === null ? undefined : out.fail(error);
      }
      case 'message_stop':
        return out.complete(usage(), mustContinue);
      case 'error':
        return out.fail(refused(out.place, readError(event)));
      case 'ping':
        return;
      default:
        return out.ignored(String(event['type']));
    }
  };
  return { frame, end: () => false };
};

export const createAnthropicProvider = (config: ProviderConfig, deps: ProviderDeps): Promise<Provider> =>
  createHttpProvider(config, deps, (_, images) => ({
    path: '/messages',
    headers: ({ apiKey }) => ({
      'anthropic-version': API_VERSION,
      ...(apiKey === null ? {} : { 'x-api-key': apiKey }),
    }),
    body: createAnthropicBody(config.id, images),
    read: (request, out) => read(config.id, request, out),
  }));
