import { describe, expect, test } from 'vitest';
import { readErrorBody } from './errors.body.ts';
import { broken, delayInHeaders, delayInText, type Place, refused } from './errors.ts';

const place: Place = {
  config: { id: 'openai', baseUrl: 'https://api.example/v1', envKey: 'OPENAI_API_KEY' },
  model: 'gpt-5',
};
const kindOf = (status: number | undefined, body: string) => refused(place, { status, ...readErrorBody(body) }).kind;

describe('R16: an overlong prompt is known in every dialect', () => {
  test.each([
    [
      'OpenAI',
      400,
      {
        error: {
          message: "This model's maximum context length is 8192 tokens.",
          type: 'invalid_request_error',
          code: 'context_length_exceeded',
        },
      },
    ],
    [
      'OpenAI Responses',
      400,
      {
        error: {
          message: 'Your input exceeds the context window of this model.',
          type: 'invalid_request_error',
          code: 'context_length_exceeded',
        },
      },
    ],
    [
      'Anthropic',
      400,
      {
        type: 'error',
        error: { type: 'invalid_request_error', message: 'prompt is too long: 208310 tokens > 200000 maximum' },
      },
    ],
    [
      'Anthropic with max_tokens',
      400,
      {
        type: 'error',
        error: {
          type: 'invalid_request_error',
          message: 'input length and `max_tokens` exceed context limit: 190000 + 32000 > 200000',
        },
      },
    ],
    [
      'Anthropic, bytes',
      413,
      { type: 'error', error: { type: 'request_too_large', message: 'Request exceeds the maximum size' } },
    ],
    [
      'llama.cpp',
      400,
      {
        error: {
          code: 400,
          message:
            'the request exceeds the available context size. try increasing the context size or enable context shift',
          type: 'exceed_context_size_error',
        },
      },
    ],
    [
      'llama.cpp of old',
      500,
      { error: { code: 500, message: 'the request exceeds the available context size', type: 'server_error_x' } },
    ],
    ['Ollama', 400, { error: 'prompt too long; exceeded max context length by 100 tokens' }],
    ['Ollama, embedded in a list', 500, [{ error: 'input length exceeds maximum context length' }]],
    [
      'vLLM',
      400,
      {
        object: 'error',
        message: "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens",
        type: 'BadRequestError',
        code: 400,
      },
    ],
    [
      'vLLM, prompt only',
      400,
      {
        error: {
          message: 'The decoder prompt (length 9000) is longer than the maximum model length of 8192.',
          type: 'BadRequestError',
          code: 400,
        },
      },
    ],
    [
      'LM Studio',
      400,
      { error: 'The number of tokens to keep from the initial prompt is greater than the context length.' },
    ],
    [
      'LM Studio, loading',
      400,
      {
        error:
          'Trying to keep the first 9000 tokens when context the overflows. However, the model is loaded with context length of only 4096 tokens',
      },
    ],
    [
      'Gemini',
      400,
      [
        {
          error: {
            code: 400,
            status: 'INVALID_ARGUMENT',
            message: 'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).',
          },
        },
      ],
    ],
    ['Bedrock', 400, { message: 'Input is too long for requested model.' }],
    [
      'Groq',
      400,
      { error: { message: 'Please reduce the length of the messages or completion.', type: 'invalid_request_error' } },
    ],
    ['xAI', 400, { error: "This model's maximum prompt length is 131072 but the request contains 200000 tokens." }],
    ['in the stream, with newlines', undefined, { error: { code: 'context_length_exceeded', message: 'Too\nlong.' } }],
  ])('%s', (_, status, body) => {
    const error = refused(place, { status, ...readErrorBody(JSON.stringify(body)) });
    expect(error.kind).toBe('contextWindowExceeded');
    expect(error.message).toContain('/compact');
  });
});

