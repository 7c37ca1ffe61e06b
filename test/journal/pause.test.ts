/** A server that asked for a pause is not asked before, also not by the next process (R35, R36, D.3). */
import { describe, expect, it } from 'vitest';
import type { FactOf, RuntimeEvent } from '../../machines/protocol/index.ts';
import { newLives, of } from './lives.ts';

const SLOW_MS = 120_000;
const busy = (seconds: number) => [
  { type: 'http', status: 429, headers: { 'retry-after': String(seconds) }, body: 'slow down' },
];
const text = (words: string) => [{ type: 'text', text: words }];
const say = (id: string) => ({ type: 'op.say', id, text: `words of ${id}` }) as const;
const retry = (fact: unknown) => fact as FactOf<'sample.retrying'>;
const places = { approval: 'never', sandbox: 'read-only' } as const;

describe('after kill -9 in a pause that the server asked for', () => {
  it(
    'the next request waits for the rest of it, and an interrupt ends the waiting',
    async () => {
      const lives = newLives(places);
      await lives.killed([busy(30), text('unheard')], [say('first')], of('sample.retrying'));
      const [asked] = lives
        .facts()
        .filter((fact): fact is FactOf<'sample.retrying'> => fact.type === 'sample.retrying');
      const until = asked?.error.notBefore ?? 0;
      expect(until).toBeGreaterThan(Date.now());

      const on = await lives.resume([text('unheard')]);
      void on.session.submit(say('second'));
      const { delayMs, error } = retry(await on.next(of('sample.retrying')));
      expect(error).toMatchObject({ kind: 'rateLimited' });
      expect(Math.abs(Date.now() + delayMs - until)).toBeLessThan(5_000);
      await on.session.submit({ type: 'op.interrupt', id: 'stop' });
      await on.next(of('turn.aborted'));
      expect(on.facts.some((fact: RuntimeEvent) => fact.type === 'turn.completed')).toBe(false);
      await on.close();
      expect(lives.replayed()).toMatchObject({ kind: 'identical', lives: 2 });
    },
    SLOW_MS,
  );

  it(
    'is not waited for where nobody would wait so long, and not once it is over',
    async () => {
      for (const seconds of [3_600, 0]) {
        const lives = newLives(places);
        const until = seconds === 0 ? of('sample.retrying') : of('turn.failed');
        await lives.killed([busy(seconds), busy(seconds)], [say('first')], until);
        const on = await lives.resume([text('at once')]);
        void on.session.submit(say('second'));
        expect(await on.next(of('turn.completed'))).toMatchObject({ lastAgentMessage: 'at once' });
        expect(on.facts.some(({ type }) => type === 'sample.retrying')).toBe(false);
        await on.close();
      }
    },
    SLOW_MS,
  );
});
