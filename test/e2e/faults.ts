/**
 * What a model server can do wrong, on each wire, and what the program has to make of it. All of it comes before an item is
 * whole: a whole one gives a new budget of attempts, up to a fuse of its own.
 */
import type { ErrorKind } from '../../machines/protocol/index.ts';
import type { Turn } from '../model-server/scenario.ts';

export interface Fault {
  readonly name: string;
  readonly turn: Turn;
  readonly kind: ErrorKind;
  /** 1: final, never asked again. 2: asked again, and here the budget is one more attempt. */
  readonly requests: 1 | 2;
  readonly exit?: number;
  /** What the text names, so that the user knows what to do. */
  readonly says: RegExp;
}

const http = (status: number, body?: unknown): Turn => ({
  items: [
    { type: 'http', status, headers: { 'retry-after': '0' }, ...(body !== undefined && { body }) },
  ] as Turn['items'],
});
const fail = (code: string, message = 'Said by the server.'): Turn => ({ items: [{ type: 'fail', code, message }] });
const only = (fault: Turn['items'][number]): Turn => ({ items: [fault] });

export const FAULTS: readonly Fault[] = [
  {
    name: 'context window',
    turn: fail('context_length_exceeded'),
    kind: 'contextWindowExceeded',
    requests: 1,
    exit: 4,
    says: /\/compact/,
  },
  {
    name: 'usage limit',
    turn: http(429, { error: { type: 'usage_limit_reached', message: 'm', resets_in_seconds: 90 } }),
    kind: 'usageLimitReached',
    requests: 1,
    says: /-m/,
  },
  { name: 'quota', turn: fail('insufficient_quota'), kind: 'quotaExceeded', requests: 1, says: /plan and billing/ },
  {
    name: 'rate limit',
    turn: fail('rate_limit_exceeded', 'Please try again in 1ms.'),
    kind: 'rateLimited',
    requests: 2,
    says: /Too many requests/,
  },
  {
    name: 'rate limit, an hour',
    turn: fail('rate_limit_exceeded', 'Please try again in 1h.'),
    kind: 'rateLimited',
    requests: 1,
    says: /1h/,
  },
  { name: 'overloaded', turn: fail('server_is_overloaded'), kind: 'serverOverloaded', requests: 2, says: /-m MODEL/ },
  { name: 'HTTP 500', turn: http(500), kind: 'serverError', requests: 2, says: /127\.0\.0\.1/ },
  { name: 'HTTP 400', turn: http(400), kind: 'badRequest', requests: 1, says: /HTTP 400/ },
  { name: 'HTTP 401', turn: http(401), kind: 'unauthorized', requests: 1, says: /THE_KEY/ },
  { name: 'HTTP 403', turn: http(403), kind: 'forbidden', requests: 1, says: /THE_KEY/ },
  { name: 'HTTP 404', turn: http(404), kind: 'notFound', requests: 1, says: /base_url of provider "tested"/ },
  {
    name: 'content filter',
    turn: fail('content_filter'),
    kind: 'contentFiltered',
    requests: 1,
    says: /Word the request differently/,
  },
  {
    name: 'incomplete',
    turn: fail('max_output_tokens'),
    kind: 'responseIncomplete',
    requests: 2,
    says: /max_output_tokens/,
  },
  {
    name: 'a failure without a name',
    turn: only({ type: 'fail', code: 'odd', message: 'Odd.' }),
    kind: 'serverError',
    requests: 2,
    says: /Odd/,
  },
  {
    name: 'disconnected',
    turn: only({ type: 'disconnect' }),
    kind: 'streamDisconnected',
    requests: 2,
    says: /broke off/,
  },
  {
    name: 'an early end',
    turn: { items: [], isEndless: true },
    kind: 'streamDisconnected',
    requests: 2,
    says: /closed before/,
  },
  { name: 'idle', turn: only({ type: 'stall' }), kind: 'streamIdle', requests: 2, says: /stream_idle_timeout_ms/ },
];
