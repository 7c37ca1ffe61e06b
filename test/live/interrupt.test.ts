/** An interrupt at each moment (behaviour B.5, R1, R2, R4, R5): real commands and a real server, one row a moment. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { alive, becomes } from '../processes/bench.ts';
import type { Turn } from '../model-server/scenario.ts';
import { judge } from './judge.ts';
import { chatter, hush, inputOf, live, say, shell, type Live, type Wanted } from './stage.ts';

/** From the interrupt to the ending. Generous against a busy machine; most take a few milliseconds. Milliseconds. */
const SOON_MS = 2_500;

const open: Live[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});
const begin = async (wanted: Wanted): Promise<Live> => {
  const on = await live(wanted);
  open.push(on);
  return on;
};
const stop = async (on: Live, nth = 0) => {
  const at = performance.now();
  expect(await on.interrupt()).toMatchObject({ kind: 'accepted' });
  const ending = await on.ended(nth);
  expect(performance.now() - at).toBeLessThan(SOON_MS);
  judge(on);
  return ending;
};
/** What was cut short is forgotten by nobody: the next turn works, and the model is told. */
const goesOn = async (on: Live, next = say('on'), nth = 1) => {
  const before = on.server.requests.length;
  on.server.load({ turns: [next] });
  await on.say('again');
  expect(await on.ended(nth)).toMatchObject({ type: 'turn.completed' });
  judge(on);
  return inputOf(on.server, before);
};
const aborted = { type: 'turn.aborted', reason: 'interrupted' };
const MARK = 'interrupted the turn on purpose';

const FULL = { input: 900, output: 50 };
const WINDOW = { config: ['model_context_window=1000'] };
const big = (turn: Turn): Turn => ({ ...turn, usage: FULL });
const slowly: Turn = { items: [{ type: 'text', text: 'sum' }, { type: 'stall' }] };

