import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RuntimeConfig } from '../../actors/contract.ts';
import type { CallStatus, CallView } from '../../machines/protocol/index.ts';
import { newEditor, withText } from '../render/editor.ts';
import { NO_COLOURS } from '../render/paint.ts';
import { widthOf } from '../render/width.ts';
import type { Receipt } from './cells.ts';
import { newComposer, withQuestion } from './composer.ts';
import { drawCell, drawQuestion } from './draw.ts';
import { drawLive } from './live.ts';
import { newView, type ChatView, type Pending } from './view.ts';

const config = {
  model: 'a-model',
  cwd: '/home/me/project',
  approval: 'on-request',
  env: { HOME: '/home/me' },
} as unknown as RuntimeConfig; // only what is shown
const command = (text: string): CallView => ({ kind: 'command', command: text, argv: [text], cwd: '/w' });
const plan = { backend: 'bubblewrap', sandbox: 'workspace-write · network off' };
const pendingOf = (text: string): Pending => ({
  approvalId: 'a',
  callId: 'c0',
  since: 0,
  view: command(text),
  question: {
    why: text,
    justification: text,
    now: { ...plan, expects: text },
    ifYes: plan,
    offers: [],
    offersInWords: '',
    planHash: 'h',
  },
});

const words = fc.string({ unit: fc.constantFrom('a', 'bc ', '\n', '漢', '\x1b[2J', '\t'), maxLength: 400 });
const view: fc.Arbitrary<ChatView> = fc
  .record({
    phase: fc.constantFrom('idle', 'busy', 'aborting'),
    calls: fc.array(words, { maxLength: 6 }),
    queued: fc.array(words, { maxLength: 6 }),
    asks: fc.option(words),
    open: words,
  })
  .map(({ phase, calls, queued, asks, open }) => ({
    ...newView,
    phase,
    turnId: phase === 'idle' ? null : 't',
    calls: calls.map((text, i) => ({ callId: `c${i}`, view: command(text), since: 0, tail: text })),
    queued: queued.map((text, i) => ({ inputId: `i${i}`, text })),
    pending: asks === null ? [] : [pendingOf(asks)],
    speech: { ...newView.speech, open: open.replaceAll('\n', '') },
  }));

describe('the live region', () => {
  it('is never taller than the screen allows nor wider than it is, and the cursor is inside of it', () => {
    fc.assert(
      fc.property(
        view,
        words,
        fc.integer({ min: 20, max: 120 }),
        fc.integer({ min: 6, max: 60 }),
        (shown, text, columns, rows) => {
          const writing = { ...newComposer([]), editor: withText(newEditor, text) };
          const composer = withQuestion(writing, shown.pending.length > 0);
          const live = drawLive({
            view: shown,
            composer,
            config,
            place: '~/project ⎇ main',
            columns,
            rows,
            now: 5_000,
            paint: NO_COLOURS,
            refusal: () => null,
          });
          expect(live.rows.length).toBeLessThanOrEqual(Math.max(4, rows - 1));
          for (const row of live.rows) {
            expect(row).not.toMatch(/[\x00-\x08\x0a-\x1f]/);
            expect(widthOf(row)).toBeLessThanOrEqual(columns);
          }
          expect(live.cursor.row).toBeLessThan(live.rows.length);
          expect(live.cursor.column).toBeLessThanOrEqual(columns);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('shows of a question what may be done, however long the command is', () => {
    const shown = { ...newView, phase: 'busy' as const, turnId: 't', pending: [pendingOf('x\n'.repeat(200))] };
    const composer = withQuestion(newComposer([]), true);
    const { rows } = drawLive({
      view: shown,
      composer,
      config,
      place: '~/project ⎇ main',
      columns: 80,
      rows: 24,
      now: 0,
      paint: NO_COLOURS,
      refusal: () => null,
    });
    expect(rows.join('\n')).toContain('y yes, once');
    expect(rows.join('\n')).toContain('^O shows all');
  });
});

describe('21: a cell is drawn from what became of its call', () => {
  const receipt: Receipt = {
    tookMs: 12_400,
    abortingMs: 84,
    stopped: [],
    tokens: 9,
    savedTokens: 418,
    abortedCalls: 1,
    undelivered: [{ inputId: 'i', text: 'x' }],
    changedFiles: ['a', 'b'],
    goesOn: [],
  };
  const call = (status: CallStatus, exitCode?: number) =>
    drawCell(
      {
        kind: 'call',
        fact: {
          type: 'call.finished',
          turnId: 't',
          callId: 'c',
          status,
          view: command('make'),
          output: 'out\n',
          durationMs: 1_200,
          ran: plan,
          ...(exitCode !== undefined && { exitCode }),
        },
      },
      NO_COLOURS,
    );

  it.each<[CallStatus, number | undefined, string, string]>([
    ['completed', 0, '●', 'completed · exit 0 · 1.2 s · workspace-write · network off'],
    ['failed', 2, '●', 'failed · exit 2 · 1.2 s · workspace-write · network off'],
    ['declined', undefined, '○', 'declined · 1.2 s · workspace-write · network off'],
    ['aborted', undefined, '●', 'aborted · 1.2 s · workspace-write · network off'],
    ['timedOut', undefined, '●', 'timed out · 1.2 s · workspace-write · network off'],
    ['unknown', undefined, '●', 'unknown · 1.2 s · workspace-write · network off'],
  ])('%s', (status, exitCode, mark, how) =>
    expect(call(status, exitCode)).toEqual([`${mark} $ make`, '  out', `  └ ${how}`, '']),
  );

  it('5c: a receipt says what was stopped, what was kept, and how long it took', () => {
    expect(drawCell({ kind: 'aborted', reason: 'interrupted', receipt }, NO_COLOURS)).toEqual([
      '■ interrupted by you after 12.4 s (aborting 84 ms)',
      '  saved    418 tokens of the answer · 1 tool call marked aborted · 1 message given back',
      '  files    2 files changed this turn · /diff · /rewind files',
    ]);
  });

  it('5b: a question says what, where, why, what now, what then', () => {
    const lines = drawQuestion(pendingOf('touch /etc/x'), { index: 1, of: 2, now: 12_000 }, NO_COLOURS);
    expect(lines.slice(0, 8)).toEqual([
      '? approve 1/2 · waiting 12 s',
      '  $ touch /etc/x',
      '  in      /w',
      '  why     touch /etc/x',
      '          the model says: “touch /etc/x”',
      '  now     bubblewrap · workspace-write · network off  → would fail: touch /etc/x',
      '  if yes  bubblewrap · workspace-write · network off',
      '  y yes, once   n no, go on   a no, and stop   d no, because…',
    ]);
  });
});
