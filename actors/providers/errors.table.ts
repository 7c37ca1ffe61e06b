/**
 * What the servers call their failures, and what we call them. Closed tables: a new dialect is a new line here.
 * Codes are compared in lower case; they win over the HTTP status, and the status wins over the text.
 */
import type { ErrorKind } from '../../machines/protocol/index.ts';

/** `error.code` and `error.type` of every wire. */
export const KIND_OF_CODE: Readonly<Record<string, ErrorKind>> = {
  context_length_exceeded: 'contextWindowExceeded',
  exceed_context_size_error: 'contextWindowExceeded',
  context_window_exceeded: 'contextWindowExceeded',
  model_context_window_exceeded: 'contextWindowExceeded',
  string_above_max_length: 'contextWindowExceeded',
  request_too_large: 'contextWindowExceeded',
  usage_limit_reached: 'usageLimitReached',
  usage_not_included: 'usageLimitReached',
  insufficient_quota: 'quotaExceeded',
  billing_hard_limit_reached: 'quotaExceeded',
  billing_not_active: 'quotaExceeded',
  billing_error: 'quotaExceeded',
  rate_limit_exceeded: 'rateLimited',
  rate_limit_error: 'rateLimited',
  resource_exhausted: 'rateLimited',
  server_is_overloaded: 'serverOverloaded',
  slow_down: 'serverOverloaded',
  overloaded_error: 'serverOverloaded',
  engine_overloaded: 'serverOverloaded',
  unavailable: 'serverOverloaded',
  server_error: 'serverError',
  api_error: 'serverError',
  internal_error: 'serverError',
  internal_server_error: 'serverError',
  timeout_error: 'serverError',
  vector_store_timeout: 'serverError',
  invalid_api_key: 'unauthorized',
  authentication_error: 'unauthorized',
  token_expired: 'unauthorized',
  permission_error: 'forbidden',
  unsupported_country_region_territory: 'forbidden',
  model_not_found: 'notFound',
  not_found_error: 'notFound',
  invalid_prompt: 'badRequest',
  invalid_image: 'badRequest',
  invalid_image_format: 'badRequest',
  image_too_large: 'badRequest',
  unsupported_parameter: 'badRequest',
  unknown_parameter: 'badRequest',
  content_filter: 'contentFiltered',
  content_policy_violation: 'contentFiltered',
  cyber_policy: 'contentFiltered',
  bio_policy: 'contentFiltered',
  max_output_tokens: 'responseIncomplete',
};

/**
 * Types so general that the text, where it is known, says more: Anthropic answers an overlong prompt and an empty purse
 * with this same word.
 */
export const KIND_OF_VAGUE_CODE: Readonly<Record<string, ErrorKind>> = {
  invalid_request_error: 'badRequest',
  invalid_argument: 'badRequest',
  badrequesterror: 'badRequest',
};

/** An overlong prompt, as each server words it. */
const OVERLONG: readonly RegExp[] = [
  /context[ _]length[ _]exceeded/i, //                                              anyone who quotes the code
  /maximum context length/i, //                                                     OpenAI, vLLM, OpenRouter, Mistral, Ollama
  /exceeds? the (available )?context (window|size|length)/i, //                     OpenAI (Responses), llama.cpp
  /prompt is too long|prompt too long/i, //                                         Anthropic, Ollama
  /input length and `?max_tokens`? exceed/i, //                                     Anthropic
  /input is too long for requested model/i, //                                      Bedrock
  /longer than the maximum model length|too long to fit into the model/i, //        vLLM
  /tokens to keep from the initial prompt is greater than the context length/i, //  LM Studio
  /trying to keep the first \d+ tokens when context/i, //                           LM Studio
  /reached context length of \d+/i, //                                              LM Studio
  /input token count.{0,40}exceeds the maximum/i, //                                Gemini
  /reduce the length of the (messages|prompt|input)/i, //                           OpenAI, Groq
  /maximum prompt length is/i, //                                                   xAI
  /`?inputs`? tokens \+ `?max_new_tokens`? must be/i, //                            TGI
  /context (window|length|size) (is |was )?(exceeded|too small)/i,
];
/** An empty purse, where the code does not say so. */
const UNPAID: readonly RegExp[] = [
  /credit balance is too low/i, //                      Anthropic
  /exceeded your current quota/i, //                    OpenAI, Gemini
  /insufficient (credits|balance|quota|funds)/i, //     OpenRouter, DeepSeek
];

export const kindOfText = (text: string): ErrorKind | null =>
  OVERLONG.some((dialect) => dialect.test(text))
    ? 'contextWindowExceeded'
    : UNPAID.some((dialect) => dialect.test(text))
      ? 'quotaExceeded'
      : null;

/** Everything that is not here is final (`badRequest`), or the server's fault from 500 on. */
const KIND_OF_STATUS: Readonly<Record<number, ErrorKind>> = {
  401: 'unauthorized',
  402: 'quotaExceeded',
  403: 'forbidden',
  404: 'notFound',
  405: 'notFound',
  408: 'connectionFailed',
  410: 'notFound',
  413: 'contextWindowExceeded',
  425: 'serverOverloaded',
  429: 'rateLimited',
  503: 'serverOverloaded',
  529: 'serverOverloaded',
};

export const kindOfStatus = (status: number): ErrorKind =>
  KIND_OF_STATUS[status] ?? (status >= 500 ? 'serverError' : status >= 400 ? 'badRequest' : 'notFound');

/** Statuses whose meaning no text of the body may change. */
const FIRM_STATUSES: ReadonlySet<number> = new Set([401, 403, 404, 429]);

/**
 * Status, code and text together. `status` is absent for a failure inside of a stream.
 * A code that names a passing trouble cannot make a final status passing: 401, 403, 404 stay what they are.
 */
export const kindOf = (status: number | undefined, codes: readonly string[], text: string): ErrorKind => {
  const known = codes.map((code) => KIND_OF_CODE[code.toLowerCase()]).find((kind) => kind !== undefined);
  const isFinalStatus = status !== undefined && status >= 400 && status < 500 && status !== 429 && status !== 408;
  const isPassing = known === 'rateLimited' || known === 'serverOverloaded' || known === 'serverError';
  if (known !== undefined && !(isFinalStatus && isPassing)) return known;
  const said = kindOfText(text);
  // A rate limit may speak of tokens as well: only the purse is read from its text.
  if (said !== null && (status === undefined || !FIRM_STATUSES.has(status))) return said;
  if (said === 'quotaExceeded' && status === 429) return said;
  if (status !== undefined) return kindOfStatus(status);
  return (
    codes.map((code) => KIND_OF_VAGUE_CODE[code.toLowerCase()]).find((kind) => kind !== undefined) ?? 'serverError'
  );
};
