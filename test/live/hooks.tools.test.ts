/** The user's own programs (hooks), live: before and after a tool, beside a question, at the end of a turn. Real processes, a real model server, a real journal that is replayed (R1, R8, R13, R14). */
import { afterEach, describe, expect, it } from 'vitest';
import { MAX_HOOK_ROUNDS } from '../../machines/limits.ts';
import {
  alive,
  answers,
  hangs,
  hook,
  hooked,
  keeps,
  made,
  nobodyOf,
  outputs,
  pidsIn,
  ranOf,
  refuses,
  told,
  warnings,
} from './hooks.kit.ts';
import { judge } from './judge.ts';
import { inputOf, say, shell, type Wanted } from './stage.ts';

const { begin, file, end } = hooked();
afterEach(end);

describe('before a tool is used', () => {
  it('a no is the result of the call; a matcher is a whole name; it is told the command', async () => {
    const log = file('told');
    const on = await begin(
      [
        hook('PreToolUse', `${keeps(log)}; ${refuses('not on Fridays')}`, { matcher: 'Bash' }),
        hook('PreToolUse', refuses('other'), { matcher: 'Bas' }),
      ],
      { turns: [shell('touch a'), say('done')] },
    );
    await on.say('go');
    expect(await on.ended()).toMatchObject({ type: 'turn.completed' });
    expect(made(on, 'a')).toBe(false);
    expect(on.of('call.finished')).toMatchObject([{ status: 'declined' }]);
    expect(outputs(on, 1).join()).toContain('A hook of the user refused this: not on Fridays');
    expect(told(log)).toMatchObject([{ tool_name: 'Bash', tool_input: { command: 'touch a', workdir: on.folder } }]);
    judge(on);
  });

  it('R13, R14: it may have a person asked, also where the policy asks nothing; a no stays a no, a yes runs', async () => {
    const asks = answers({ hookSpecificOutput: { permissionDecision: 'ask', permissionDecisionReason: 'look first' } });
    const on = await begin([hook('PreToolUse', asks)], { turns: [shell('touch a', 'touch b'), say('done')] });
    await on.say('go');
    await on.nth('approval.requested', 1);
    expect(made(on, 'a') || made(on, 'b')).toBe(false);
    const questions = on.of('approval.requested');
    expect(questions.map(({ question }) => question.why)).toEqual([
      'a hook asks: look first',
      'a hook asks: look first',
    ]);
    const [yes, no] = questions;
    const { planHash } = yes!.question;
    await on.submit({ type: 'op.decide', approvalId: yes!.approvalId, decision: { kind: 'approve' }, planHash });
    await on.submit({ type: 'op.decide', approvalId: no!.approvalId, decision: { kind: 'deny' } });
    await on.ended();
    const name = JSON.stringify(yes!.view).includes('touch a') ? ['a', 'b'] : ['b', 'a'];
    expect([made(on, name[0]!), made(on, name[1]!)]).toEqual([true, false]);
    judge(on);
  });

  it('R13: a yes gives nothing: what the policy asks about is asked about, and with nobody there refused', async () => {
    const allows = answers({ decision: 'approve', hookSpecificOutput: { permissionDecision: 'allow' } });
    const wanted: Wanted = { turns: [shell('touch a'), say('done')], flags: { approval: 'untrusted' } };
    const on = await begin([hook('PreToolUse', allows)], wanted);
    await on.say('go');
    await on.nth('approval.requested');
    expect(made(on, 'a')).toBe(false);
    const alone = await begin([hook('PreToolUse', allows)], { ...wanted, isAttended: false });
    await alone.say('go');
    await alone.ended();
    expect([made(alone, 'a'), alone.of('call.finished')[0]?.status]).toEqual([false, 'declined']);
    judge(alone);
  });

  it('R13: with nobody there a question of a hook is a no', async () => {
    const on = await begin([hook('PreToolUse', answers({ decision: 'ask', reason: 'look' }))], {
      turns: [shell('touch a'), say('done')],
      isAttended: false,
    });
    await on.say('go');
    await on.ended();
    expect([made(on, 'a'), on.of('call.finished')[0]?.status]).toEqual([false, 'declined']);
    judge(on);
  });

  it('one that fails, hangs or babbles is a warning, and a no where it is required', async () => {
    const broken = ['exit 7', 'sleep 1000', 'yes', 'echo {'];
    const more = { timeout: 1 };
    const on = await begin(
      broken.map((script) => hook('PreToolUse', script, more)),
      { turns: [shell('touch a'), say('done')] },
    );
    await on.say('go');
    await on.ended();
    expect(made(on, 'a')).toBe(true);
    expect(warnings(on).toSorted()).toEqual([
      expect.stringContaining('`echo {`: its answer begins like JSON and is none'),
      expect.stringContaining('`exit 7`: it ended with code 7'),
      expect.stringContaining('`sleep 1000`: it took longer than 1000 milliseconds'),
      expect.stringMatching(/`yes`: it printed more than \d+ bytes/),
    ]);
    judge(on);
    for (const script of ['exit 7', 'sleep 1000']) {
      const strict = await begin([hook('PreToolUse', script, { ...more, required: true })], {
        turns: [shell('touch a'), say('done')],
      });
      await strict.say('go');
      await strict.ended();
      expect([made(strict, 'a'), strict.of('call.finished')[0]?.status]).toEqual([false, 'declined']);
      judge(strict);
    }
  });

  it('R1, R7: Esc ends it with everything that it started, before the turn says so; nothing runs', async () => {
    const log = file('pids');
    const on = await begin([hook('PreToolUse', hangs(log))], {
      turns: [shell('touch a'), say('never')],
    });
    await on.say('go');
    const pids = await pidsIn(log);
    await on.interrupt();
    expect(await on.ended()).toMatchObject({ type: 'turn.aborted' });
    expect(alive(pids)).toEqual([]);
    expect([made(on, 'a'), ranOf(on)]).toEqual([false, ['beforeTool cancelled']]);
    judge(on);
  });
});

