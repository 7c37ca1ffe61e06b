/**
 * The contract of a model provider. To add one: write `<name>.provider.ts` (and `<name>.schema.ts` for its wire), then
 * add its line to `registry.ts`. It must then pass `test/contract/provider.test.ts`.
 *
 * `sample` never throws and its observable never errors: whatever goes wrong is a `sample.failed` milestone.
 * Exactly one of `sample.completed | sample.failed` ends the stream. Unsubscribing aborts the request at once.
 * The first event comes asynchronously.
 */
import type { Observable } from 'rxjs';
import type { ModelItem, SampleInput } from '../../machines/leaves.ts';
import type { Delta, Item, RuntimeError, TokenUsage } from '../../machines/protocol/index.ts';

export interface ToolSpec {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of its arguments. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** One model request. The same prefix of `items` must always become the same bytes, so that prompt caches hit. */
export interface SampleRequest {
  readonly turnId: string;
  readonly threadId: string;
  readonly model: string;
  /** What it is for; absent: the conversation. Wires send what it comes to, the embedded model acts by it. */
  readonly purpose?: SampleInput['purpose'] | undefined;
  readonly instructions: string;
  readonly items: readonly Item[];
  readonly tools: readonly ToolSpec[];
  readonly parallelTools: boolean;
  readonly reasoningEffort?: string | undefined;
  readonly reasoningSummary?: string | undefined;
  readonly outputSchema?: Readonly<Record<string, unknown>> | undefined;
}

/** What a machine hears of a response: an item is complete, or the response is over. */
export type Milestone =
  /** Response headers arrived: the request was accepted. */
  | { readonly type: 'sample.opened' }
  | { readonly type: 'sample.item'; readonly item: ModelItem }
  | { readonly type: 'sample.completed'; readonly usage: TokenUsage | null; readonly mustContinue: boolean }
  | { readonly type: 'sample.failed'; readonly error: RuntimeError };

export interface Provider {
  readonly name: string;
  sample(request: SampleRequest): Observable<Delta | Milestone>;
}

/** How a provider is reached; made by the configuration. */
export interface ProviderConfig {
  /** Key in the configuration: `openai`, `ollama`, a name of the user's. */
  readonly id: string;
  readonly wire: 'responses' | 'chat' | 'anthropic' | 'rehearsal';
  readonly baseUrl: string;
  readonly apiKey: string | null;
  /** Name of the variable in which the key is expected; for the error texts. */
  readonly envKey: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly idleTimeoutMs: number;
  /** Path of a script for the embedded model. */
  readonly script?: string | undefined;
}
