/**
 * Answers in the dialects of servers that people run themselves: as their documents and bug reports show them, with other
 * words. Each differs from OpenAI's wire in some way that once broke a client.
 */
const chunk = (choice: object, more: object = {}) =>
  `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', model: 'm', choices: [{ index: 0, ...choice }], ...more })}\n\n`;
const delta = (words: object, finish: string | null = null) => chunk({ delta: words, finish_reason: finish });
const call = (name: string, args: unknown, more: object = {}) => ({
  tool_calls: [{ type: 'function', function: { name, arguments: args }, ...more }],
});
const DONE = 'data: [DONE]\n\n';
const LOOK = '{"command":"ls"}';
const READ = '{"command":"cat a"}';

export interface Dialect {
  readonly name: string;
  readonly stream: string;
  readonly text?: string;
  readonly reasoning?: string;
  /** Arguments of the calls, in order. */
  readonly calls?: readonly string[];
  readonly usage?: { readonly input: number; readonly cachedInput?: number; readonly output: number } | null;
  /** The answer ends as this failure. */
  readonly fails?: string;
}

const CALLED_TWICE = { calls: [LOOK, READ] };

export const DIALECTS: readonly Dialect[] = [
  {
    name: 'Ollama: whole calls, all with index 0, finish_reason stop, no usage',
    stream:
      delta({ role: 'assistant', ...call('shell', LOOK, { index: 0, id: 'call_a' }) }) +
      delta({ role: 'assistant', ...call('shell', READ, { index: 0, id: 'call_b' }) }) +
      delta({ role: 'assistant', content: '' }, 'stop') +
      DONE,
    ...CALLED_TWICE,
    usage: null,
  },
  {
    name: 'Ollama of old: calls without index, arguments as an object',
    stream:
      delta(call('shell', { command: 'ls' }, { id: 'call_a' })) +
      delta(call('shell', { command: 'cat a' }, { id: 'call_b' })) +
      delta({ content: '' }, 'stop') +
      DONE,
    ...CALLED_TWICE,
  },
  {
    name: 'calls without index and without ids, in one chunk',
    stream:
      delta({
        tool_calls: [LOOK, READ].map((args) => ({ type: 'function', function: { name: 'shell', arguments: args } })),
      }) +
      delta({}, 'tool_calls') +
      DONE,
    ...CALLED_TWICE,
  },
  {
    name: 'index 0 and empty ids for every call',
    stream:
      delta(call('shell', LOOK, { index: 0, id: '' })) +
      delta(call('shell', READ, { index: 0, id: '' })) +
      delta({}, 'tool_calls') +
      DONE,
    ...CALLED_TWICE,
  },
  {
    name: 'the same id for every call',
    stream:
      delta(call('shell', LOOK, { index: 0, id: 'call_0' })) +
      delta(call('shell', READ, { index: 1, id: 'call_0' })) +
      delta({}, 'tool_calls') +
      DONE,
    ...CALLED_TWICE,
  },
  {
    name: 'the name and the id again with every piece, or empty',
    stream:
      delta(call('shell', '{"command":', { index: 0, id: 'call_a' })) +
      delta(call('shell', '"ls"}', { index: 0, id: 'call_a' })) +
      delta(call('', '{"command":"cat a', { index: 1, id: 'call_b' })).replace('"name":""', '"name":"shell"') +
      delta(call('', '"}', { index: 1, id: '' })) +
      delta({}, 'tool_calls') +
      DONE,
    ...CALLED_TWICE,
  },
  {
    name: 'arguments null or empty mean none',
    stream:
      delta(call('shell', null, { index: 0, id: 'a' })) +
      delta(call('shell', '', { index: 1, id: 'b' })) +
      delta({}, 'tool_calls'),
    calls: ['{}', '{}'],
  },
  {
    name: 'Ollama: thoughts as `reasoning`, empty content beside them',
    stream:
      delta({ role: 'assistant', content: '', reasoning: 'Let me ' }) +
      delta({ role: 'assistant', content: '', reasoning: 'see.' }) +
      delta({ role: 'assistant', content: 'Fine.' }) +
      delta({ content: '' }, 'stop') +
      DONE,
    reasoning: 'Let me see.',
    text: 'Fine.',
  },
  {
    name: 'llama.cpp: finish_reason first, content null, reasoning_content, timings, a last chunk of figures',
    stream:
      chunk({ finish_reason: null, delta: { role: 'assistant', content: null } }) +
      chunk({ finish_reason: null, delta: { reasoning_content: 'Let me see.' } }, { timings: { cache_n: 7 } }) +
      chunk({ finish_reason: null, delta: { content: 'Fi' } }) +
      chunk({ finish_reason: null, delta: { content: 'ne.' } }) +
      chunk({ finish_reason: 'stop', delta: {} }) +
      `data: ${JSON.stringify({ choices: [], usage: { prompt_tokens: 17, completion_tokens: 4, prompt_tokens_details: { cached_tokens: 7 } }, timings: {} })}\n\n` +
      DONE,
    reasoning: 'Let me see.',
    text: 'Fine.',
    usage: { input: 17, cachedInput: 7, output: 4 },
  },
  {
    name: 'LM Studio: figures with every chunk, the last ones count',
    stream:
      chunk(
        { delta: { content: 'Fine.' }, finish_reason: null },
        { usage: { prompt_tokens: 9, completion_tokens: 1 } },
      ) +
      chunk({ delta: {}, finish_reason: 'stop' }, { usage: { prompt_tokens: 9, completion_tokens: 2 } }) +
      DONE,
    text: 'Fine.',
    usage: { input: 9, output: 2 },
  },
  {
    name: 'vLLM: an end with the last word in it, stop_reason beside it, usage null before',
    stream:
      chunk({ delta: { content: 'Fi' }, logprobs: null, finish_reason: null }, { usage: null }) +
      chunk({ delta: { content: 'ne.' }, logprobs: null, finish_reason: 'stop', stop_reason: null }) +
      `data: {"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":2,"prompt_tokens_details":null}}\n\n` +
      DONE,
    text: 'Fine.',
    usage: { input: 9, output: 2 },
  },
  {
    name: 'finish_reason empty or missing until the end',
    stream:
      chunk({ delta: { content: 'Fi' }, finish_reason: '' }) +
      chunk({ delta: { content: 'ne.' } }) +
      chunk({ delta: { content: '' }, finish_reason: 'stop' }) +
      DONE,
    text: 'Fine.',
  },
  {
    name: 'no finish_reason at all, only [DONE]',
    stream: chunk({ delta: { content: 'Fine.' } }) + DONE,
    text: 'Fine.',
  },
  { name: 'no [DONE]: the end of the body is enough', stream: delta({ content: 'Fine.' }, 'stop'), text: 'Fine.' },
  {
    name: 'lines that end in CRLF, no space after the colon, comments',
    stream: (': hello\n\n' + delta({ content: 'Fine.' }, 'stop') + DONE)
      .replaceAll('data: ', 'data:')
      .replaceAll('\n', '\r\n'),
    text: 'Fine.',
  },
  {
    name: 'finish_reason tool_calls, but nothing was called',
    stream: delta({ content: 'Fine.' }) + delta({}, 'tool_calls') + DONE,
    text: 'Fine.',
    calls: [],
  },
  {
    name: 'a failure as an object inside of a stream that began with 200',
    stream:
      delta({ content: 'Half' }) + `data: {"error":{"code":500,"message":"out of memory","type":"server_error"}}\n\n`,
    fails: 'serverError',
  },
  {
    name: 'LM Studio: a failure as an event with a name, and only words',
    stream: `event: error\ndata: {"error":{"message":"Trying to keep the first 9000 tokens when context the overflows."}}\n\n`,
    fails: 'contextWindowExceeded',
  },
  {
    name: 'vLLM: a failure of its own shape, then [DONE]',
    stream: `data: {"error":{"object":"error","message":"This model's maximum context length is 4096 tokens.","type":"BadRequestError","code":400}}\n\n${DONE}`,
    fails: 'contextWindowExceeded',
  },
  { name: 'only [DONE]: nothing was said', stream: DONE, fails: 'streamDisconnected' },
];
