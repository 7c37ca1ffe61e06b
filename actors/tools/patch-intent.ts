/**
 * A patch → the call that applies it. It is checked against the files first, so that one that does not fit costs no
 * question and no process: it is answered at once. The binary checks again when it runs; the disk may have changed.
 */
import { COMMAND_TIMEOUT_MS } from '../../machines/limits.ts';
import { verifyPatch } from '../patch/apply.ts';
import { changesOf } from '../patch/changes.ts';
import { inWords } from '../patch/patch.ts';
import { failure, toolView } from './answers.ts';
import type { Intent, Workplace } from './tool.ts';

export const patchIntent = (patch: string, cwd: string, { patchBinary, hidden }: Workplace): Intent => {
  const resolved = verifyPatch(patch, { cwd, hidden: hidden() });
  if (resolved.kind === 'problem')
    return failure(toolView('apply_patch', patch), `apply_patch verification failed: ${inWords(resolved)}`);
  return {
    kind: 'command',
    command: {
      argv: patchBinary,
      cwd,
      env: {}, // nothing of ours is needed, and nothing leaks
      timeoutMs: COMMAND_TIMEOUT_MS,
      input: patch, // an argument longer than 128 KiB is refused by Linux
      isOwn: true,
      writes: resolved.slots.map(({ real }) => real),
    },
    view: { kind: 'patch', changes: changesOf(resolved.deeds) },
    escalation: null,
  };
};
