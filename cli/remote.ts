/**
 * A session that runs elsewhere, at a `turnstile serve`: ops go there by HTTP, facts come back as a stream that is taken up
 * again where it was cut. An op that nobody answered is asked again under the same id, so it is one op. There are no deltas:
 * what comes from there is what is written down.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Observable, Subject } from 'rxjs';
import type { Reply, SessionView } from '../actors/contract.ts';
import { RuntimeEvent, type Delta, type Op, type Stamped } from '../machines/protocol/index.ts';
import type { Flags } from './flags.ts';
import { UsageError, type Surroundings } from './mode.ts';
import type { OpenSession } from './open.ts';
import { Reply as ReplySchema } from './serve/words.ts';

/** Between two attempts. Milliseconds. */
const AGAIN_MS = 250;
/** A server that does not answer for so long is given up. Milliseconds. */
const PATIENCE_MS = 60_000;

interface Told {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}
const messageIn = ({ status, body }: Told): string => `${status}: ${String(body['message'] ?? 'no reason given')}`;

/** Whole frames of server-sent events, and what has come of the next. */
const framesOf = (text: string): { readonly data: readonly string[]; readonly rest: string } => {
  const frames = text.split('\n\n');
  const rest = frames.pop() ?? '';
  const lines = frames.flatMap((frame) => frame.split('\n'));
  return { data: lines.flatMap((line) => (line.startsWith('data: ') ? [line.slice(6)] : [])), rest };
};

const factIn = (data: string): Stamped<RuntimeEvent> | null => {
  const value: unknown = JSON.parse(data);
  const fact = RuntimeEvent.safeParse(value);
  if (!fact.success || typeof value !== 'object' || value === null || !('seq' in value) || !('at' in value))
    return null;
  return { ...fact.data, seq: Number(value.seq), at: Number(value.at) };
};

export const openAt =
  (address: string, flags: Flags, env: Surroundings['env']): OpenSession =>
  async (config, { resume }) => {
    const base = address.replace(/\/$/, '');
    const headers = { authorization: `Bearer ${env['TURNSTILE_TOKEN'] ?? ''}`, 'content-type': 'application/json' };
    const gone = new AbortController();

    const ask = async (method: 'GET' | 'POST', path: string, body?: unknown): Promise<Told> => {
      const until = performance.now() + PATIENCE_MS;
      for (;;) {
        try {
          const sent = body === undefined ? {} : { body: JSON.stringify(body) };
          const response = await fetch(`${base}${path}`, { method, headers, ...sent });
          const told = { status: response.status, body: (await response.json()) as Told['body'] };
          if (told.status < 500 || performance.now() > until) return told;
        } catch (error) {
          const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
          if (performance.now() > until) return { status: 503, body: { message: String(cause) } };
        }
        await sleep(AGAIN_MS);
      }
    };

    const spec = {
      ...(flags.cd === undefined ? {} : { cwd: config.cwd }),
      ...(config.isAttended ? {} : { isUnattended: true, approval: config.approval }),
    };
    const opened =
      resume === undefined
        ? await ask('POST', '/v1/sessions', { spec })
        : await ask('GET', `/v1/sessions/${resume.file}`);
    if (opened.status >= 300) throw new UsageError(`--remote ${base}: ${messageIn(opened)}`);
    const id = String(opened.body['id']);
    const from = resume === undefined ? 0 : Number(opened.body['head'] ?? -1) + 1;

    const events = new Subject<Stamped<RuntimeEvent | Delta>>();
    const seen = { next: from };
    const read = async (): Promise<void> => {
      const response = await fetch(`${base}/v1/sessions/${id}/events?from=${seen.next}`, {
        headers,
        signal: gone.signal,
      });
      if (response.body === null || response.status !== 200) return;
      let text = '';
      for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
        const { data, rest } = framesOf(text + chunk);
        text = rest;
        for (const fact of data.flatMap((line) => factIn(line) ?? [])) {
          seen.next = fact.seq + 1;
          events.next(fact);
        }
      }
    };
    const follow = async (): Promise<void> => {
      while (!gone.signal.aborted) {
        await read().catch(() => undefined); // cut; it is taken up where it was
        if (!gone.signal.aborted) await sleep(AGAIN_MS);
      }
    };
    const started = { following: null as Promise<void> | null };

    const submit = async (op: Op): Promise<Reply> => {
      for (;;) {
        const told = await ask('POST', `/v1/sessions/${id}/ops`, op);
        const { body } = told;
        if (told.status >= 300) return { kind: 'refused', opId: op.id, reason: 'unknownOp', message: messageIn(told) };
        const reply = ReplySchema.safeParse(body);
        if (reply.success) return reply.data;
        await sleep(AGAIN_MS); // kept, and nobody has answered yet
      }
    };
    const view = (): SessionView => ({ state: 'idle', turnId: null, history: [], grants: [], queued: [] });
    const close = async (): Promise<void> => {
      gone.abort();
      await started.following;
      events.complete();
    };
    return {
      ...{ id, journal: null, submit, view, close, [Symbol.asyncDispose]: close },
      events: new Observable((client) => {
        const subscription = events.subscribe(client);
        started.following ??= follow();
        return subscription;
      }),
      can: () => null,
    };
  };
