/** What a review is about, what the reviewer is asked, and what the conversation is told of it afterwards. Pure. */
import type { Item } from '../protocol/index.ts';
import type { Verdict } from '../protocol/review.ts';
import { reviewInWords } from './review.findings.ts';

/** What `/review` can be about. Whatever is none of the first three is the user's own words. */
export type Target =
  | { readonly kind: 'uncommitted' }
  | { readonly kind: 'base'; readonly branch: string }
  | { readonly kind: 'commit'; readonly commit: string }
  | { readonly kind: 'words'; readonly words: string };

export const targetOf = (text: string): Target => {
  const words = text.trim();
  if (words === '' || words === 'uncommitted') return { kind: 'uncommitted' };
  const [, what, name] = /^(base|commit)\s+(\S+)$/.exec(words) ?? [];
  if (name === undefined) return { kind: 'words', words };
  return what === 'base' ? { kind: 'base', branch: name } : { kind: 'commit', commit: name };
};

export const targetInWords = (target: Target): string => {
  switch (target.kind) {
    case 'uncommitted':
      return 'the uncommitted changes';
    case 'base':
      return `the changes since ${target.branch}`;
    case 'commit':
      return `commit ${target.commit}`;
    case 'words':
      return target.words;
  }
};

/** What the reviewer is asked, beside the instructions that every review has. */
export const requestOf = (target: Target): string => {
  switch (target.kind) {
    case 'uncommitted':
      return 'Review the changes in this working tree that are not committed: what is staged, what is not, and files that are new and untracked. git status, git diff HEAD and the new files themselves show them.';
    case 'base':
      return `Review the changes on this branch against the branch "${target.branch}". Find where the two parted (git merge-base HEAD ${target.branch}) and look at the diff from there to the working tree.`;
    case 'commit':
      return `Review what the commit "${target.commit}" changed (git show ${target.commit}), not what came before or after it.`;
    case 'words':
      return `Review the following: ${target.words}`;
  }
};

/** What was found may quote anything; it must not end the frame that it stands in. */
const framed = (target: string, results: string): string =>
  [
    '<user_action>',
    `  <context>The user asked for a review of: ${target.replaceAll('<', '&lt;')}. It was made by another reviewer, who did not see this conversation.</context>`,
    '  <action>review</action>',
    '  <results>',
    results.replaceAll('</', '<\\/'),
    '  </results>',
    '</user_action>',
  ].join('\n');

const note = (target: string, results: string): Item => ({
  type: 'context',
  about: 'review',
  text: framed(target, results),
});

export const finished = (target: string, review: Verdict): readonly Item[] => {
  const words = reviewInWords(target, review);
  return [note(target, words), { type: 'agent', text: words }];
};

const AGAIN = 'Nothing is known of what it would have found. If it is wanted, the user can ask for /review again.';

export const interrupted = (target: string): readonly Item[] => [
  note(target, `The review was stopped before it was done. ${AGAIN}`),
];
export const failed = (target: string, reason: string): readonly Item[] => [
  note(target, `The review failed: ${reason}. ${AGAIN}`),
];