describe('an interrupt', () => {
  it('B.5.1, R4: with no turn answers at once, and touches nothing', async () => {
    const on = await begin({ turns: [say('hi')] });
    expect(await on.interrupt()).toMatchObject({ kind: 'refused', reason: 'noActiveTurn' });
    await on.say('go');
    expect(await on.ended()).toMatchObject({ type: 'turn.completed' });
    expect(await on.interrupt()).toMatchObject({ kind: 'refused', reason: 'noActiveTurn' });
    expect(await on.submit({ type: 'op.interrupt', turnId: 'turn-1' })).toMatchObject({ reason: 'noActiveTurn' });
    judge(on);
  });

  it('before the first request: the words stay in the history, and nothing is sent', async () => {
    const on = await begin({ turns: [say('never asked for')] });
    const said = on.say('go');
    const stopped = on.interrupt();
    await Promise.all([said, stopped]);
    expect(await on.ended()).toMatchObject(aborted);
    judge(on);
    expect(on.session.view().history).toContainEqual(expect.objectContaining({ type: 'user', text: 'go' }));
    const sent = await goesOn(on);
    expect(JSON.stringify(sent)).toContain(MARK);
    expect(on.server.requests.length).toBeLessThanOrEqual(2);
  });

  it('before the headers: the request is closed', async () => {
    const on = await begin({ turns: [hush] });
    await on.say('go');
    const request = await on.server.arrived(0);
    expect(await stop(on)).toMatchObject(aborted);
    await request.over;
    expect(request.isAbandoned).toBe(true);
    await goesOn(on);
  });

  it('in the middle of words: what was said is kept, marked, and sent again', async () => {
    const on = await begin({ turns: [chatter] });
    await on.say('go');
    await on.nth('agent.delta', 5);
    expect(await stop(on)).toMatchObject(aborted);
    const half = on.session.view().history.find(({ type }) => type === 'agent');
    expect(half).toMatchObject({ incomplete: true, text: expect.stringMatching(/^(word )+/) });
    expect(JSON.stringify(await goesOn(on))).toContain('word word');
  });

  it('with calls that run while the model still talks: both end, and the call has its result', async () => {
    const on = await begin({ turns: [{ items: [{ type: 'shell', command: 'sleep 61' }, ...chatter.items] }] });
    await on.say('go');
    await on.nth('call.started');
    await on.nth('agent.delta');
    expect(await becomes(() => alive('sleep\0' + '61').length > 0, 5_000)).toBe(true);
    expect(await stop(on)).toMatchObject({ ...aborted, stopped: [{ what: 'sleep 61', signal: 'SIGTERM' }] });
    expect(alive('sleep\0' + '61')).toEqual([]);
    expect(on.of('call.finished')).toMatchObject([{ status: 'aborted' }]);
    const sent = await goesOn(on);
    const result = sent.find(({ type }) => type === 'function_call_output');
    expect(JSON.stringify(result)).toMatch(/stopped before it ended/);
  });

  it('while a command ignores SIGTERM: it is killed, with its children, before the turn says so', async () => {
    const on = await begin({ turns: [shell(`trap '' TERM; echo up; (trap '' TERM; sleep 62) & sleep 63`)] });
    await on.say('go');
    await on.nth('exec.printed');
    expect(await stop(on)).toMatchObject({ ...aborted, stopped: [{ signal: 'SIGKILL' }] });
    expect([...alive('sleep\0' + '62'), ...alive('sleep\0' + '63')]).toEqual([]);
    await goesOn(on);
  });

  it('while it waits for an approval: the question is cancelled, nothing runs, a late yes finds nobody (R12)', async () => {
    const on = await begin({ turns: [shell('touch ran')], flags: { approval: 'untrusted' } });
    await on.say('go');
    const { approvalId, callId } = await on.nth('approval.requested');
    expect(await stop(on)).toMatchObject(aborted);
    expect(on.of('approval.resolved')).toMatchObject([{ approvalId, decision: 'cancelled' }]);
    expect(on.of('call.finished')).toMatchObject([{ callId, status: 'aborted' }]);
    const late = await on.submit({ type: 'op.decide', approvalId, decision: { kind: 'approve' } });
    expect(late).toMatchObject({ kind: 'refused' });
    await goesOn(on);
    expect(existsSync(join(on.folder, 'ran'))).toBe(false);
  });

  it('in one breath with a yes: both orders end, and what was said first holds (R12)', async () => {
    for (const first of ['yes', 'stop'] as const) {
      const on = await begin({ turns: [shell('touch ran')], flags: { approval: 'untrusted' } });
      await on.say('go');
      const { approvalId } = await on.nth('approval.requested');
      const yes = () => on.submit({ type: 'op.decide', approvalId, decision: { kind: 'approve' } });
      const order = first === 'yes' ? [yes, on.interrupt] : [on.interrupt, yes];
      const replies = await Promise.all(order.map((act) => act()));
      expect(replies.map(({ kind }) => kind)).toEqual(['accepted', first === 'yes' ? 'accepted' : 'refused']);
      expect(await on.ended()).toMatchObject(aborted);
      judge(on);
      if (first === 'stop') expect(existsSync(join(on.folder, 'ran'))).toBe(false);
    }
  });

  it('with two commands at once: both are told, both are gone, both have a result, in the order of the calls', async () => {
    const on = await begin({ turns: [shell('echo a; sleep 64', 'echo b; sleep 65')] });
    await on.say('go');
    await on.nth('exec.printed', 1);
    const ending = await stop(on);
    expect(ending).toMatchObject(aborted);
    expect('stopped' in ending && ending.stopped).toHaveLength(2);
    const sent = await goesOn(on);
    const idsOf = (wanted: string) => sent.filter(({ type }) => type === wanted).map(({ call_id }) => call_id);
    expect(idsOf('function_call')).toHaveLength(2);
    expect(idsOf('function_call_output')).toEqual(idsOf('function_call'));
  });

  it('while a patch is being written: the files are wholly old or wholly new', async () => {
    const count = 300;
    const lines = Array.from({ length: count }, (_, n) => `*** Add File: f${n}\n+${n}\n`).join('');
    const on = await begin({
      turns: [{ items: [{ type: 'patch', patch: `*** Begin Patch\n${lines}*** End Patch\n` }] }],
    });
    await on.say('go');
    await on.nth('call.started');
    await becomes(() => existsSync(join(on.folder, 'f0')), 300);
    await stop(on);
    const made = Array.from({ length: count }, (_, n) => existsSync(join(on.folder, `f${n}`)));
    expect(new Set(made).size).toBe(1);
    await goesOn(on);
  });

  it('while it waits for another attempt: left at once', async () => {
    const on = await begin({ turns: [{ items: [{ type: 'http', status: 429, headers: { 'retry-after': '25' } }] }] });
    await on.say('go');
    await on.nth('sample.retrying');
    expect(await stop(on)).toMatchObject(aborted);
    await goesOn(on);
  });

  it('while it compacts by hand: the history is untouched', async () => {
    const on = await begin({ turns: [say('hi')], side: slowly });
    await on.say('go');
    await on.ended();
    const before = on.session.view().history;
    await on.submit({ type: 'op.compact' });
    await on.server.arrived(1);
    expect(await stop(on, 1)).toMatchObject(aborted);
    expect(on.session.view().history).toEqual(before);
    await goesOn(on, say('on'), 2);
  });

  it('while it compacts in the middle of a turn: nothing is forgotten, and the work is not repeated', async () => {
    const on = await begin({ turns: [big(shell('echo once >> count'))], side: slowly, flags: WINDOW });
    await on.say('go');
    await on.nth('task.started', 1);
    await on.server.arrived(1);
    expect(await stop(on)).toMatchObject(aborted);
    expect(on.of('history.compacted')).toEqual([]);
    expect(on.session.view().history.map(({ type }) => type)).toEqual(expect.arrayContaining(['call', 'result']));
  });

  it('with a command of the user beside the turn: both end', async () => {
    const on = await begin({ turns: [chatter] });
    await on.say('go');
    await on.nth('agent.delta');
    await on.submit({ type: 'op.shell', command: 'echo up; sleep 66' });
    await on.nth('exec.printed');
    expect(await stop(on)).toMatchObject({ ...aborted, stopped: [{ what: 'echo up; sleep 66' }] });
    expect(alive('sleep\0' + '66')).toEqual([]);
    expect(JSON.stringify(on.session.view().history)).toContain('user_shell_command');
    await goesOn(on);
  });

  it('with a command of the user alone', async () => {
    const on = await begin({ turns: [say('hi')] });
    await on.submit({ type: 'op.shell', command: 'echo up; sleep 67' });
    await on.nth('exec.printed');
    expect(await stop(on)).toMatchObject(aborted);
    expect(on.server.requests).toEqual([]);
    expect(alive('sleep\0' + '67')).toEqual([]);
  });

  it('twice in a row: the second finds no turn to stop, and one ending is told (R4)', async () => {
    const on = await begin({ turns: [shell(`trap '' TERM; echo up; sleep 68`)] });
    await on.say('go');
    await on.nth('exec.printed');
    const replies = await Promise.all([on.interrupt(), on.interrupt(), on.interrupt()]);
    expect(replies.map(({ kind }) => kind)).toEqual(['accepted', 'refused', 'refused']);
    await on.ended();
    await goesOn(on);
    expect(on.endings()).toHaveLength(2);
  });

  it('one that names an old turn leaves the new one alone (R4)', async () => {
    const on = await begin({ turns: [say('hi'), chatter] });
    await on.say('go');
    await on.ended();
    await on.say('more');
    await on.nth('agent.delta', 3);
    expect(await on.submit({ type: 'op.interrupt', turnId: 'turn-1' })).toMatchObject({ reason: 'noActiveTurn' });
    expect(on.endings()).toHaveLength(1);
    expect(await on.submit({ type: 'op.interrupt', turnId: 'turn-2' })).toMatchObject({ kind: 'accepted' });
    expect(await on.ended(1)).toMatchObject({ ...aborted, turnId: 'turn-2' });
  });

  it('closing in the middle: the turn ends first, session.closed is the last word (B.9, A.5.11)', async () => {
    const on = await begin({ turns: [shell('echo up; sleep 69')] });
    writeFileSync(join(on.folder, 'x'), '');
    await on.say('go');
    await on.nth('exec.printed');
    await on.submit({ type: 'op.queue', text: 'later' });
    await on.session.close();
    expect(on.endings()).toMatchObject([{ type: 'turn.aborted', reason: 'shutdown' }]);
    expect(on.of('input.returned')).toMatchObject([{ text: 'later' }]);
    expect(on.told.at(-1)).toMatchObject({ type: 'session.closed' });
    expect(alive('sleep\0' + '69')).toEqual([]);
    expect(await on.say('x')).toMatchObject({ kind: 'refused', reason: 'closed' });
  });
});
