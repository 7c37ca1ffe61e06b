import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Op, RuntimeEvent } from '../machines/protocol/index.ts';
import { createFakeSession, runMode, type FakeSession } from '../test/cli/fakes.ts';
import { createChat } from './chat.ts';

const folder = mkdtempSync(join(tmpdir(), 'turnstile-chat-'));
const env = { TURNSTILE_HOME: folder, HOME: folder };
const usage = { input: 1, cachedInput: 0, output: 2, reasoningOutput: 0 };
const ending = { turnId: 't1', usage, undelivered: [] };
const plan = { backend: 'bubblewrap', sandbox: 'workspace-write · network off' };
const view = { kind: 'command', command: 'rm -r \x1b[2Jx', argv: ['rm'], cwd: '/w', plan } as const;
const started: RuntimeEvent = { type: 'turn.started', turnId: 't1', task: 'regular', windowSize: 9 };
const done: RuntimeEvent = { type: 'turn.completed', lastAgentMessage: 'x', ...ending };

const chat = async (stdin: string, answer: (op: Op, session: FakeSession) => void) => {
  const session = createFakeSession(answer);
  const submit = session.submit;
  const withTurn = {
    ...session,
    submit: async (op: Op) => ({ ...(await submit(op)), ...(op.type === 'op.say' && { turnId: 't1' }) }),
  };
  const ran = await runMode(
    createChat(async () => withTurn),
    { stdin, env, cwd: folder },
  );
  return { ...ran, ops: session.ops };
};

describe('the plain chat', () => {
  it('says who answers and the way out of the rehearsal, in its first lines', async () => {
    const { out } = await chat('/quit\n', () => undefined);
    expect(out).toMatch(/^turnstile 0\.0\.0 · rehearsal · rehearsal/);
    expect(out).toContain('OPENAI_API_KEY');
  });

  it('streams the answer line by line, prints nothing twice, and waits before it takes the next piped line', async () => {
    const { out, ops, code } = await chat('hello\n/status\n', (op, session) => {
      if (op.type !== 'op.say') return;
      session.emit(started, { type: 'agent.delta', turnId: 't1', text: 'one\ntw' });
      session.emit({ type: 'agent.delta', turnId: 't1', text: 'o' });
      session.emit({ type: 'items.recorded', turnId: 't1', items: [{ type: 'agent', text: 'one\ntwo\nthree' }] }, done);
    });
    expect(ops).toMatchObject([{ type: 'op.say', text: 'hello' }]);
    expect(out).toMatch(/• one\n {2}two\n {2}three\n\n {2}done in/);
    expect(out.indexOf('done in')).toBeLessThan(out.indexOf('journal'));
    expect(code).toBe(0);
  });

  it('shows everything about a question, safely, and sends words as the reason of a no', async () => {
    const { out, ops } = await chat('go\nnot there, use trash\n', (op, session) => {
      const question = {
        why: 'it deletes',
        justification: 'tidy up',
        now: null,
        ifYes: plan,
        offers: [],
        offersInWords: '',
        planHash: 'h',
      };
      if (op.type === 'op.say')
        session.emit(started, {
          type: 'approval.requested',
          turnId: 't1',
          approvalId: 'a1',
          callId: 'c1',
          view,
          question,
        });
      if (op.type === 'op.decide')
        session.emit(
          { type: 'approval.resolved', turnId: 't1', approvalId: 'a1', callId: 'c1', decision: op.decision },
          done,
        );
    });
    for (const part of [
      '$ rm -r x',
      'it deletes',
      'tidy up',
      'nothing runs',
      'bubblewrap · workspace-write · network off',
    ])
      expect(out).toContain(part);
    expect(out).not.toContain('\x1b');
    expect(ops[1]).toMatchObject({
      type: 'op.decide',
      approvalId: 'a1',
      planHash: 'h',
      decision: { kind: 'deny', reason: 'not there, use trash' },
    });
  });

  it('5c: hands over a receipt after an interrupt, with the words that came back', async () => {
    const { out } = await chat('go\n', (op, session) => {
      if (op.type === 'op.say')
        session.emit(started, {
          type: 'turn.aborted',
          reason: 'interrupted',
          ...ending,
          undelivered: [{ inputId: 'i', text: 'also this' }],
          stopped: [{ what: 'bash', pid: 26545, signal: 'SIGTERM', exit: 143 }],
        });
    });
    expect(out).toContain('■ interrupted by you');
    expect(out).toContain('stopped  bash · 26545 · SIGTERM · exit 143');
    expect(out).toContain('given back: also this');
  });

  it('34: /ps lists what goes on in the background, and /stop ends one or all of it', async () => {
    const { out, ops } = await chat('go\n/ps\n/stop 7\n/stop\n', (op, session) => {
      if (op.type === 'op.say')
        session.emit(
          started,
          { type: 'terminal.started', terminalId: '7', callId: 'c1', what: 'npm run dev', pid: 99 },
          { type: 'terminal.started', terminalId: '8', callId: 'c2', what: 'cat', pid: null },
          done,
        );
    });
    expect(out).toMatch(/& npm run dev · session 7 · pid 99\n.*& cat · session 8/);
    expect(ops.slice(1).map(({ id: _, ...op }) => op)).toEqual([
      { type: 'op.stop', terminalId: '7' },
      { type: 'op.stop' },
    ]);
  });

  it('names the nearest command for one that does not exist', async () => {
    expect((await chat('/stauts\n', () => undefined)).out).toContain('did you mean /status?');
  });
});
