/**
 * Plays what the embedded model says: script items → deltas and milestones, one after the other, each word when it is due.
 * Faults are the faults of a real server and go through the same table of errors.
 */
import { Observable } from 'rxjs';
import type { ModelItem } from '../../../machines/leaves.ts';
import type { Delta, RuntimeError } from '../../../machines/protocol/index.ts';
import { readErrorBody } from '../errors.body.ts';
import { broken, delayInHeaders, endedEarly, type Place, refused } from '../errors.ts';
import type { Milestone, SampleRequest } from '../provider.ts';
import { type Call, patchCall, shellCall } from './calls.ts';
import { usageOf } from './estimate.ts';
import type { ScriptItem } from './script.ts';

/** Deltas without a gap that are said in one go before others get a turn on the event loop. */
const DELTAS_PER_BREATH = 512;

export interface Stage {
  readonly place: Place;
  readonly request: SampleRequest;
  readonly idleTimeoutMs: number;
  /** Pause between words of a text that has no pause of its own. Milliseconds. */
  readonly gapMs: number;
  /** Distinguishes this answer from every other one of the session. */
  readonly callPrefix: string;
}

/** Words with the space after them; joined again they are the text. */
export const wordsOf = (text: string): readonly string[] => text.match(/\s*\S+\s*/g) ?? [text];

type Said =
  { readonly kind: 'item'; readonly item: ModelItem } | { readonly kind: 'end'; readonly error: RuntimeError };

const httpError = (place: Place, { status, headers, body }: Extract<ScriptItem, { type: 'http' }>): RuntimeError => {
  const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body);
  const lower = Object.fromEntries(Object.entries(headers ?? {}).map(([key, value]) => [key.toLowerCase(), value]));
  return refused(place, { status, ...readErrorBody(text), retryAfterMs: delayInHeaders(lower, Date.now()) });
};

export const play = (items: readonly ScriptItem[], stage: Stage): Observable<Delta | Milestone> =>
  new Observable((subscriber) => {
    const { place, request, idleTimeoutMs } = stage;
    const { turnId } = request;
    let isOver = false;
    let spoken = 0;
    let timer: NodeJS.Timeout | NodeJS.Immediate | undefined;

    /** Never resolves once the subscriber is gone: what waits is forgotten. */
    const pause = (ms: number) =>
      new Promise<void>((resolve) => {
        timer = ms > 0 ? setTimeout(resolve, ms) : setImmediate(resolve);
      });

    const say = async (deltas: Iterable<string>, gapMs: number, wrap: (text: string) => Delta) => {
      const parts: string[] = [];
      for (const text of deltas) {
        if (parts.length > 0 && (gapMs > 0 || parts.length % DELTAS_PER_BREATH === 0)) await pause(gapMs);
        if (isOver) break;
        parts.push(text);
        subscriber.next(wrap(text));
      }
      const whole = parts.join('');
      spoken += whole.length;
      return whole;
    };
    const call = async ({ name, args }: Call, nth: number): Promise<Said> => {
      const callId = `call_${stage.callPrefix}_${nth}`;
      const text = JSON.stringify(args);
      await say([text], 0, (part) => ({ type: 'call.delta', turnId, callId, tool: name, text: part }));
      return { kind: 'item', item: { type: 'call', callId, tool: name, args: text } };
    };
    const agent = (text: string): Said => ({ kind: 'item', item: { type: 'agent', text } });
    const wrapAgent = (text: string): Delta => ({ type: 'agent.delta', turnId, text });
    const wrapReasoning = (text: string): Delta => ({ type: 'reasoning.delta', turnId, text });

    const perform = async (item: ScriptItem, nth: number): Promise<Said | null> => {
      switch (item.type) {
        case 'text': {
          const { text, deltas = 1, delta = 'tokn ', gap_ms = stage.gapMs } = item;
          const parts = text === undefined ? Array.from({ length: deltas }, () => delta) : wordsOf(text);
          return agent(await say(parts, gap_ms, wrapAgent));
        }
        case 'reasoning':
          return {
            kind: 'item',
            item: { type: 'reasoning', text: await say(wordsOf(item.text), item.gap_ms ?? stage.gapMs, wrapReasoning) },
          };
        case 'call':
          return call(item, nth);
        case 'shell': {
          const wanted = shellCall(request.tools, item.command);
          return wanted === null ? agent(await say(['No shell tool is offered.'], 0, wrapAgent)) : call(wanted, nth);
        }
        case 'patch': {
          const wanted = patchCall(request.tools, item.patch);
          return wanted === null ? agent(await say(['No patch tool is offered.'], 0, wrapAgent)) : call(wanted, nth);
        }
        case 'fail':
          return { kind: 'end', error: refused(place, { codes: [item.code], message: item.message ?? '' }) };
        case 'http':
          return { kind: 'end', error: httpError(place, item) };
        case 'stall':
          if (item.ms !== undefined && item.ms < idleTimeoutMs) return pause(item.ms).then(() => null);
          await pause(idleTimeoutMs);
          return { kind: 'end', error: broken(place, { kind: 'idle', ms: idleTimeoutMs }) };
        case 'disconnect':
          return { kind: 'end', error: endedEarly(place) };
      }
    };

    const finish = (last: Milestone) => {
      isOver = true;
      subscriber.next(last);
      subscriber.complete();
    };
    const run = async () => {
      await pause(0);
      // A server that answers with an error never opens.
      if (items[0]?.type !== 'http') subscriber.next({ type: 'sample.opened' });
      for (const [nth, item] of items.entries()) {
        if (isOver) return;
        const said = await perform(item, nth);
        if (isOver) return;
        if (said?.kind === 'end') return finish({ type: 'sample.failed', error: said.error });
        if (said?.kind === 'item') subscriber.next({ type: 'sample.item', item: said.item });
      }
      if (!isOver) finish({ type: 'sample.completed', usage: usageOf(request, spoken), mustContinue: false });
    };
    void run();

    return () => {
      isOver = true;
      clearTimeout(timer as NodeJS.Timeout);
      clearImmediate(timer as NodeJS.Immediate);
    };
  });
