/** What comes in the very step in which a turn ends (K.1 `finishing`, A.5.2): one ending, and nothing accepted is lost. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { judge, judgeWords } from './judge.ts';
import { live, say, type Live } from './stage.ts';

const open: Live[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

/** Asks in the step in which the last response is counted: the outcome is fixed by the time it is heard. */
const asAnswered = async (ask: (on: Live) => void): Promise<Live> => {
  const on = await live({ turns: [say('hi')] });
  open.push(on);
  const asked = { times: 0 };
  on.session.events.subscribe(({ type }) => {
    if (type === 'tokens.counted' && asked.times++ === 0) ask(on);
  });
  await on.say('go');
  await on.ended();
  return on;
};

describe('in the step in which a turn ends', () => {
  it('an interrupt is too late: it is answered, and the turn has completed', async () => {
    const on = await asAnswered((at) => void at.interrupt());
    expect(on.endings()).toMatchObject([{ type: 'turn.completed' }]);
    expect(await on.say('next')).toMatchObject({ kind: 'accepted' });
    await on.ended(1);
    judge(on);
  });

  it('words run next', async () => {
    const on = await asAnswered((at) => void at.submit({ type: 'op.say', text: 'and?' }, 'late'));
    expect(await on.ended(1)).toMatchObject({ type: 'turn.completed' });
    judgeWords(on.told, ['late']);
    judge(on);
  });

  it('a command of the user runs next', async () => {
    const on = await asAnswered((at) => void at.submit({ type: 'op.shell', command: 'touch ran' }, 'late'));
    await on.nth('turn.started', 1);
    expect(await on.ended(1)).toMatchObject({ type: 'turn.completed' });
    expect(existsSync(join(on.folder, 'ran'))).toBe(true);
    judge(on);
  });

  it('a command and then an interrupt: it does not run (R1)', async () => {
    const on = await asAnswered((at) => {
      void at.submit({ type: 'op.shell', command: 'touch ran' }, 'late');
      void at.interrupt();
    });
    await on.say('more');
    await on.ended(1);
    expect(on.of('turn.started').map(({ task }) => task)).toEqual(['regular', 'regular']);
    expect(existsSync(join(on.folder, 'ran'))).toBe(false);
    judge(on);
  });

  it('a compaction and a shutdown find the turn over', async () => {
    const compacting = await asAnswered((at) => void at.submit({ type: 'op.compact' }));
    expect(await compacting.ended(1)).toMatchObject({ type: 'turn.completed' });
    expect(compacting.of('history.compacted')).toHaveLength(1);
    judge(compacting);
    const closing = await asAnswered((at) => void at.session.close());
    await closing.nth('session.closed');
    expect(closing.endings()).toMatchObject([{ type: 'turn.completed' }]);
    judge(closing);
  });
});
