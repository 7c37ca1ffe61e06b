/**
 * Each thing that can be asked, with what it takes and answers: one table, from which requests are answered and the OpenAPI
 * document is made. Every answer comes from the log, so any server of a fleet can give it.
 */
import { randomUUID } from 'node:crypto';
import * as z from 'zod/mini';
import { factIn, type Tail } from '../../actors/log/tail.ts';
import type { SessionLog } from '../../actors/log/port.ts';
import { REPLY_MS } from './limits.ts';
import { Described, Health, Kept, Made, NewSession, Op, Problem, Reply } from './words.ts';

export interface Asked {
  readonly id: string;
  readonly body: unknown;
  readonly query: URLSearchParams;
  readonly signal: AbortSignal;
}
export interface Context {
  readonly log: SessionLog;
  readonly tail: Tail;
  /** Whether a folder may be worked in; a sentence if not. */
  readonly mayWorkIn: (cwd: string) => string | null;
  readonly metrics: () => string;
}
export type Answer =
  | { readonly kind: 'json'; readonly status: number; readonly body: unknown }
  | { readonly kind: 'text'; readonly body: string }
  /** Facts from a position on, as server-sent events. */
  | { readonly kind: 'events'; readonly from: number }
  /** The lines of the journal as they are, and no more. */
  | { readonly kind: 'lines'; readonly upTo: number };

export interface Route {
  readonly method: 'GET' | 'POST';
  /** `{id}` stands for a session. */
  readonly path: string;
  readonly summary: string;
  readonly isOpen?: true;
  readonly takes?: z.core.$ZodType;
  readonly query?: Readonly<Record<string, string>>;
  readonly answers: Readonly<Record<number, { readonly summary: string; readonly schema?: z.core.$ZodType }>>;
  readonly run: (context: Context, asked: Asked) => Promise<Answer> | Answer;
}

const json = (status: number, body: unknown): Answer => ({ kind: 'json', status, body });
const problem = (status: number, message: string): Answer => json(status, { message });
const absent = problem(404, 'there is no such session');
const PROBLEMS = {
  400: { summary: 'it was not understood', schema: Problem },
  401: { summary: 'no token, or a wrong one', schema: Problem },
} as const;
const ABSENT = { 404: { summary: 'no such session', schema: Problem } } as const;

const parse = <S extends z.ZodMiniType>(schema: S, value: unknown): z.output<S> | string => {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  return `${issue?.path.join('.') || 'the body'}: ${issue?.message ?? 'wrong'}`;
};

const create: Route['run'] = async ({ log, mayWorkIn }, { body }) => {
  const wanted = parse(NewSession, body ?? {});
  if (typeof wanted === 'string') return problem(400, wanted);
  const { id = randomUUID(), tenant, spec } = wanted;
  const why = spec.cwd === undefined ? null : mayWorkIn(spec.cwd);
  if (why !== null) return problem(400, why);
  const made = await log.create({ id, tenant, spec: JSON.stringify(spec) });
  return json(made === 'created' ? 201 : 200, { id, made });
};

const describe: Route['run'] = async ({ log }, { id }) => {
  const found = await log.describe(id);
  if (found === null) return absent;
  const { tenant, head, owner, waiting } = found;
  return json(200, { id, tenant, head, owner, waiting });
};

/** Reads on until the op was answered, or patience ends. */
const replyTo = async ({ log, tail }: Context, id: string, opId: string, from: number, signal: AbortSignal) => {
  for await (const lines of tail.follow(id, from, signal))
    for (const line of lines) {
      const fact = line.text.includes('"op.') ? factIn(line, log.blobs) : null;
      if (fact?.type === 'op.accepted' && fact.opId === opId) return { kind: 'accepted', opId, turnId: fact.turnId };
      if (fact?.type === 'op.refused' && fact.opId === opId)
        return { kind: 'refused', opId, reason: fact.reason, message: fact.message };
    }
  return null;
};

