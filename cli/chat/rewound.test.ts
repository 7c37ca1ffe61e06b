import { describe, expect, it } from 'vitest';
import { rewindOf, rewoundWords } from './rewound.ts';

describe('/rewind', () => {
  it.each([
    ['', { turns: null, files: false }],
    ['3', { turns: 3, files: false }],
    [' files ', { turns: null, files: true }],
    ['2 files', { turns: 2, files: true }],
    ['files 2', { turns: 2, files: true }],
    ['0', null],
    ['2 2', null],
    ['all', null],
    ['files files', null],
  ])('takes “%s”', (rest, meant) => expect(rewindOf(rest)).toEqual(meant));

  it('says what became of the files, and of a long list its beginning', () => {
    const fact = { type: 'history.rewound', turns: 1, history: [] } as const;
    expect(rewoundWords(fact)).toEqual(['dim', 'took back 1 turn']);
    const kept = Array.from({ length: 10 }, (_, n) => ({ path: `/f${n}`, why: 'changed' }));
    const [tone, text] = rewoundWords({ ...fact, turns: 2, files: { restored: ['/a'], kept, notCovered: ['/n'] } });
    expect(tone).toBe('warn');
    expect(text.split('\n')).toEqual([
      'took back 2 turns · 1 file restored',
      ...kept.slice(0, 8).map(({ path }) => `  kept         ${path}: changed`),
      '               and 2 more',
      '  not covered  /n',
    ]);
  });
});
