import { describe, expect, it } from 'vitest';
import type { CallStatus, CallView, Delta, RuntimeEvent } from '../../machines/protocol/index.ts';
import { NO_USAGE } from '../../machines/protocol/usage.ts';
import { NO_COLOURS } from '../render/paint.ts';
import { processLines } from './answers.ts';
import { stopOp } from './background.ts';
import { drawCell } from './draw.ts';
import { happen, newView } from './view.ts';

const play = (...story: readonly (RuntimeEvent | Delta)[]) => {
  const printed: string[] = [];
  const view = story.reduce((before, event, i) => {
    const [after, cells] = happen(before, { ...event, seq: i, at: i * 1_000 });
    printed.push(...cells.flatMap((cell) => drawCell(cell, NO_COLOURS)));
    return after;
  }, newView);
  return { view, printed };
};
const started: RuntimeEvent = { type: 'turn.started', turnId: 't', task: 'regular', windowSize: 9 };
const begun = (terminalId: string, pid: number | null = 77): RuntimeEvent => ({
  ...{ type: 'terminal.started', terminalId, callId: 'c', pid },
  what: 'npm run\x1b[2J dev',
});
const over = (terminalId: string, status: CallStatus, exitCode?: number): RuntimeEvent => ({
  ...{ type: 'terminal.ended', terminalId, status },
  ...(exitCode !== undefined && { exitCode }),
});
const aborted: RuntimeEvent = {
  ...{ type: 'turn.aborted', turnId: 't', usage: NO_USAGE, undelivered: [] },
  reason: 'interrupted',
  stopped: [],
};

describe('34: commands in the background', () => {
  it('are known from their beginning to their end, whatever becomes of turns', () => {
    const { view, printed } = play(started, begun('1'), begun('2', null), aborted, started, over('1', 'failed', 3));
    expect(printed).toContain('  goes on in the background: npm run dev · session 1 · pid 77');
    expect(printed.at(-1)).toBe('  npm run dev · session 1 · pid 77: failed · exit 3 · 4.0 s');
    expect(view.terminals).toMatchObject([{ terminalId: '2', pid: null, since: 2_000 }]);
    expect(processLines(view, 5_500)).toEqual(['     3.5 s  & npm run dev · session 2']);
  });

  it('a call that still asks is not among what runs', () => {
    const view: CallView = { kind: 'command', command: 'npm test', argv: ['npm', 'test'], cwd: '/w' };
    const call = { callId: 'c', view, since: 0, tail: '' };
    const shown = { ...newView, calls: [call] };
    const plan = { backend: 'bubblewrap', sandbox: 'read-only' };
    const question = { why: 'it writes', now: null, ifYes: plan, offers: [], offersInWords: '', planHash: 'h' };
    expect(processLines(shown, 1_000)).toEqual([expect.stringContaining('npm test')]);
    expect(
      processLines({ ...shown, pending: [{ approvalId: 'a', callId: 'c', view, question, since: 0 }] }, 1_000),
    ).toEqual(['  nothing runs']);
  });

  it('the receipt of an interrupt names them, and how they are stopped', () => {
    expect(play(started, begun('1'), aborted).printed).toContain(
      '  goes on  npm run dev · session 1 · pid 77 · /stop 1',
    );
    expect(play(started, aborted).printed.join()).not.toContain('goes on');
  });

  it.each<[CallStatus, string]>([
    ['completed', 'ended'],
    ['timedOut', 'ran too long'],
    ['aborted', 'stopped'],
    ['unknown', 'nobody knows'],
  ])('one that ends as %s says so', (status, words) => {
    expect(play(begun('1'), over('1', status)).printed.at(-1)).toContain(words);
  });

  it('the end of one that nobody knows is not told', () => {
    expect(play(over('1', 'unknown')).printed).toEqual([]);
  });

  it('/stop means all of them, or the one that is named, or the turn', () => {
    const { terminals } = play(begun('1')).view;
    expect(stopOp(terminals, ' ', 'i')).toEqual({ type: 'op.stop', id: 'i' });
    expect(stopOp(terminals, ' 9 ', 'i')).toEqual({ type: 'op.stop', id: 'i', terminalId: '9' });
    expect(stopOp([], '', 'i')).toBeNull();
  });
});
