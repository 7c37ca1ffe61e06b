/** Which provider is asked, and how it is reached. Pure; keys are looked up in the environment that is handed in. */
import type { ProviderConfig } from '../../actors/providers/provider.ts';
import { modelOf } from '../../actors/providers/models.ts';
import type { ConfigFile, ModelProvider } from './keys.ts';
import { nearest } from '../nearest.ts';

type Env = Readonly<Record<string, string | undefined>>;

interface BuiltIn extends ModelProvider {
  readonly model: string;
  /** Other variables in which a key may be found. */
  readonly alsoKeys?: readonly string[];
}

const BUILT_IN: Readonly<Record<string, BuiltIn>> = {
  openai: {
    name: 'OpenAI',
    base_url: 'https://api.openai.com/v1',
    env_key: 'OPENAI_API_KEY',
    alsoKeys: ['CODEX_API_KEY'],
    wire_api: 'responses',
    model: 'gpt-5-codex',
  },
  anthropic: {
    name: 'Anthropic',
    base_url: 'https://api.anthropic.com/v1',
    env_key: 'ANTHROPIC_API_KEY',
    wire_api: 'anthropic',
    model: 'claude-sonnet-4-5',
  },
  ollama: {
    name: 'Ollama',
    base_url: 'http://127.0.0.1:11434/v1',
    wire_api: 'chat',
    model: 'gpt-oss:20b',
  },
  rehearsal: { name: 'Rehearsal (embedded)', base_url: '', model: 'rehearsal' },
};
export const REHEARSAL = 'rehearsal';

/** How long a stream may be silent. Milliseconds. */
const IDLE_TIMEOUT_MS = 300_000;

const firstKey = (env: Env, names: readonly string[]): string | null =>
  names.map((name) => env[name]).find((value) => value !== undefined && value !== '') ?? null;

const keyNames = ({ env_key, alsoKeys = [] }: ModelProvider & { readonly alsoKeys?: readonly string[] }) =>
  env_key === undefined ? [] : [env_key, ...alsoKeys];

/** Without a choice: the first built-in provider for which there is a key, else the embedded one. */
const defaultProvider = (config: ConfigFile, env: Env): string => {
  const keyed = ['openai', 'anthropic'].find((id) => firstKey(env, keyNames(BUILT_IN[id] ?? {})) !== null);
  return keyed ?? (config.openai_base_url === undefined ? REHEARSAL : 'openai');
};

const isHttp = (text: string): boolean => /^https?:$/.test(URL.parse(text)?.protocol ?? '');
const openAiUrlKey = ({ openai_base_url: set }: ConfigFile) => (set ? 'openai_base_url' : 'OPENAI_BASE_URL');

export interface Chosen {
  readonly provider: ProviderConfig;
  readonly model: string;
  readonly windowSize: number;
  /** Attempts for one request, the first included; undefined: the runtime's own default. */
  readonly maxAttempts: number | undefined;
  readonly wasChosen: boolean;
}

const WIRES = { responses: 'responses', chat: 'chat', anthropic: 'anthropic' } as const;

export const chooseProvider = (config: ConfigFile, env: Env, script: string | undefined): Chosen | string => {
  const id = script === undefined ? (config.model_provider ?? defaultProvider(config, env)) : REHEARSAL;
  const builtIn = Object.hasOwn(BUILT_IN, id) ? BUILT_IN[id] : undefined;
  const own = config.model_providers?.[id];
  if (builtIn === undefined && own === undefined) {
    const known = [...Object.keys(BUILT_IN), ...Object.keys(config.model_providers ?? {})];
    const close = nearest(id, known);
    return `model_provider is ${JSON.stringify(id)}, but there is no such provider${close === null ? `; known: ${known.join(', ')}` : ` (did you mean ${close}?)`}`;
  }
  const merged = { ...builtIn, ...own };
  const baseUrl = (id === 'openai' ? (config.openai_base_url ?? env['OPENAI_BASE_URL']) : undefined) || merged.base_url;
  if (baseUrl === undefined) return `model_providers.${id}.base_url is missing`;
  if (id !== REHEARSAL && !isHttp(baseUrl)) {
    const where = merged.base_url === baseUrl ? `model_providers.${id}.base_url` : openAiUrlKey(config);
    return `${where} is ${JSON.stringify(baseUrl)}; expected a URL with http:// or https://, such as https://host/v1`;
  }
  const model = config.model ?? builtIn?.model;
  if (model === undefined) return `no model is named for the provider ${id}: set model, or use --model`;

  const headers: Record<string, string> = { ...merged.http_headers };
  for (const [header, variable] of Object.entries(merged.env_http_headers ?? {})) {
    const value = env[variable];
    if (value !== undefined && value !== '') headers[header] = value;
  }
  const retries = merged.request_max_retries ?? merged.stream_max_retries;
  return {
    provider: {
      id,
      wire: id === REHEARSAL ? 'rehearsal' : WIRES[merged.wire_api ?? 'responses'],
      baseUrl: baseUrl.replace(/\/+$/, ''),
      apiKey: firstKey(env, keyNames({ ...merged, ...(builtIn?.alsoKeys && { alsoKeys: builtIn.alsoKeys }) })),
      envKey: merged.env_key ?? null,
      headers,
      query: merged.query_params ?? {},
      idleTimeoutMs: merged.stream_idle_timeout_ms ?? IDLE_TIMEOUT_MS,
      script,
    },
    model,
    windowSize: config.model_context_window ?? modelOf(model).window,
    maxAttempts: retries === undefined ? undefined : retries + 1,
    wasChosen: script !== undefined || config.model_provider !== undefined,
  };
};