describe('D.4: what is final stays final', () => {
  test.each([
    [429, 'usage_limit_reached', '', 'usageLimitReached'],
    [429, 'usage_not_included', '', 'usageLimitReached'],
    [429, 'insufficient_quota', 'You exceeded your current quota', 'quotaExceeded'],
    [429, '', 'You exceeded your current quota, please check your plan.', 'quotaExceeded'],
    [400, 'invalid_request_error', 'Your credit balance is too low', 'quotaExceeded'],
    [402, '', 'Insufficient credits', 'quotaExceeded'],
    [429, 'rate_limit_exceeded', 'Request too large: maximum context length of the minute', 'rateLimited'],
    [429, '', 'maximum context length', 'rateLimited'],
    [undefined, 'insufficient_quota', '', 'quotaExceeded'],
    [undefined, 'invalid_prompt', 'bad', 'badRequest'],
    [undefined, 'invalid_request_error', 'bad', 'badRequest'],
    [undefined, 'server_is_overloaded', '', 'serverOverloaded'],
    [undefined, 'slow_down', '', 'serverOverloaded'],
    [undefined, '', 'who knows', 'serverError'],
    [401, 'server_error', '', 'unauthorized'],
    [403, 'overloaded_error', '', 'forbidden'],
    [404, 'rate_limit_exceeded', '', 'notFound'],
    [422, '', 'x', 'badRequest'],
    [409, '', 'x', 'badRequest'],
    [503, '', '<html><title>503</title></html>', 'serverOverloaded'],
    [529, 'overloaded_error', 'Overloaded', 'serverOverloaded'],
    [502, '', '<html>Bad gateway</html>', 'serverError'],
    [301, '', '', 'notFound'],
  ] as const)('%s %s %s → %s', (status, code, message, kind) => {
    expect(kindOf(status, JSON.stringify({ error: { code, message } }))).toBe(kind);
  });
});

test('the text tells what to do: which key, which URL, which model', () => {
  const text = (status: number) => refused(place, { status, codes: [], message: 'no' }).message;
  expect(text(401)).toContain('OPENAI_API_KEY');
  expect(text(404)).toContain('gpt-5');
  expect(text(404)).toContain('https://api.example/v1');
  expect(broken(place, { kind: 'unreached', code: 'CERT_HAS_EXPIRED', message: '' }).message).toContain(
    'NODE_EXTRA_CA_CERTS',
  );
  expect(broken(place, { kind: 'unreached', code: 'ENOTFOUND', message: '' }).message).toContain('offline');
});

test('a plan that is used up says when it is not any more', () => {
  const body = {
    error: { type: 'usage_limit_reached', message: 'Limit reached.', plan_type: 'plus', resets_in_seconds: 90.2 },
  };
  const error = refused(place, { status: 429, ...readErrorBody(JSON.stringify(body)) });
  expect(error).toMatchObject({ kind: 'usageLimitReached', retryAfterMs: 91_000 });
  expect(error.message).toContain('Limit reached. Try again in 91 s.');
});

test('a web page is shortened to its title', () => {
  expect(readErrorBody('<!doctype html><head><title>502 Bad\n gateway</title>…').message).toContain('502 Bad gateway');
  expect(readErrorBody('x'.repeat(9000)).message.length).toBeLessThan(600);
  expect(readErrorBody('').message).toBe('');
});

test.each([
  ['Rate limit reached. Please try again in 1.898s.', 1898],
  ['Please try again in 28ms.', 28],
  ['try again in 11.054 seconds', 11_054],
  ['Try again in 6m0s', 360_000],
  ['please retry after 20 seconds', 20_000],
  ['Try again in 1h2m3s.', 3_723_000],
  ['Please try again in 35 milliseconds', 35],
  ['try again later', undefined],
  ['', undefined],
])('D.3.5: "%s" → %s ms', (text, ms) => {
  expect(delayInText(text)).toBe(ms);
});

test('Retry-After: seconds, a date, and milliseconds; the header wins over the text', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');
  expect(delayInHeaders({ 'retry-after': '2' }, now)).toBe(2000);
  expect(delayInHeaders({ 'retry-after': '0.5' }, now)).toBe(500);
  expect(delayInHeaders({ 'retry-after': 'Thu, 01 Jan 2026 00:00:30 GMT' }, now)).toBe(30_000);
  expect(delayInHeaders({ 'retry-after': 'Wed, 31 Dec 2025 00:00:00 GMT' }, now)).toBe(0);
  expect(delayInHeaders({ 'retry-after-ms': '250', 'retry-after': '9' }, now)).toBe(250);
  expect(delayInHeaders({ 'retry-after': 'soon' }, now)).toBeUndefined();
  expect(delayInHeaders({}, now)).toBeUndefined();
  const error = refused(place, { status: 429, codes: [], message: 'try again in 9s', retryAfterMs: 2000 });
  expect(error.retryAfterMs).toBe(2000);
});
