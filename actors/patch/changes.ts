/** What a patch would do, as the user is shown before it is done. Pure. */
import type { FileChange } from '../../machines/protocol/index.ts';
import type { Deed } from './resolve.ts';
import { unified } from './unified.ts';

/** Lines of unchanged text around a change. The question is what changes, and it is read in a terminal. */
const CONTEXT_LINES = 1;

/** One change a hunk, in the order of the patch. Paths are those of the patch. */
export const changesOf = (deeds: readonly Deed[]): readonly FileChange[] =>
  deeds.map(({ kind, path, movedTo, before, after }) => ({
    kind,
    path,
    ...(movedTo === null ? {} : { movedTo }),
    diff: unified(before, after, CONTEXT_LINES),
  }));
