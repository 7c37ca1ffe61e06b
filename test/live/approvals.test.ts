/** Questions, live (R10–R14, B.6): in any order, once each, with words, with lifetimes, and with nobody there to ask. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Decision } from '../../machines/protocol/index.ts';
import { judge } from './judge.ts';
import { inputOf, live, say, shell, type Live, type Wanted } from './stage.ts';

const open: Live[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});
const begin = async (wanted: Wanted): Promise<Live> => {
  const on = await live({ flags: { approval: 'untrusted' }, ...wanted });
  open.push(on);
  return on;
};
const YES = { kind: 'approve' } as const;
/** A refusal that nobody waits for. Milliseconds. */
const REFUSED_MS = 1_000;
const decide = (on: Live, approvalId: string, decision: Decision = YES, planHash?: string) =>
  on.submit({ type: 'op.decide', approvalId, decision, ...(planHash !== undefined && { planHash }) });
const made = ({ folder }: Live, name: string) => existsSync(join(folder, name));

describe('questions', () => {
  it('R10: three at once, decided last to first, run in parallel; the results keep the order of the calls', async () => {
    const names = ['a', 'b', 'c'];
    const on = await begin({ turns: [shell(...names.map((name) => `touch ${name}; echo ${name}`)), say('done')] });
    await on.say('go');
    await on.nth('approval.requested', 2);
    const asked = on.of('approval.requested');
    expect(names.some((name) => made(on, name))).toBe(false);
    for (const { approvalId } of asked.toReversed())
      expect(await decide(on, approvalId)).toMatchObject({ kind: 'accepted' });
    expect(await on.ended()).toMatchObject({ type: 'turn.completed' });
    const outputs = inputOf(on.server, 1).filter(({ type }) => type === 'function_call_output');
    expect(
      outputs.map(({ output }) => /Output:\n(.)/.exec(JSON.stringify(output).replaceAll('\\n', '\n'))?.[1]),
    ).toEqual(names);
    judge(on);
  });

  it('R10, B.6.2: twice, late, of a stranger, for another plan: each is refused by name, and changes nothing', async () => {
    const on = await begin({ turns: [shell('touch a', 'touch b'), say('done')] });
    await on.say('go');
    await on.nth('approval.requested', 1);
    const [one, two] = on.of('approval.requested');
    expect(await decide(on, 'nobody')).toMatchObject({ reason: 'unknownApproval' });
    expect(await decide(on, one!.approvalId, YES, 'another plan')).toMatchObject({ reason: 'planMismatch' });
    const both = await Promise.all([decide(on, one!.approvalId), decide(on, one!.approvalId, { kind: 'deny' })]);
    expect(both).toMatchObject([{ kind: 'accepted' }, { reason: 'staleApproval' }]);
    await decide(on, two!.approvalId, { kind: 'deny' });
    await on.ended();
    expect(await decide(on, two!.approvalId)).toMatchObject({ reason: 'unknownApproval' });
    expect([made(on, 'a'), made(on, 'b')]).toEqual([true, false]);
    expect(on.of('approval.resolved')).toHaveLength(2);
    judge(on);
  });

  it('R12: a no with words is the result of the call, and the turn goes on', async () => {
    const on = await begin({ turns: [shell('touch a'), say('as you wish')] });
    await on.say('go');
    const { approvalId } = await on.nth('approval.requested');
    await decide(on, approvalId, { kind: 'deny', reason: 'use the other folder' });
    expect(await on.ended()).toMatchObject({ type: 'turn.completed', lastAgentMessage: 'as you wish' });
    expect(JSON.stringify(inputOf(on.server, 1))).toContain('use the other folder');
    expect(on.of('call.finished')).toMatchObject([{ status: 'declined' }]);
    expect(made(on, 'a')).toBe(false);
    judge(on);
  });

  it('B.6.3: a no that stops the turn is an interrupt: nothing runs, nothing is sent', async () => {
    const on = await begin({ turns: [shell('touch a', 'touch b'), say('never asked for')] });
    await on.say('go');
    await on.nth('approval.requested', 1);
    await decide(on, on.of('approval.requested')[0]!.approvalId, { kind: 'abort' });
    expect(await on.ended()).toMatchObject({ type: 'turn.aborted', reason: 'interrupted' });
    expect(on.of('approval.resolved').map(({ decision }) => decision)).toEqual(['cancelled', 'cancelled']);
    expect(on.server.requests).toHaveLength(1);
    judge(on);
  });

  it('R14: a yes for the session spares the same question in this session, and in no other', async () => {
    const on = await begin({ turns: [shell('touch a'), shell('touch a'), say('done'), shell('touch a')] });
    await on.say('go');
    const { approvalId, question } = await on.nth('approval.requested');
    expect(question.offers.length).toBeGreaterThan(0);
    await decide(on, approvalId, { kind: 'approveForSession' });
    await on.ended();
    expect(on.of('approval.requested')).toHaveLength(1);
    expect(on.of('grant.given').map(({ grant }) => grant)).toEqual(question.offers);
    expect(on.session.view().grants).toEqual(question.offers);
    judge(on);
    const other = await on.runtime.open();
    expect(other.view().grants).toEqual([]);
  });

  it('a yes for the session outlives its turn', async () => {
    const on = await begin({ turns: [shell('touch a'), say('one'), shell('touch a'), say('two')] });
    await on.say('go');
    await decide(on, (await on.nth('approval.requested')).approvalId, { kind: 'approveForSession' });
    await on.ended();
    await on.say('again');
    expect(await on.ended(1)).toMatchObject({ type: 'turn.completed' });
    expect(on.of('approval.requested')).toHaveLength(1);
    judge(on);
  });

  it('R11: while one is open the model is not asked, and its command does not exist', async () => {
    const on = await begin({ turns: [shell('touch a'), say('done')] });
    await on.say('go');
    const { approvalId } = await on.nth('approval.requested');
    for (let n = 0; n < 20; n++) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(on.server.requests).toHaveLength(1);
    expect(on.session.view().state).toBe('busy');
    expect(on.session.can({ type: 'op.decide', id: 'x', approvalId, decision: YES })).toBe(null);
    await decide(on, approvalId);
    expect(await on.ended()).toMatchObject({ type: 'turn.completed' });
  });
});

describe('nobody to ask', () => {
  it('R13: each question is a refusal at once, the model is told, and nothing runs', async () => {
    const on = await begin({ turns: [shell('touch a', 'touch b'), say('I may not')], isAttended: false });
    await on.say('go');
    expect(await on.ended()).toMatchObject({ type: 'turn.completed', lastAgentMessage: 'I may not' });
    expect(on.of('approval.requested')).toEqual([]);
    expect(on.of('call.finished').map(({ status }) => status)).toEqual(['declined', 'declined']);
    // The call comes, and is refused, by the times that the facts carry.
    for (const { callId, at } of on.of('call.finished'))
      expect(at - (on.of('call.started').find((call) => call.callId === callId)?.at ?? NaN)).toBeLessThan(REFUSED_MS);
    expect(JSON.stringify(inputOf(on.server, 1))).toContain('nobody is here');
    expect([made(on, 'a'), made(on, 'b')]).toEqual([false, false]);
    judge(on);
  });
});
