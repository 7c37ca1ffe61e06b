/** A review through the real runtime (C.11): a real model server, real commands, a real journal. */
import { afterEach, describe, expect, it } from 'vitest';
import { REVIEW_INSTRUCTIONS } from '../../actors/prompt/review.ts';
import { alive, becomes } from '../processes/bench.ts';
import { judge } from './judge.ts';
import { inputOf, live, say, shell, type Live, type Wanted } from './stage.ts';

const FINDINGS = {
  findings: [
    {
      title: 'Close the file',
      body: 'It leaks.',
      confidence_score: 0.9,
      priority: 1,
      code_location: { absolute_file_path: '/a.ts', line_range: { start: 3, end: 4 } },
    },
  ],
  overall_correctness: 'patch is incorrect',
  overall_explanation: 'One leak.',
  overall_confidence_score: 0.8,
};
const finds = say(JSON.stringify(FINDINGS));
const WORDS = '[P1] Close the file — /a.ts:3-4';

const open: Live[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});
const begin = async (wanted: Wanted): Promise<Live> => {
  const on = await live(wanted);
  open.push(on);
  return on;
};
const review = (on: Live, target = '') => on.submit({ type: 'op.review', target });
const bodyOf = (on: Live, n: number): string => JSON.stringify(on.server.requests[n]?.body);
/** The next turn of the conversation, and what it sends. */
const goesOn = async (on: Live, nth: number) => {
  const before = on.server.requests.length;
  on.server.load({ turns: [say('on')] });
  await on.say('again');
  expect(await on.ended(nth)).toMatchObject({ type: 'turn.completed' });
  judge(on);
  return JSON.stringify(inputOf(on.server, before));
};

describe('a review', () => {
  it('C.11: reads with its own words, apart from the conversation, and its findings arrive', async () => {
    const on = await begin({ turns: [say('SECRET of the talk')] });
    await on.say('hello');
    await on.ended(0);
    on.server.load({ turns: [{ items: [{ type: 'text', text: 'MUTTER' }, ...shell('echo SEEN').items] }, finds] });
    expect(await review(on, 'base main')).toMatchObject({ kind: 'accepted' });
    expect(await on.ended(1)).toMatchObject({
      type: 'turn.completed',
      lastAgentMessage: expect.stringContaining(WORDS),
    });
    expect(on.of('review.entered')).toMatchObject([{ target: 'the changes since main' }]);
    expect(on.of('review.exited')).toMatchObject([{ review: FINDINGS }]);

    const body = on.server.requests[1]?.body as { instructions: string; tools: { name: string }[] };
    expect(body.instructions).toBe(REVIEW_INSTRUCTIONS);
    const offered = body.tools.map(({ name }) => name);
    expect(offered).toEqual(['shell']);
    expect(bodyOf(on, 1)).toContain('overall_correctness');
    expect(bodyOf(on, 1)).toContain('environment_context');
    expect(bodyOf(on, 1) + bodyOf(on, 2)).not.toContain('SECRET');
    expect(bodyOf(on, 2)).toContain('SEEN');

    // C.11.2: what it says is not shown; what it runs is.
    const shown = on.told.flatMap((event) => (event.type === 'agent.delta' ? [event.text] : [])).join('');
    expect(shown).toBe('SECRET of the talk');
    expect(on.of('call.finished')).toMatchObject([{ status: 'completed' }]);

    const sent = await goesOn(on, 2);
    expect(sent).toContain('<user_action>');
    expect(sent).toContain(WORDS);
    expect(sent).not.toMatch(/MUTTER|SEEN/);
  });

  it.each(['chat', 'anthropic'] as const)('is asked for over %s too', async (wire) => {
    const on = await begin({ turns: [finds], flags: { config: [`model_providers.openai.wire_api="${wire}"`] } });
    await review(on);
    expect(await on.ended(0)).toMatchObject({ type: 'turn.completed' });
    expect(bodyOf(on, 0)).toContain(wire === 'chat' ? '"response_format"' : '"system"');
    expect(bodyOf(on, 0)).toContain('You are the reviewer');
    expect(bodyOf(on, 0)).toContain('overall_correctness');
    expect(on.of('review.exited')).toMatchObject([{ review: FINDINGS }]);
    judge(on);
  });

  it('B.5: an interrupt ends what it runs, then the review, then the turn; the conversation goes on', async () => {
    const on = await begin({ turns: [shell('echo up; sleep 67')] });
    await review(on);
    await on.nth('exec.printed');
    await on.interrupt();
    expect(await on.ended(0)).toMatchObject({ type: 'turn.aborted', stopped: [{ what: 'echo up; sleep 67' }] });
    expect(await becomes(() => alive('sleep\0' + '67').length === 0, 5_000)).toBe(true);
    expect(on.of('review.exited')).toMatchObject([{ review: null }]);
    const sent = await goesOn(on, 1);
    expect(sent).toContain('stopped before it was done');
    expect(sent).not.toContain('sleep 67');
  });

  it('R12: asks before it runs what has to be asked about', async () => {
    const on = await begin({ turns: [shell('touch asked'), finds], flags: { approval: 'untrusted' } });
    await review(on);
    const { approvalId } = await on.nth('approval.requested');
    expect(await on.submit({ type: 'op.decide', approvalId, decision: { kind: 'approve' } })).toMatchObject({
      kind: 'accepted',
    });
    expect(await on.ended(0)).toMatchObject({ type: 'turn.completed' });
    judge(on);
  });

  it('C.11.1: is told that a tool is not for reviewers, and changes nothing by it', async () => {
    const patch = '*** Begin Patch\n*** Add File: made\n+x\n*** End Patch';
    const on = await begin({ turns: [{ items: [{ type: 'patch', patch }] }, finds] });
    await review(on);
    expect(await on.ended(0)).toMatchObject({ type: 'turn.completed' });
    expect(on.of('call.finished')).toMatchObject([{ status: 'failed' }]);
    expect(bodyOf(on, 1)).toContain('unsupported call');
    expect(on.of('turn.diffed')).toEqual([]);
    judge(on);
  });
});
