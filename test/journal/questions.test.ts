/** kill -9 while a question is open; the next process asks it again, and a yes runs the command once (R36, R11, R12). */
import { describe, expect, it } from 'vitest';
import type { FactOf, RuntimeEvent } from '../../machines/protocol/index.ts';
import { newLives, of } from './lives.ts';

const shell = (command: string) => [{ type: 'shell', command }];
const text = (words: string) => [{ type: 'text', text: words }];
const say = (id: string) => ({ type: 'op.say', id, text: `words of ${id}` }) as const;
const queue = (id: string) => ({ type: 'op.queue', id, text: `words of ${id}` }) as const;
const named = <T extends RuntimeEvent['type']>(facts: readonly RuntimeEvent[], type: T) =>
  facts.filter((fact): fact is FactOf<T> => fact.type === type);
const resultsIn = (facts: readonly RuntimeEvent[]) =>
  named(facts, 'items.recorded').flatMap(({ items }) => items.filter((item) => item.type === 'result'));

const SLOW_MS = 120_000;
const untrusted = { approval: 'untrusted', sandbox: 'workspace-write' } as const;
const asked = async () => {
  const lives = newLives(untrusted);
  await lives.killed(
    [shell('echo ran >> ran'), text('done')],
    [say('first'), queue('later')],
    of('approval.requested'),
  );
  return lives;
};
const question = (fact: unknown) => fact as FactOf<'approval.requested'>;

describe('after kill -9 while a question is open', () => {
  it(
    'the same question comes back, in a turn that continues the lost one; yes runs it once; what was queued runs next',
    async () => {
      const lives = await asked();
      const [before] = named(lives.facts(), 'approval.requested');
      const on = await lives.resume([text('went on'), text('and the queue')]);
      const again = question(await on.next(of('approval.requested')));
      expect(named(on.facts, 'turn.started')).toMatchObject([{ turnId: 'turn-2', continues: 'turn-1' }]);
      expect(again).toMatchObject({ turnId: 'turn-2', callId: before?.callId });
      // The plan is a new one: it names the surroundings of the process that runs it.
      expect(again.question).toEqual({ ...before?.question, planHash: again.question.planHash });
      expect(again.approvalId).not.toBe(before?.approvalId);
      expect(on.session.view().queued).toMatchObject([{ inputId: 'later' }]);
      expect(lives.ran()).toEqual([]);
      expect(await on.answer(again, 'approve')).toMatchObject({ kind: 'accepted' });
      await on.next(of('turn.completed', 2));
      await on.close();

      expect(lives.ran()).toEqual(['ran']);
      const facts = lives.facts();
      expect(resultsIn(facts)).toMatchObject([{ callId: before?.callId, status: 'completed' }]);
      expect(named(facts, 'turn.completed').map(({ lastAgentMessage }) => lastAgentMessage)).toEqual([
        ...['went on', 'and the queue'],
      ]);
      expect(named(facts, 'turn.aborted')).toMatchObject([{ turnId: 'turn-1', reason: 'lost' }]);
      expect(lives.replayed()).toMatchObject({ kind: 'identical', lives: 2 });
    },
    SLOW_MS,
  );

  it(
    'and again while it is asked again: it is asked a third time, and no is no',
    async () => {
      const lives = await asked();
      await lives.killed([text('unheard')], [], of('turn.started'));
      await lives.killed([text('unheard')], [], of('approval.requested'));
      const on = await lives.resume([text('went on')]);
      const again = question(await on.next(of('approval.requested')));
      expect(again.turnId).toBe('turn-4');
      await on.answer(again, 'deny');
      await on.next(of('turn.completed', 2));
      await on.close();
      expect(lives.ran()).toEqual([]);
      expect(resultsIn(lives.facts())).toMatchObject([{ status: 'declined' }]);
      const ids = named(lives.facts(), 'approval.requested').map(({ approvalId }) => approvalId);
      expect(new Set(ids).size).toBe(ids.length);
      expect(lives.replayed()).toMatchObject({ kind: 'identical', lives: 4 });
    },
    SLOW_MS,
  );

  it(
    'a plan that needs no question by now is asked about all the same',
    async () => {
      const lives = await asked();
      const on = await lives.resume([text('went on')], { approval: 'on-request' });
      const again = question(await on.next(of('approval.requested')));
      expect(again.question).toMatchObject({ now: null, offers: [] });
      expect(again.question.why).toMatch(/asked about this before/);
      expect(lives.ran()).toEqual([]);
      await on.answer(again, 'approve');
      await on.next(of('turn.completed', 2));
      expect(lives.ran()).toEqual(['ran']);
    },
    SLOW_MS,
  );

  it.each([{ isAttended: false }, { approval: 'never' as const }])(
    'nothing is asked where nobody can answer (%o): it was not run, and no model is asked',
    async (how) => {
      const lives = await asked();
      const on = await lives.resume([text('unheard')], how);
      await on.next(of('session.configured'));
      await on.close();
      expect(lives.ran()).toEqual([]);
      expect(named(lives.facts(), 'turn.started')).toHaveLength(1);
      expect(resultsIn(lives.facts())).toMatchObject([{ status: 'aborted' }]);
      expect(named(on.facts, 'input.returned')).toMatchObject([{ inputId: 'later' }]);
      expect(lives.replayed()).toMatchObject({ kind: 'identical', lives: 2 });
    },
    SLOW_MS,
  );

  it(
    'the second question, behind a denial: the first attempt is not made again',
    async () => {
      const lives = newLives({ approval: 'on-failure', sandbox: 'workspace-write' });
      const command = 'echo ran >> ran; echo more > /usr/written-by-nobody';
      await lives.killed([shell(command), text('done')], [say('first')], of('approval.requested'));
      expect(lives.ran()).toEqual(['ran']);
      const on = await lives.resume([text('went on')]);
      const again = question(await on.next(of('approval.requested')));
      expect(again.question).toMatchObject({ cause: named(lives.facts(), 'approval.requested')[0]?.question.cause });
      expect(lives.ran()).toEqual(['ran']);
      await on.answer(again, 'deny');
      await on.next(of('turn.completed'));
      await on.close();
      expect(lives.ran()).toEqual(['ran']);
      expect(resultsIn(lives.facts())).toMatchObject([{ status: 'declined' }]);
      expect(lives.replayed()).toMatchObject({ kind: 'identical', lives: 2 });
    },
    SLOW_MS,
  );
});
