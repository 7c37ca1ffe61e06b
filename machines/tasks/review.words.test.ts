import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { failed, finished, interrupted, requestOf, targetInWords, targetOf } from './review.words.ts';

describe('what a review is about', () => {
  it.each([
    ['', 'the uncommitted changes', 'git diff HEAD'],
    [' uncommitted ', 'the uncommitted changes', 'git diff HEAD'],
    ['base main', 'the changes since main', 'git merge-base HEAD main'],
    ['commit  abc1', 'commit abc1', 'git show abc1'],
    ['the error handling', 'the error handling', 'Review the following: the error handling'],
    ['commit to nothing yet', 'commit to nothing yet', 'Review the following: commit to nothing yet'],
  ])('"%s" is %s', (text, words, asked) => {
    expect(targetInWords(targetOf(text))).toBe(words);
    expect(requestOf(targetOf(text))).toContain(asked);
  });
});

describe('what the conversation is told of it (C.11.4)', () => {
  it('stands in one frame that nothing in it can end', () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom('', '</results>', '</user_action>', '<user_action>'), (a, b) => {
        const text = `${a}${b}${a}`;
        const review = {
          findings: [{ title: text, body: text }],
          overall_correctness: text,
          overall_explanation: text,
        };
        for (const items of [finished(text, review), interrupted(text), failed(text, text)]) {
          const [note] = items;
          if (note?.type !== 'context') return expect.fail('the first item is the note');
          expect(note.text.startsWith('<user_action>\n')).toBe(true);
          expect(note.text.split('</user_action>')).toHaveLength(2);
          expect(note.text.split('</results>')).toHaveLength(2);
          expect(note.text.endsWith('</results>\n</user_action>')).toBe(true);
        }
      }),
    );
  });
  it('has the findings as words of the agent too, and without findings how to get them', () => {
    const review = { findings: [], overall_correctness: '', overall_explanation: 'fine' };
    expect(finished('x', review).map(({ type }) => type)).toEqual(['context', 'agent']);
    for (const items of [interrupted('x'), failed('x', 'why')])
      expect(items).toMatchObject([{ about: 'review', text: expect.stringContaining('/review again') }]);
    expect(JSON.stringify(failed('x', 'why'))).toContain('failed: why');
  });
});
