/**
 * One model request.
 *
 *   in    sample.cut                      close the request, hand over the half-answer
 *   out   sample.opened, sample.item      milestones, as the response goes on
 *         sample.completed | .failed | .stopped    exactly one of them, then never a word
 *   bus   agent.delta, reasoning.delta …  past the machines; not the words of a reviewer, who talks to nobody (C.11.2)
 *
 * Being stopped closes the request at once and says nothing.
 */
import { Subscription } from 'rxjs';
import type { SampleCommand, SampleInput, SampleReport } from '../machines/leaves.ts';
import { BACKOFF_MAX_MS } from '../machines/limits.ts';
import { isDelta, type Delta, type RuntimeError } from '../machines/protocol/index.ts';
import type { Milestone } from './providers/provider.ts';
import { leaf } from './services.ts';

/**
 * The server's answer is known: it was given to the process before this one. It is said again without asking, so that the
 * machine waits in the state in which it always does. A time that nobody would wait for is not: the server is asked anew.
 */
const tooEarly = (waitMs: number): RuntimeError | null =>
  waitMs <= 0 || waitMs > BACKOFF_MAX_MS
    ? null
    : {
        kind: 'rateLimited',
        message: `before this process began, the model's server asked for a pause; ${Math.ceil(waitMs / 1000)} s of it are left`,
        retryAfterMs: Math.ceil(waitMs),
      };

export const sample = leaf<SampleCommand, SampleInput>((services) => ({ input, receive, sendBack }) => {
  const { attempt } = input;
  const startedAt = services.now();
  const request = new Subscription();
  const said = { partial: '' };

  const report = (words: SampleReport) => {
    if (!request.closed) sendBack(words);
  };
  const last = (words: SampleReport) => {
    report(words);
    request.unsubscribe();
  };
  const failed = (error: Extract<Milestone, { type: 'sample.failed' }>['error']) => {
    const now = services.now();
    const dated = error.retryAfterMs === undefined ? error : { ...error, notBefore: now + error.retryAfterMs };
    last({ type: 'sample.failed', attempt, error: dated, partial: said.partial, elapsedMs: now - startedAt });
  };

  receive(() => last({ type: 'sample.stopped', attempt, partial: said.partial }));

  const hear = (event: Delta | Milestone) => {
    switch (event.type) {
      case 'sample.opened':
        return report({ type: 'sample.opened', attempt });
      case 'sample.item':
        if (event.item.type === 'agent') said.partial = '';
        return report({ type: 'sample.item', attempt, item: event.item });
      case 'sample.completed':
        return last({ type: 'sample.completed', attempt, usage: event.usage, mustContinue: event.mustContinue });
      case 'sample.failed':
        return failed(event.error);
      default:
        if (event.type === 'agent.delta') said.partial += event.text;
        if (isDelta(event) && !(event.type === 'agent.delta' && input.purpose === 'review')) services.delta(event);
    }
  };
  const crashed = (error: unknown) =>
    failed({ kind: 'crashed', message: `the model provider broke: ${String(error)}` });

  services.provider().then((provider) => {
    if (request.closed) return;
    const early = tooEarly(services.notBefore - services.now());
    if (early !== null) return failed(early);
    const ended = () => failed({ kind: 'crashed', message: 'the model provider ended without a last word' });
    request.add(provider.sample(services.request(input)).subscribe({ next: hear, error: crashed, complete: ended }));
  }, crashed);

  return () => request.unsubscribe();
});
