import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readKeys } from '../render/keys.ts';
import { wholeText } from '../render/editor.ts';
import { GUARD_MS, newComposer, popupOf, pressKey, withQuestion, type Act, type Composer } from './composer.ts';
import { newView, type ChatView, type Pending } from './view.ts';

const plan = { backend: 'direct', sandbox: 'none' };
const pending: Pending = {
  approvalId: 'a1',
  callId: 'c1',
  view: { kind: 'command', command: 'x', argv: ['x'], cwd: '/' },
  question: {
    why: '',
    now: null,
    ifYes: plan,
    offers: [{ kind: 'path', path: '/p', lifetime: 'session' }],
    offersInWords: '',
    planHash: '',
  },
  since: 0,
};
const idle: ChatView = newView;
const busy: ChatView = { ...newView, phase: 'busy', turnId: 't1' };
const asking: ChatView = { ...busy, pending: [pending] };
const aborting: ChatView = { ...busy, phase: 'aborting' };

const LATER = 10_000;
const run = (bytes: string, view: ChatView, from: Composer = newComposer([]), now = LATER) => {
  let composer = from;
  const acts: Act[] = [];
  for (const key of readKeys(bytes, true)[0]) {
    const [next, done] = pressKey(composer, view, key, now);
    composer = next;
    acts.push(...done);
  }
  return {
    composer,
    acts,
    did: acts.map((act) =>
      'text' in act ? `${act.kind} ${act.text}` : act.kind === 'decide' ? act.decision : act.kind,
    ),
  };
};

it('Esc takes back words that wait since before a loss, and leaves those that are being written (R8)', () => {
  const waiting: ChatView = { ...idle, queued: [{ inputId: 'i', text: 'later' }] };
  expect(run('\x1b', waiting).did).toEqual(['interrupt']);
  expect(run('a\x1b', waiting).did).toEqual([]);
  expect(run('\x1b', idle).did).toEqual([]);
});

describe('5a: key × state', () => {
  it.each<[string, string, ChatView, unknown[]]>([
    ['Enter, nothing written', '\r', idle, []],
    ['Enter, words', 'hi\r', idle, ['submit hi']],
    ['Enter while busy steers', 'hi\r', busy, ['submit hi']],
    ['Enter while aborting queues', 'hi\r', aborting, ['queue hi']],
    ['Tab while busy queues', 'hi\t', busy, ['queue hi']],
    ['Tab while aborting queues', 'hi\t', aborting, ['queue hi']],
    ['Tab while idle completes', '@a\t', idle, ['complete']],
    ['Esc while busy interrupts, once', '\x1b', busy, ['interrupt']],
    ['Esc while aborting waits', '\x1b', aborting, []],
    ['Esc while idle only primes', '\x1b', idle, []],
    ['Ctrl-C while busy interrupts', '\x03', busy, ['interrupt']],
    ['Ctrl-C while aborting leaves', '\x03', aborting, ['leave']],
    ['Ctrl-C once, idle', '\x03', idle, []],
    ['Ctrl-C twice, idle', '\x03\x03', idle, ['leave']],
    ['Ctrl-C with words clears them', 'hi\x03', idle, []],
    ['Ctrl-D twice, idle', '\x04\x04', idle, ['leave']],
    ['Ctrl-D while busy', '\x04\x04', busy, []],
    ['y', 'y', asking, [{ kind: 'approve' }]],
    ['s', 's', asking, [{ kind: 'approveForSession' }]],
    ['n', 'n', asking, [{ kind: 'deny' }]],
    ['a', 'a', asking, [{ kind: 'abort' }]],
    ['Enter alone approves nothing', '\r', asking, []],
    ['other letters', 'xqz', asking, []],
    ['Esc, words, Enter: a no with a reason', '\x1b[27unot there\r', asking, [{ kind: 'deny', reason: 'not there' }]],
    ['Esc twice in a question interrupts', '\x1b\x1b', asking, ['interrupt']],
    ['Ctrl-C in a question interrupts', '\x03', asking, ['interrupt']],
    ['a backslash before Enter is a new line', 'a\\\rb\r', idle, ['submit a\nb']],
  ])('%s', (_, bytes, view, expected) => expect(run(bytes, view).did).toEqual(expected));

  it('takes no key as an answer that was pressed as the question appeared', () => {
    const { composer, acts } = run('y\r', asking, newComposer([]), GUARD_MS - 1);
    expect(acts).toEqual([]);
    expect(wholeText(composer.stash ?? composer.editor)).toBe('y');
  });

  it('keeps what was being written while a question is open', () => {
    const writing = run('half a tho', busy).composer;
    const answered = run('n', asking, withQuestion(writing, true)).composer;
    expect(run('ught\r', busy, withQuestion(answered, false)).did).toEqual(['submit half a thought']);
  });

  it('offers no session-wide yes where nothing is offered', () => {
    const view = { ...asking, pending: [{ ...pending, question: { ...pending.question, offers: [] } }] };
    expect(run('s', view).did).toEqual([{ kind: 'approve' }]);
  });

  it('lists slash commands as they are typed', () => {
    expect(popupOf(run('/re', idle).composer)).toEqual(['review', 'rewind', 'resume']);
    expect(run('/re\x1b[B\r', idle).composer.history).toContain('/rewind');
    expect(run('/stat\r', idle).did).toEqual(['submit /status']);
    expect(run('/qu\t', idle).composer.editor.text).toBe('/queue ');
  });

  it('walks through the history, and back to what was new', () => {
    const composer = newComposer(['one', 'two']);
    expect(run('\x1b[A\x1b[A\r', idle, composer).did).toEqual(['submit one']);
    expect(run('\x1b[A\x1b[B', idle, composer).composer.editor.text).toBe('');
  });

  it('finds what was typed before, and gives the draft back on Esc', () => {
    const composer = newComposer(['fix the parser', 'run tests', 'fix the lexer']);
    expect(run('\x12fix\r\r', idle, composer).did).toEqual(['submit fix the lexer']);
    expect(run('\x12fix\x12\r\r', idle, composer).did).toEqual(['submit fix the parser']);
    expect(run('draft\x12fix\x1b', idle, composer).composer.editor.text).toBe('draft');
  });

  it('never quits on one key, and never loses words, in any state', () => {
    const stroke = fc.constantFrom('a', 'word', '\r', '\t', '\x1b', '\x03', '\x04', '\x1b[A', '\x7f', '/', 'y', 'n');
    const state = fc.constantFrom(idle, busy, asking, aborting);
    fc.assert(
      fc.property(fc.array(fc.tuple(stroke, state), { maxLength: 30 }), (strokes) => {
        let composer = newComposer([]);
        for (const [bytes, view] of strokes) {
          const before = withQuestion(composer, view.pending.length > 0);
          const { composer: next, did } = run(bytes, view, composer);
          if (did.includes('leave')) expect(view.phase === 'aborting' || before.primed?.key === 'quit').toBe(true);
          const written = before.isDenying ? '' : wholeText(before.editor).trim();
          const isCleared = written !== '' && next.editor.text === '' && next.stash === null && bytes !== '\x7f';
          if (isCleared) expect([...did.map(String), ...next.history].join('\n')).toContain(written);
          composer = next;
        }
      }),
      { numRuns: 300 },
    );
  });
});
