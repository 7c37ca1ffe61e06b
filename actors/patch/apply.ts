/** Patch text → changed files and the words about them. What the binary does, and all it does. */
import { commit } from './commit.ts';
import { parsePatch } from './parse.ts';
import type { Problem } from './patch.ts';
import { report } from './report.ts';
import { type Place, type Resolved, resolvePatch } from './resolve.ts';

export type Applied = { readonly kind: 'applied'; readonly report: string } | Problem;

/** What the patch would do, without doing it. */
export const verifyPatch = (text: string, place: Place): Resolved | Problem => {
  const parsed = parsePatch(text);
  return parsed.kind === 'problem' ? parsed : resolvePatch(parsed.hunks, place);
};

export const applyPatch = (text: string, place: Place): Applied => {
  const resolved = verifyPatch(text, place);
  if (resolved.kind === 'problem') return resolved;
  return commit(resolved) ?? { kind: 'applied', report: report(resolved.deeds) };
};
