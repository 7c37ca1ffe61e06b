/** The context window, live (R16–R19, C.6, C.9, D.5): the server says how much it read, and the turn acts on it. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { MAX_BROKEN_RESPONSES, MAX_FUTILE_COMPACTIONS, MAX_SAME_FAILURES } from '../../machines/limits.ts';
import type { Turn, Usage } from '../model-server/scenario.ts';
import { judge } from './judge.ts';
import { inputOf, live, say, shell, type Live, type Wanted } from './stage.ts';

const open: Live[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});
const begin = async (wanted: Wanted): Promise<Live> => {
  const on = await live(wanted);
  open.push(on);
  return on;
};
const WINDOW = 100_000;
const flags = { config: [`model_context_window=${WINDOW}`] };
const using = (usage: Usage, turn: Turn): Turn => ({ ...turn, usage });
const FULL: Usage = { input: 94_000, output: 1_000 };
const LITTLE: Usage = { input: 9_000, output: 100 };
const SUMMARY = 'all that matters';
const side: Turn = { items: [{ type: 'text', text: SUMMARY }], usage: { input: 94_000, output: 10 } };
const overflow: Turn = { items: [{ type: 'fail', code: 'context_length_exceeded' }] };

const purposes = ({ server }: Live) => server.requests.map(({ isMain }) => (isMain ? 'turn' : 'summary'));
const runsIn = ({ folder }: Live) =>
  existsSync(join(folder, 'count')) ? readFileSync(join(folder, 'count'), 'utf8') : '';

describe('the count of tokens', () => {
  it('C.6: the last request, the turn, the session and the window are four figures', async () => {
    const first: Usage = { input: 1_000, cached: 400, output: 50, reasoning: 20 };
    const second: Usage = { input: 2_000, cached: 1_000, output: 70, reasoning: 30 };
    const on = await begin({
      turns: [using(first, shell('true')), using(second, say('b')), using(first, say('c'))],
      flags,
    });
    await on.say('go');
    await on.ended();
    const usage = (input: number, cachedInput: number, output: number, reasoningOutput: number) => ({
      input,
      cachedInput,
      output,
      reasoningOutput,
    });
    expect(on.of('tokens.counted').at(-1)?.accounting).toEqual({
      last: usage(2_000, 1_000, 70, 30),
      turn: usage(3_000, 1_400, 120, 50),
      session: usage(3_000, 1_400, 120, 50),
      window: { used: 2_070, size: WINDOW, full: false },
    });
    expect(await on.ended()).toMatchObject({ usage: usage(3_000, 1_400, 120, 50) });
    await on.say('more');
    expect(await on.ended(1)).toMatchObject({ usage: usage(1_000, 400, 50, 20) });
    expect(on.of('tokens.counted').at(-1)?.accounting).toMatchObject({
      turn: usage(1_000, 400, 50, 20),
      session: usage(4_000, 1_800, 170, 70),
      window: { used: 1_050 },
    });
    judge(on);
  });
});

describe('a full window', () => {
  it('R16, D.5.8: one request, counted, then told; the next turn compacts first and goes on', async () => {
    const on = await begin({ turns: [say('hi'), overflow, say('fits')], side, flags });
    await on.say('one');
    await on.ended();
    await on.say('two');
    expect(await on.ended(1)).toMatchObject({ type: 'turn.failed', error: { kind: 'contextWindowExceeded' } });
    const types = on.told.map(({ type }) => type);
    expect(types.lastIndexOf('tokens.counted')).toBeLessThan(types.lastIndexOf('turn.failed'));
    expect(on.of('tokens.counted').at(-1)?.accounting.window).toEqual({ used: WINDOW, size: WINDOW, full: true });
    expect(on.of('sample.retrying')).toEqual([]);
    await on.say('three');
    expect(await on.ended(2)).toMatchObject({ type: 'turn.completed', lastAgentMessage: 'fits' });
    expect(purposes(on)).toEqual(['turn', 'turn', 'summary', 'turn']);
    const sent = JSON.stringify(inputOf(on.server, 3));
    for (const words of ['one', 'two', 'three', SUMMARY]) expect(sent).toContain(words);
    judge(on);
  });

  it('a command of the user asks no model, so it needs no compaction first', async () => {
    const on = await begin({ turns: [say('hi'), overflow], side, flags });
    await on.say('one');
    await on.ended();
    await on.say('two');
    await on.ended(1);
    await on.submit({ type: 'op.shell', command: 'echo here' });
    expect(await on.ended(2)).toMatchObject({ type: 'turn.completed' });
    expect(on.server.requests).toHaveLength(2);
  });
});

describe('a compaction in the middle of a turn', () => {
  it('R17, R18: comes at the threshold, keeps the words, runs nothing twice, and the turn goes on', async () => {
    const on = await begin({
      turns: [
        using(FULL, shell('echo run >> count')),
        using(LITTLE, shell('echo on >> count')),
        using(LITTLE, say('done')),
      ],
      side,
      flags,
    });
    await on.say('my very words');
    expect(await on.ended()).toMatchObject({ type: 'turn.completed', lastAgentMessage: 'done' });
    expect(purposes(on)).toEqual(['turn', 'summary', 'turn', 'turn']);
    expect(runsIn(on)).toBe('run\non\n');
    expect(on.of('history.compacted')).toHaveLength(1);
    expect(on.of('turn.started')).toHaveLength(1);
    const sent = JSON.stringify(inputOf(on.server, 2));
    expect(sent).toContain('my very words');
    expect(sent).toContain(SUMMARY);
    judge(on);
  });

  it('words that come meanwhile wait for it, and are delivered (R9)', async () => {
    const on = await begin({
      turns: [using(FULL, shell('true')), using(LITTLE, say('a')), using(LITTLE, say('b'))],
      side: { items: [{ type: 'stall', ms: 150 }, ...side.items] },
      flags,
    });
    await on.say('go');
    await on.server.arrived(1);
    expect(await on.say('and this')).toMatchObject({ kind: 'accepted', turnId: 'turn-1' });
    expect(await on.ended()).toMatchObject({ type: 'turn.completed', lastAgentMessage: 'b' });
    expect(JSON.stringify(inputOf(on.server, 2))).not.toContain('and this');
    expect(JSON.stringify(inputOf(on.server, 3))).toContain('and this');
    judge(on);
  });

  it('fails: the history is as it was, and the user is told why (R18)', async () => {
    const on = await begin({
      turns: [using(FULL, shell('echo run >> count'))],
      side: { items: [{ type: 'http', status: 400 }] },
      flags,
    });
    await on.say('go');
    expect(await on.ended()).toMatchObject({ type: 'turn.failed', error: { kind: 'badRequest' } });
    expect(on.session.view().history.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['user', 'call', 'result']),
    );
    judge(on);
  });

  it('whose own request does not fit is tried with less, until it fits', async () => {
    const on = await begin({ turns: [using(FULL, shell('true')), using(LITTLE, say('done'))], side: overflow, flags });
    await on.say('go');
    await on.ended();
    expect(purposes(on)).toEqual(['turn', 'summary', 'summary', 'summary', 'summary', 'summary']);
    expect(on.endings()).toMatchObject([{ type: 'turn.failed', error: { kind: 'contextWindowExceeded' } }]);
    judge(on);
  });
});

describe('the guard against going in circles', () => {
  it('R19: when the server finds the window as full after a compaction as before, the turn is stopped', async () => {
    const on = await begin({ turns: [using(FULL, shell('true'))], side, flags });
    await on.say('go');
    expect(await on.ended()).toMatchObject({ type: 'turn.failed', error: { kind: 'compactionFutile' } });
    expect(purposes(on).filter((purpose) => purpose === 'summary')).toHaveLength(MAX_FUTILE_COMPACTIONS);
    judge(on);
  });

  it('R19: the same call that fails in the same way stops the turn', async () => {
    const on = await begin({ turns: [shell('false')] });
    await on.say('go');
    expect(await on.ended()).toMatchObject({ type: 'turn.failed', error: { kind: 'loopDetected' } });
    expect(on.server.requests).toHaveLength(MAX_SAME_FAILURES);
    judge(on);
  });

  it('R19: different calls that fail do not', async () => {
    const turns = Array.from({ length: 2 * MAX_SAME_FAILURES }, (_, n) => shell(`cat nothing-${n}`));
    const on = await begin({ turns: [...turns, say('gave up')] });
    await on.say('go');
    expect(await on.ended()).toMatchObject({ type: 'turn.completed' });
    judge(on);
  });

  it('R35: a server that says something and breaks off, again and again, is not asked for ever', async () => {
    const on = await begin({ turns: [{ items: [{ type: 'text', text: 'hm' }, { type: 'disconnect' }] }] });
    const asked = on.until(
      ({ type }) => type === 'sample.retrying' && on.of('sample.retrying').length > 2 * MAX_BROKEN_RESPONSES,
    );
    await on.say('go');
    const first = await Promise.race([on.ended(), asked]);
    expect(first).toMatchObject({ type: 'turn.failed', error: { kind: 'streamDisconnected' } });
    expect(on.server.requests).toHaveLength(MAX_BROKEN_RESPONSES);
    judge(on);
  });

  it('R35: nor much longer than was configured', async () => {
    const on = await begin({
      turns: [{ items: [{ type: 'text', text: 'hm' }, { type: 'disconnect' }] }],
      flags: { config: ['model_providers.openai.request_max_retries=1'] },
    });
    await on.say('go');
    expect(await on.ended()).toMatchObject({ type: 'turn.failed', error: { kind: 'streamDisconnected' } });
    expect(on.server.requests).toHaveLength(4);
    judge(on);
  });
});
