/** The user's own programs (hooks), live: before a prompt, at the beginning of a session, and where they run. Real processes, a real model server, a real journal that is replayed (R1, R8, R13, R14). */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { alive, hangs, hook, hooked, keeps, pidsIn, refuses, told } from './hooks.kit.ts';
import { judge } from './judge.ts';
import { inputOf, say, shell } from './stage.ts';

const { begin, file, end } = hooked();
afterEach(end);

describe('before a prompt is taken', () => {
  it('R8: a no keeps it from the model, says why, and gives the words back', async () => {
    const on = await begin([hook('UserPromptSubmit', refuses('no secrets'))], { turns: [say('never')] });
    await on.say('my password is 1234');
    const ended = await on.ended();
    expect(ended).toMatchObject({ type: 'turn.failed', error: { kind: 'blockedByHook' } });
    expect(ended).toMatchObject({ undelivered: [{ text: 'my password is 1234' }] });
    expect(JSON.stringify(ended)).toContain('no secrets');
    expect(on.server.requests).toHaveLength(0);
    judge(on);
  });

  it('what it prints is known to the model, and it is told the words; the words come first in the history', async () => {
    const log = file('told');
    const on = await begin([hook('UserPromptSubmit', `${keeps(log)}; echo the sky is green`)], { turns: [say('ok')] });
    await on.say('hello');
    expect(await on.ended()).toMatchObject({ type: 'turn.completed' });
    expect(told(log)).toMatchObject([
      { hook_event_name: 'UserPromptSubmit', prompt: 'hello', session_id: on.session.id, cwd: on.folder, model: 'm' },
    ]);
    const sent = JSON.stringify(inputOf(on.server, 0));
    expect(sent.indexOf('hello')).toBeLessThan(sent.indexOf('<hook>\\nthe sky is green'));
    expect(sent).toContain('the sky is green');
    judge(on);
  });

  it('R9: words for a running turn wait for a turn of their own, so that none gets by', async () => {
    const log = file('told');
    const on = await begin([hook('UserPromptSubmit', keeps(log))], {
      turns: [shell('sleep 0.3'), say('one'), say('two')],
    });
    await on.say('first');
    const { turnId } = await on.nth('call.started');
    expect(await on.submit({ type: 'op.steer', turnId, text: 'now' })).toMatchObject({ reason: 'notSteerable' });
    await on.say('second');
    await on.ended(1);
    expect(told(log).map(({ prompt }) => prompt)).toEqual(['first', 'second']);
    judge(on);
  });

  it('R1: Esc ends the program, and the words are given back', async () => {
    const log = file('pids');
    const on = await begin([hook('UserPromptSubmit', hangs(log))], { turns: [say('never')] });
    await on.say('hello');
    const pids = await pidsIn(log);
    await on.interrupt();
    expect(await on.ended()).toMatchObject({ type: 'turn.aborted', undelivered: [{ text: 'hello' }] });
    expect(alive(pids)).toEqual([]);
    expect(on.server.requests).toHaveLength(0);
    judge(on);
  });
});

describe('at the beginning of a session', () => {
  it('what it prints is known to the model; ops wait for it', async () => {
    const on = await begin([hook('SessionStart', 'sleep 0.2; echo today is Monday', { matcher: 'startup' })], {
      turns: [say('ok')],
    });
    await on.say('hello');
    await on.ended();
    expect(JSON.stringify(inputOf(on.server, 0))).toContain('today is Monday');
    judge(on);
  });

  it('R2: neither an interrupt nor a close waits for one that hangs; nothing of it is left', async () => {
    const log = file('pids');
    const on = await begin([hook('SessionStart', hangs(log))], { turns: [say('ok')] });
    const pids = await pidsIn(log);
    expect(await on.interrupt()).toMatchObject({ kind: 'accepted' });
    await on.say('hello');
    expect(await on.ended()).toMatchObject({ type: 'turn.completed' });
    expect(alive(pids)).toEqual([]);

    const second = file('pids');
    const closing = await begin([hook('SessionStart', hangs(second))], { turns: [] });
    const others = await pidsIn(second);
    await closing.session.close();
    expect(alive(others)).toEqual([]);
  });
});

describe('where it runs', () => {
  const probe = (path: string) => `{ env; echo wrote > ${path}; } > $HOME/seen 2>&1 || true`;

  it('in the sandbox of the session, without the keys; as the user where the user says so', async () => {
    const [a, b] = [file('a'), file('b')];
    const flags = { sandbox: 'workspace-write' } as const;
    const on = await begin([hook('UserPromptSubmit', probe(a))], { turns: [say('ok')], flags });
    await on.say('hello');
    await on.ended();
    const seen = readFileSync(join(on.folder, 'seen'), 'utf8');
    expect(existsSync(a)).toBe(false);
    expect(seen).not.toContain('OPENAI_API_KEY');
    expect(seen).toContain('PATH=');

    const free = await begin([hook('UserPromptSubmit', probe(b), { trusted: true })], {
      turns: [say('ok')],
      flags,
    });
    await free.say('hello');
    await free.ended();
    expect(existsSync(b)).toBe(true);
    expect(readFileSync(join(free.folder, 'seen'), 'utf8')).not.toContain('OPENAI_API_KEY');
    judge(free);
  });
});
