/**
 * Writes what was worked out: all of it, or nothing.
 *
 *   1  every new text goes to a temporary file beside its target; folders are made
 *   2  the disk is compared with what the patch was worked out from
 *   3  temporary files are renamed over their targets; what shall go is renamed out of the way
 *   4  everything is read again and compared; then what shall go goes
 *
 * When a step fails, what was done is undone, newest first. A rename never follows a symlink and breaks a hard link, so
 * nothing outside changes through either.
 */
import { readFileSync, renameSync, rmSync, symlinkSync, unlinkSync } from 'node:fs';
import { reasonOf, see, type Seen } from './disk.ts';
import { createGrip, type Grip } from './grip.ts';
import { fileProblem, type Problem } from './patch.ts';
import type { Resolved, Slot } from './resolve.ts';
import { besides, renameOver, writeBeside, writeInPlace, writeNew } from './write.ts';

/** What is under way: folders in hand, and how to take back what was done. */
interface Work {
  readonly grip: Grip;
  readonly undo: (() => void)[];
}

/** A slot that will be a file, and where its new text waits; null: it is written in place. */
interface Ready {
  readonly slot: Slot;
  readonly text: string;
  readonly target: string;
  readonly temporary: string | null;
}

/** A failed step with the words for the model; never leaves this file. */
class Failure extends Error {}

const attempt = <T>(what: string, act: () => T): T => {
  try {
    return act();
  } catch (error) {
    throw new Failure(`${what}: ${reasonOf(error)}`, { cause: error });
  }
};

const isSame = (a: Seen, b: Seen): boolean => {
  if (a.kind === 'file' && b.kind === 'file') return a.bytes.equals(b.bytes);
  return a.kind === b.kind && (a.kind !== 'link' || b.kind !== 'link' || a.target === b.target);
};

/** Step 1. */
const prepare = ({ grip, undo }: Work, slot: Slot, after: NonNullable<Slot['after']>, index: number): Ready => {
  attempt(`Failed to create parent directories for ${slot.path}`, () => grip.make(slot.real, undo));
  return attempt(`Failed to write file ${slot.path}`, () => {
    const target = grip.at(slot.real);
    const temporary = besides(target, index);
    const isThere = slot.before.kind === 'file';
    if (isThere && !writeBeside(temporary, target, after.text, after.mode ?? slot.before.mode))
      return { slot, text: after.text, target, temporary: null };
    if (!isThere) writeNew(temporary, after.text, after.mode);
    undo.push(() => rmSync(temporary, { force: true }));
    return { slot, text: after.text, target, temporary };
  });
};

/** Step 3. */
const put = ({ undo }: Work, { slot, text, target, temporary }: Ready): void =>
  attempt(`Failed to write file ${slot.path}`, () => {
    const { before } = slot;
    if (before.kind !== 'file') {
      renameSync(temporary!, target);
      undo.push(() => (rmSync(target), before.kind === 'link' && symlinkSync(before.target, target)));
      return;
    }
    const bringBack = () => writeInPlace(target, before.bytes);
    if (temporary !== null && renameOver(temporary, target)) return void undo.push(bringBack);
    undo.push(bringBack); // before the write: one in place may stop half-way
    writeInPlace(target, text);
    if (temporary !== null) rmSync(temporary, { force: true });
  });

/** Step 3. What goes keeps its inode until nothing can fail any more, so that it can come back whole. */
const setAside = ({ grip, undo }: Work, slot: Slot, verb: string, index: number): string =>
  attempt(`Failed to ${verb} ${slot.path}`, () => {
    const target = grip.at(slot.real);
    const aside = besides(target, index);
    renameSync(target, aside);
    undo.push(() => renameSync(aside, target));
    return aside;
  });

const steps = (work: Work, { slots, deeds }: Resolved): void => {
  const kept = slots.flatMap((slot, index) => (slot.after ? [prepare(work, slot, slot.after, index)] : []));
  const gone = slots.filter(({ after, before }) => after === null && before.kind !== 'absent');
  for (const { path, real, before, after } of slots) {
    if (after === null && before.kind === 'absent') continue; // made and deleted by this very patch
    const now = attempt(`Failed to read ${path}`, () => see(work.grip.at(real)));
    if (!isSame(before, now))
      throw new Failure(`Failed to write file ${path}: somebody else changed it at this moment`);
  }
  kept.forEach((ready) => put(work, ready));
  const moved = new Set(deeds.filter(({ movedTo }) => movedTo !== null).map(({ path }) => path));
  const aside = gone.map((slot, index) =>
    setAside(work, slot, moved.has(slot.path) ? 'remove original' : 'delete file', slots.length + index),
  );
  for (const { slot, text, target } of kept)
    if (attempt(`Failed to read ${slot.path}`, () => readFileSync(target, 'utf8')) !== text)
      throw new Failure(`Failed to write file ${slot.path}: what was read back is not what was written`);
  gone.forEach(({ path }, index) => attempt(`Failed to delete file ${path}`, () => unlinkSync(aside[index]!)));
};

const succeeds = (act: () => void): boolean => {
  try {
    act();
    return true;
  } catch {
    return false;
  }
};

/** Null: done. */
export const commit = (resolved: Resolved): Problem | null => {
  const work: Work = { grip: createGrip(), undo: [] };
  try {
    steps(work, resolved);
    return null;
  } catch (error) {
    const left = work.undo.reverse().filter((act) => !succeeds(act)).length;
    if (!(error instanceof Failure)) throw error;
    const state = `${left} of the changes could not be undone: look at the files.`;
    return fileProblem(error.message, left === 0 ? 'Nothing was changed.' : state);
  } finally {
    work.grip.release();
  }
};
