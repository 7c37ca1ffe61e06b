/** Words for a turn that runs, and words that wait (R8, R9, B.4): where each goes, and when the model reads it. */
import { afterEach, describe, expect, it } from 'vitest';
import { judge, judgeWords } from './judge.ts';
import { chatter, inputOf, live, say, shell, type Live, type Wanted } from './stage.ts';

const open: Live[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});
const begin = async (wanted: Wanted): Promise<Live> => {
  const on = await live(wanted);
  open.push(on);
  return on;
};
const steer = (on: Live, text: string, policy?: 'boundary' | 'preempt', id?: string) =>
  on.submit({ type: 'op.steer', turnId: on.session.view().turnId ?? '', text, ...(policy && { policy }) }, id);
const sent = (on: Live, n: number) => JSON.stringify(inputOf(on.server, n));
const slow = { items: [{ type: 'text' as const, deltas: 20, delta: 'w ', gap_ms: 5 }] };

describe('words for the turn that runs', () => {
  it('B.4.3, B.4.4: wait for the end of the answer, and force one more request in the same turn', async () => {
    const on = await begin({ turns: [slow, say('yes')] });
    await on.say('go');
    await on.nth('agent.delta', 2);
    expect(await on.submit({ type: 'op.say', text: 'and this' }, 'late')).toMatchObject({ turnId: 'turn-1' });
    expect(await on.ended()).toMatchObject({ type: 'turn.completed', lastAgentMessage: 'yes' });
    expect(on.of('turn.started')).toHaveLength(1);
    expect(sent(on, 1)).toMatch(/w w w.*and this/);
    expect(JSON.stringify(on.session.view().history)).not.toContain('incomplete');
    judgeWords(on.told, ['late']);
    judge(on);
  });

  it('preempt: the answer is cut, the half of it kept, the words come next', async () => {
    const on = await begin({ turns: [chatter, say('yes')] });
    await on.say('go');
    await on.nth('agent.delta', 2);
    expect(await steer(on, 'stop talking', 'preempt', 'now')).toMatchObject({ kind: 'accepted' });
    expect(await on.ended()).toMatchObject({ type: 'turn.completed', lastAgentMessage: 'yes' });
    const [request] = on.server.requests;
    await request?.over;
    expect(request?.isAbandoned).toBe(true);
    expect(sent(on, 1)).toMatch(/word word.*stop talking/);
    judgeWords(on.told, ['now']);
    judge(on);
  });

  it('preempt lets a command that runs end: it is not killed, and its result is read with the words', async () => {
    const on = await begin({
      turns: [{ items: [{ type: 'shell', command: 'echo up; sleep 0.3; echo done' }, ...chatter.items] }, say('yes')],
    });
    await on.say('go');
    await on.nth('exec.printed');
    await steer(on, 'and?', 'preempt');
    expect(await on.ended()).toMatchObject({ type: 'turn.completed' });
    expect(on.of('call.finished')).toMatchObject([{ status: 'completed', output: 'up\ndone\n' }]);
    expect(sent(on, 1)).toMatch(/done.*and\?/);
    judge(on);
  });

  it('R9: are refused by name when they are empty, for another turn, or nobody works', async () => {
    const on = await begin({ turns: [slow, say('yes')] });
    expect(await on.submit({ type: 'op.steer', turnId: 'turn-1', text: 'x' })).toMatchObject({
      reason: 'noActiveTurn',
    });
    await on.say('go');
    await on.nth('agent.delta');
    expect(await steer(on, '  ')).toMatchObject({ reason: 'emptyInput' });
    expect(await on.submit({ type: 'op.steer', turnId: 'turn-9', text: 'x' })).toMatchObject({
      reason: 'turnMismatch',
    });
    await on.ended();
    expect(on.server.requests).toHaveLength(1);
  });

  it('B.4.2: a compaction takes none: they are queued, and run after it', async () => {
    const on = await begin({
      turns: [say('hi'), say('yes')],
      side: {
        items: [
          { type: 'stall', ms: 100 },
          { type: 'text', text: 'sum' },
        ],
      },
    });
    await on.say('go');
    await on.ended();
    await on.submit({ type: 'op.compact' });
    await on.server.arrived(1);
    expect(await steer(on, 'x')).toMatchObject({ reason: 'notSteerable' });
    expect(await on.submit({ type: 'op.say', text: 'after' }, 'after')).toMatchObject({ kind: 'accepted' });
    expect(on.of('input.queued')).toMatchObject([{ inputId: 'after' }]);
    expect(await on.ended(2)).toMatchObject({ type: 'turn.completed', lastAgentMessage: 'yes' });
    expect(on.of('history.compacted')).toHaveLength(1);
    judgeWords(on.told, ['after']);
    judge(on);
  });

  it('B.4.9: what was not delivered comes back with the interrupt', async () => {
    const on = await begin({ turns: [shell('echo up; sleep 30')] });
    await on.say('go');
    await on.nth('exec.printed');
    await steer(on, 'mine', 'boundary', 'mine');
    await on.interrupt();
    expect(await on.ended()).toMatchObject({ undelivered: [{ inputId: 'mine', text: 'mine' }] });
    judgeWords(on.told, ['mine']);
    judge(on);
  });

  it('a turn that fails gives them back, and those that wait behind it', async () => {
    const on = await begin({
      turns: [
        {
          items: [
            { type: 'text', deltas: 20, delta: 'w ', gap_ms: 5 },
            { type: 'fail', code: 'invalid_prompt' },
          ],
        },
      ],
    });
    await on.say('go');
    await on.nth('agent.delta');
    await steer(on, 'mine', 'boundary', 'mine');
    await on.submit({ type: 'op.queue', text: 'next' }, 'next');
    expect(await on.ended()).toMatchObject({ type: 'turn.failed' });
    judgeWords(on.told, ['mine', 'next']);
    judge(on);
  });
});

describe('words that wait for a turn of their own', () => {
  it('R9: run one after the other, in the order in which they came', async () => {
    const on = await begin({ turns: [slow, say('a'), say('b')] });
    await on.say('go');
    await on.submit({ type: 'op.queue', text: 'first' }, 'first');
    await on.submit({ type: 'op.queue', text: 'second' }, 'second');
    expect(on.session.view().queued.map(({ text }) => text)).toEqual(['first', 'second']);
    await on.ended(2);
    expect(on.of('turn.started')).toHaveLength(3);
    expect(sent(on, 1)).toContain('first');
    expect(sent(on, 1)).not.toContain('second');
    expect(sent(on, 2)).toContain('second');
    judgeWords(on.told, ['first', 'second']);
    judge(on);
  });

  it('a command of the user beside the turn is read with the next request', async () => {
    const on = await begin({
      turns: [{ items: [{ type: 'text', deltas: 60, delta: 'w ', gap_ms: 10 }] }, say('seen')],
    });
    await on.say('go');
    await on.nth('agent.delta');
    await on.submit({ type: 'op.shell', command: 'echo mine' });
    expect(await on.ended()).toMatchObject({ type: 'turn.completed', lastAgentMessage: 'seen' });
    expect(sent(on, 1)).toMatch(/echo mine.*mine/);
    judge(on);
  });
});