const submit: Route['run'] = async (context, { id, body, query, signal }) => {
  const { log } = context;
  const op = parse(Op, body);
  if (typeof op === 'string') return problem(400, op);
  const before = await log.describe(id);
  if (before === null) return absent;
  const put = await log.put(id, { key: op.id, body: JSON.stringify(op) });
  if (put === 'absent') return absent;
  if (put === 'full') return problem(429, 'too much waits for this session; nothing was kept');
  const patience = Math.min(Number(query.get('wait') ?? REPLY_MS) || 0, REPLY_MS);
  // What was put before may have been answered long ago.
  const from = put === 'known' ? 0 : before.head + 1;
  const until = AbortSignal.any([signal, AbortSignal.timeout(patience)]);
  const reply = await replyTo(context, id, op.id, from, until);
  return reply === null ? json(202, { kind: 'kept', opId: op.id }) : json(200, reply);
};

const health: Route['run'] = async ({ log }) => {
  try {
    await log.describe('-');
    return json(200, { status: 'ok', log: 'reached' });
  } catch (error) {
    return json(503, { status: 'unavailable', log: error instanceof Error ? error.message : String(error) });
  }
};

export const ROUTES: readonly Route[] = [
  {
    ...{
      method: 'POST',
      path: '/v1/sessions',
      summary: 'Makes a session; nothing runs before its first op',
      takes: NewSession,
    },
    answers: { 201: { summary: 'made', schema: Made }, 200: { summary: 'it was there', schema: Made }, ...PROBLEMS },
    run: create,
  },
  {
    ...{ method: 'GET', path: '/v1/sessions/{id}', summary: 'Where a session stands' },
    answers: { 200: { summary: 'found', schema: Described }, ...PROBLEMS, ...ABSENT },
    run: describe,
  },
  {
    ...{ method: 'POST', path: '/v1/sessions/{id}/ops', takes: Op },
    summary: 'Asks a session for something. The op is kept before it is answered; the same id twice is one op',
    query: { wait: 'milliseconds to wait for the reply of the session; 0: not at all' },
    answers: {
      200: { summary: 'the reply of the session', schema: Reply },
      202: { summary: 'kept; the reply will be among the events', schema: Kept },
      429: { summary: 'too much waits already; it was not kept', schema: Problem },
      ...{ ...PROBLEMS, ...ABSENT },
    },
    run: submit,
  },
  {
    ...{ method: 'GET', path: '/v1/sessions/{id}/events' },
    summary: 'The facts of a session as server-sent events, from a position on; `id` of each is its position',
    query: { from: 'the first position that is wanted; the header Last-Event-ID says the last one that was had' },
    answers: { 200: { summary: 'text/event-stream' }, ...PROBLEMS, ...ABSENT },
    run: async ({ log }, { id, query }) => {
      const from = Number(query.get('from') ?? 0);
      if (!Number.isSafeInteger(from) || from < 0) return problem(400, 'from: a position is a whole number from 0');
      return (await log.describe(id)) === null ? absent : { kind: 'events', from };
    },
  },
  {
    ...{ method: 'GET', path: '/v1/sessions/{id}/journal', summary: 'The journal so far, as JSON lines, byte by byte' },
    answers: { 200: { summary: 'application/x-ndjson' }, ...PROBLEMS, ...ABSENT },
    run: async ({ log }, { id }) => {
      const found = await log.describe(id);
      return found === null ? absent : { kind: 'lines', upTo: found.head };
    },
  },
  {
    ...{ method: 'GET', path: '/healthz', summary: 'Whether the server lives', isOpen: true },
    answers: { 200: { summary: 'it does', schema: Health } },
    run: () => json(200, { status: 'ok', log: 'not asked' }),
  },
  {
    ...{ method: 'GET', path: '/readyz', summary: 'Whether the server reaches its log', isOpen: true },
    answers: { 200: { summary: 'it does', schema: Health }, 503: { summary: 'it does not', schema: Health } },
    run: health,
  },
  {
    ...{ method: 'GET', path: '/metrics', summary: 'Counts, in the text format of Prometheus' },
    answers: { 200: { summary: 'text/plain' }, ...PROBLEMS },
    run: ({ metrics }) => ({ kind: 'text', body: metrics() }),
  },
];