describe('after a tool, beside a question, at the end', () => {
  it('it hears what came of the tool; what it objects to, the model reads behind the answer', async () => {
    const log = file('told');
    const on = await begin([hook('PostToolUse', `${keeps(log)}; ${refuses('run the tests')}`)], {
      turns: [shell('echo hi; exit 3'), say('done')],
    });
    await on.say('go');
    await on.ended();
    expect(told(log)).toMatchObject([{ hook_event_name: 'PostToolUse', tool_response: { status: 'failed' } }]);
    expect(JSON.stringify(told(log))).toContain('hi');
    expect(outputs(on, 1).join()).toMatch(/hi.*A hook of the user objects: run the tests/);
    expect(on.of('call.finished')[0]?.output).not.toContain('objects');
    judge(on);
  });

  it('R10, R14: a no of a hook answers a question before anybody does; whoever answers first ends the hook', async () => {
    const log = file('pids');
    const denies = answers({ hookSpecificOutput: { decision: { behavior: 'deny', message: 'ask me later' } } });
    const flags = { approval: 'untrusted' } as const;
    const on = await begin([hook('PermissionRequest', denies)], { turns: [shell('touch a'), say('done')], flags });
    await on.say('go');
    await on.ended();
    expect(on.of('approval.resolved')).toMatchObject([
      { source: 'hook', decision: { kind: 'deny', reason: 'ask me later' } },
    ]);
    expect(made(on, 'a')).toBe(false);
    judge(on);

    const slow = await begin([hook('PermissionRequest', hangs(log))], {
      turns: [shell('touch a'), say('done')],
      flags,
    });
    await slow.say('go');
    const { approvalId } = await slow.nth('approval.requested');
    const pids = await pidsIn(log);
    await slow.submit({ type: 'op.decide', approvalId, decision: { kind: 'approve' } });
    expect(await slow.ended()).toMatchObject({ type: 'turn.completed' });
    expect([made(slow, 'a'), await nobodyOf(pids)]).toEqual([true, true]);
    judge(slow);
  });

  it('at the end it may want more, so often and no oftener; the model reads why', async () => {
    const turns = Array.from({ length: MAX_HOOK_ROUNDS + 1 }, (_, n) => say(`answer ${n}`));
    const on = await begin([hook('Stop', refuses('the tests are red'))], { turns });
    await on.say('go');
    expect(await on.ended()).toMatchObject({ type: 'turn.completed', lastAgentMessage: `answer ${MAX_HOOK_ROUNDS}` });
    expect(on.server.requests).toHaveLength(MAX_HOOK_ROUNDS + 1);
    expect(JSON.stringify(inputOf(on.server, 1))).toContain('the tests are red');
    expect(warnings(on)).toEqual([expect.stringContaining(`sent this turn on ${MAX_HOOK_ROUNDS} times`)]);
    judge(on);
  });

  it('a program that looks at stop_hook_active sends a turn on once', async () => {
    const once = `grep -q '"stop_hook_active":true' || { ${refuses('once more')}; }`;
    const on = await begin([hook('Stop', once)], { turns: [say('one'), say('two')] });
    await on.say('go');
    expect(await on.ended()).toMatchObject({ type: 'turn.completed', lastAgentMessage: 'two' });
    expect(ranOf(on)).toEqual(['stop blocked', 'stop passed']);
    judge(on);
  });
});
