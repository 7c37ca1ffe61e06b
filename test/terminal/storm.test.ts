/**
 * A storm of keys over the whole chat: the real front end and runtime, a scripted model, the bytes read back through a
 * terminal emulator. Whatever is pressed, in whatever order: the chat can still be left, no words that were typed are lost,
 * and what was said stands on the screen once.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Glass } from './glass.ts';
import { startChat, type Running } from './program.ts';

const KEYS = {
  enter: '\r',
  tab: '\t',
  escape: '\x1b',
  'shift-tab': '\x1b[Z',
  'ctrl-c': '\x03',
  'ctrl-d': '\x04',
  'ctrl-o': '\x0f',
  'ctrl-t': '\x14',
  'ctrl-r': '\x12',
  'ctrl-l': '\x0c',
  up: '\x1b[A',
  down: '\x1b[B',
  left: '\x1b[D',
  backspace: '\x7f',
  y: 'y',
  n: 'n',
  question: '?',
  slash: '/',
  newline: '\x1b\r',
  focus: '\x1b[I',
  blur: '\x1b[O',
  paste: '\x1b[200~one\ntwo\x1b[201~',
} as const;
type KeyName = keyof typeof KEYS;

type Stroke = { readonly press: KeyName } | { readonly word: true } | { readonly size: readonly [number, number] };
const stroke: fc.Arbitrary<Stroke> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...(Object.keys(KEYS) as KeyName[])).map((press) => ({ press })) },
  { weight: 3, arbitrary: fc.constant({ word: true } as const) },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.integer({ min: 20, max: 120 }), fc.integer({ min: 6, max: 40 })).map((size) => ({ size })),
  },
);

/** Twenty answers, each line of them marked so that it can be counted; some run a command, one asks. */
const turnsOf = () =>
  Array.from({ length: 20 }, (_, i) => [
    { type: 'text', text: Array.from({ length: 4 }, (_line, j) => `mark${i}x${j}.`).join('\n') },
    ...(i % 4 === 1 ? [{ type: 'shell', command: `echo ran${i}` }] : []),
    ...(i % 4 === 2
      ? [
          {
            type: 'call',
            name: 'shell',
            args: { command: 'true', with_escalated_permissions: true, justification: 'x' },
          },
        ]
      : []),
  ]);

const tick = () => new Promise((resolve) => setImmediate(resolve));

/** Ends whatever is open, as a person would, and leaves. */
const leave = async (running: Running): Promise<number> => {
  const patience = Date.now() + 20_000;
  let code: number | null = null;
  void running.ended.then((ended) => (code = ended));
  while (code === null) {
    if (Date.now() > patience) throw new Error('the chat cannot be left');
    running.glass.type('\x03');
    await new Promise((resolve) => setTimeout(resolve, 60)); // two presses within a second, and no faster than a hand
  }
  return code;
};

const wordsSaid = ({ facts }: Running): string =>
  facts
    .flatMap((fact) => {
      switch (fact.type) {
        case 'items.recorded':
          return fact.items.flatMap((item) => (item.type === 'user' ? [item.text] : []));
        case 'input.queued':
        case 'input.returned':
          return [fact.text];
        case 'call.finished':
          return [JSON.stringify(fact.view), fact.output];
        case 'turn.aborted':
        case 'turn.failed':
          return fact.undelivered.map(({ text }) => text);
        case 'approval.resolved':
          return [JSON.stringify(fact.decision)];
        default:
          return [];
      }
    })
    .join('\n');

const storm = async (strokes: readonly Stroke[]): Promise<{ running: Running; glass: Glass; code: number }> => {
  const running = await startChat(turnsOf(), { flags: { sandbox: 'read-only', approval: 'on-request' } });
  const { glass } = running;
  await glass.shows('/help lists');
  let count = 0;
  for (const one of strokes) {
    if ('press' in one) glass.type(KEYS[one.press]);
    else if ('word' in one) glass.type(`word${(count += 1)}z `);
    else glass.resize(...one.size);
    await tick();
  }
  const code = await leave(running);
  return { running, glass, code };
};

describe('a storm of keys', () => {
  it('never wedges the chat, and shows each line of each answer once', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(stroke, { minLength: 5, maxLength: 60 }), async (strokes) => {
        const { running, glass, code } = await storm(strokes);
        expect(code).toBe(0);
        const text = (await glass.lines()).join('\n');
        const said = running.facts.flatMap((fact) =>
          fact.type === 'items.recorded'
            ? fact.items.flatMap((item) => (item.type === 'agent' ? (item.text.match(/mark\d+x\d+\./g) ?? []) : []))
            : [],
        );
        for (const mark of new Set(said)) {
          const times = said.filter((other) => other === mark).length;
          expect(text.split(mark).length - 1, mark).toBe(times);
        }
        expect(glass.bytes()).not.toMatch(/\x1b\[[23]J|\x1b\[\?1049/);
      }),
      { numRuns: Number(process.env['TURNSTILE_STORMS'] ?? 12), endOnFailure: true },
    );
  });

  it('loses no words: what was sent is in the conversation, what came too late is in the editor again', async () => {
    const running = await startChat([[{ type: 'text', deltas: 2_000, delta: 'slow ', gap_ms: 10 }]]);
    const { glass } = running;
    await glass.shows('/help lists');
    glass.type('first words\r');
    await glass.shows('slow slow');
    glass.type('second words\t');
    await glass.shows('next turn: second words');
    glass.type('third words\r');
    glass.type('fourth wor');
    await glass.shows('fourth wor');
    glass.type('\x1b');
    await glass.shows('interrupted by you');
    const lines = await glass.lines();
    const editor = lines.slice(lines.findLastIndex((line) => line.includes('interrupted by you'))).join('\n');
    for (const words of ['second words', 'third words', 'fourth wor']) expect(editor).toContain(words);
    expect(wordsSaid(running)).toContain('first words');
    await leave(running);
  });
});
