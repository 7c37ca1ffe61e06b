/** OpenAI's Responses API, and whoever else speaks it: events → deltas and milestones. */
import type { ModelItem } from '../../machines/leaves.ts';
import type { TokenUsage } from '../../machines/protocol/index.ts';
import { cutShort, refused } from './errors.ts';
import type { Provider, ProviderConfig, SampleRequest } from './provider.ts';
import { quickString } from './quick.ts';
import { createResponsesBody } from './responses.body.ts';
import { Completed, Erred, Failed, Incomplete, OutputItem } from './responses.schema.ts';
import { createHttpProvider, type Out, type ProviderDeps, type Reader } from './stream.ts';
import { argsText, isRecord, namesOf, parseJson } from './wire.ts';

/** An item as we keep it; null for what carries nothing (blank words). */
const itemOf = (item: OutputItem, maker: string, ourName: (name: string) => string): ModelItem | null => {
  switch (item.type) {
    case 'message': {
      const text = item.content.map((part) => part.text ?? part.refusal ?? '').join('');
      return text.trim() === '' ? null : { type: 'agent', text };
    }
    case 'reasoning': {
      const parts = item.summary.length > 0 ? item.summary : (item.content ?? []);
      const text = parts.map((part) => part.text).join('\n\n');
      const data = item.encrypted_content ?? '';
      if (text === '' && data === '') return null;
      return { type: 'reasoning', text, ...(data === '' ? {} : { sealed: { by: maker, data } }) };
    }
    case 'function_call':
      return { type: 'call', callId: item.call_id, tool: ourName(item.name), args: argsText(item.arguments) };
    case 'custom_tool_call':
      return {
        type: 'call',
        callId: item.call_id,
        tool: ourName(item.name),
        args: JSON.stringify({ input: item.input }),
      };
    case 'local_shell_call': {
      const { command, working_directory: workdir, timeout_ms } = item.action;
      const args = { command, ...(workdir ? { workdir } : {}), ...(timeout_ms ? { timeout_ms } : {}) };
      return { type: 'call', callId: item.call_id, tool: 'shell', args: JSON.stringify(args) };
    }
  }
};

const usageOf = (usage: Completed['response']['usage']): TokenUsage | null =>
  usage
    ? {
        input: usage.input_tokens,
        cachedInput: usage.input_tokens_details?.cached_tokens ?? 0,
        output: usage.output_tokens,
        reasoningOutput: usage.output_tokens_details?.reasoning_tokens ?? 0,
      }
    : null;

const read = (maker: string, { turnId, tools }: SampleRequest, out: Out): Reader => {
  const ourName = namesOf(tools);
  /** Calls being written, by the item or the place in which their deltas come. */
  const calls = new Map<unknown, { readonly callId: string; readonly tool: string }>();
  let items = 0;

  const take = (raw: unknown) => {
    const parsed = OutputItem.safeParse(raw);
    if (!parsed.success) return out.ignored(isRecord(raw) ? `item ${String(raw['type'])}` : 'item');
    const item = itemOf(parsed.data, maker, ourName);
    if (item === null) return;
    items += 1;
    out.item(item);
  };
  const complete = (event: unknown) => {
    const parsed = Completed.safeParse(event);
    if (!parsed.success) return out.complete(null, false);
    const { output, usage, end_turn } = parsed.data.response;
    // Some servers leave out the events of the items and say everything at the end.
    if (items === 0) output.forEach(take);
    out.complete(usageOf(usage), end_turn === false);
  };
  const fail = (
    failure: { code?: string | null | undefined; message?: string | null | undefined } | null | undefined,
  ) => out.fail(refused(out.place, { codes: failure?.code ? [failure.code] : [], message: failure?.message ?? '' }));

  const frame = (_: string | undefined, data: string) => {
    const text = quickString(data, '{"type":"response.output_text.delta"', '"delta":"');
    if (text !== null) return out.delta({ type: 'agent.delta', turnId, text });
    const event = parseJson(data);
    if (!isRecord(event)) return data === '[DONE]' ? undefined : out.ignored('malformed event');
    const delta = event['delta'];
    switch (event['type']) {
      case 'response.output_text.delta':
      case 'response.refusal.delta':
        if (typeof delta === 'string') out.delta({ type: 'agent.delta', turnId, text: delta });
        return;
      case 'response.reasoning_summary_text.delta':
      case 'response.reasoning_text.delta':
        if (typeof delta === 'string') out.delta({ type: 'reasoning.delta', turnId, text: delta });
        return;
      case 'response.reasoning_summary_part.added':
        if (event['summary_index'] !== 0) out.delta({ type: 'reasoning.delta', turnId, text: '\n\n' });
        return;
      case 'response.function_call_arguments.delta':
      case 'response.custom_tool_call_input.delta': {
        const call = calls.get(event['item_id'] ?? event['output_index']);
        if (call && typeof delta === 'string') out.delta({ type: 'call.delta', turnId, ...call, text: delta });
        return;
      }
      case 'response.output_item.added': {
        const item = event['item'];
        if (isRecord(item) && typeof item['call_id'] === 'string' && typeof item['name'] === 'string') {
          const call = { callId: item['call_id'], tool: ourName(item['name']) };
          calls.set(item['id'], call).set(event['output_index'], call);
        }
        return;
      }
      case 'response.output_item.done':
        return take(event['item']);
      case 'response.completed':
      case 'response.done':
        return complete(event);
      case 'response.failed':
        return fail(Failed.safeParse(event).data?.response.error);
      case 'error': {
        const failure = Erred.safeParse(event).data;
        return fail(failure?.error ?? failure);
      }
      case 'response.incomplete':
        return out.fail(
          cutShort(out.place, Incomplete.safeParse(event).data?.response.incomplete_details?.reason || 'unknown'),
        );
      default:
        return KNOWN.has(event['type']) ? undefined : out.ignored(String(event['type']));
    }
  };
  return { frame, end: () => false };
};

/** Events that say nothing which is not said by another one. */
const KNOWN: ReadonlySet<unknown> = new Set([
  'response.created',
  'response.queued',
  'response.in_progress',
  'response.metadata',
  'response.content_part.added',
  'response.content_part.done',
  'response.output_text.done',
  'response.refusal.done',
  'response.function_call_arguments.done',
  'response.custom_tool_call_input.done',
  'response.reasoning_summary_text.done',
  'response.reasoning_summary_part.done',
  'response.reasoning_text.done',
  'response.output_text.annotation.added',
]);

export const createResponsesProvider = (config: ProviderConfig, deps: ProviderDeps): Promise<Provider> =>
  createHttpProvider(config, deps, (_, images) => ({
    path: '/responses',
    headers: ({ apiKey }) => (apiKey === null ? {} : { authorization: `Bearer ${apiKey}` }),
    body: createResponsesBody(config.id, images),
    read: (request, out) => read(config.id, request, out),
  }));
