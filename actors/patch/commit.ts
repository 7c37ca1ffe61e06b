/**
 * Writes what was worked out: all of it, or nothing.
 *
 *   1  every new text goes to a temporary file beside its target; folders are made
 *   2  the disk is compared with what the patch was worked out from
 *   3  temporary files are renamed over their targets, files to be deleted go
 *   4  everything is read again and compared
 *
 * When a step fails, what was done is undone from memory, newest first. A rename never follows a symlink and breaks a hard
 * link, so nothing outside changes through either.
 */
import {
  accessSync,
  closeSync,
  constants,
  fchmodSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { codeOf, reasonOf, see, type Seen } from './disk.ts';
import { locate } from './locate.ts';
import { fileProblem, type Problem } from './patch.ts';
import type { Resolved, Slot } from './resolve.ts';

/** A failure with the words for the model; never leaves this file. */
class Failure extends Error {}

const attempt = <T>(what: string, act: () => T): T => {
  try {
    return act();
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure(`${what}: ${reasonOf(error)}`, { cause: error });
  }
};

const isSame = (a: Seen, b: Seen): boolean => {
  if (a.kind === 'file' && b.kind === 'file') return a.bytes.equals(b.bytes);
  return a.kind === b.kind && (a.kind !== 'link' || b.kind !== 'link' || a.target === b.target);
};

const makeFolders = (folder: string, undo: (() => void)[]): void => {
  if (see(folder).kind === 'folder') return;
  makeFolders(dirname(folder), undo);
  mkdirSync(folder);
  undo.push(() => rmdirSync(folder));
};

/** Where a rename cannot be: a file that is itself a mount point, or one whose folder may not be written. */
const NO_RENAME: ReadonlySet<string> = new Set(['EBUSY', 'EXDEV', 'EACCES', 'EPERM', 'EROFS']);

const writeThrough = (path: string, bytes: string | Buffer): void => {
  const fd = openSync(path, constants.O_WRONLY | constants.O_TRUNC | constants.O_NOFOLLOW);
  try {
    writeFileSync(fd, bytes);
  } finally {
    closeSync(fd);
  }
};

const writeTemporary = (path: string, text: string, mode: number | null): void => {
  const fd = openSync(path, 'wx', 0o666);
  try {
    writeFileSync(fd, text);
    if (mode !== null) fchmodSync(fd, mode);
  } finally {
    closeSync(fd);
  }
};

const restore = ({ real, before }: Slot): void => {
  if (before.kind === 'link') symlinkSync(before.target, real);
  else if (before.kind !== 'file') rmSync(real, { force: true });
  else if (see(real).kind === 'file') writeThrough(real, before.bytes);
  else (writeTemporary(real, '', before.mode), writeThrough(real, before.bytes));
};

/** Step 1. The temporary file, or null where this file can only be written in place. */
const prepare = (slot: Slot, index: number, undo: (() => void)[]): string | null => {
  const folder = dirname(slot.real);
  attempt(`Failed to create parent directories for ${slot.path}`, () => makeFolders(folder, undo));
  return attempt(`Failed to write file ${slot.path}`, () => {
    if (slot.before.kind === 'file') accessSync(slot.real, constants.W_OK);
    const temporary = join(folder, `.${basename(slot.real).slice(0, 100)}.${process.pid}-${index}.tmp`);
    try {
      writeTemporary(temporary, slot.after!.text, slot.after!.mode);
    } catch (error) {
      if (slot.before.kind === 'file' && NO_RENAME.has(codeOf(error))) return null;
      throw error;
    }
    undo.push(() => rmSync(temporary, { force: true }));
    return temporary;
  });
};

/** Step 3, for one file. */
const put = (slot: Slot, temporary: string | null, undo: (() => void)[]): void =>
  attempt(`Failed to write file ${slot.path}`, () => {
    // A folder that became a symlink meanwhile would carry the rename elsewhere.
    if (locate(slot.real) !== slot.real) throw new Failure(`Failed to write file ${slot.path}: its folder changed`);
    try {
      if (temporary !== null) {
        renameSync(temporary, slot.real);
        undo.push(() => restore(slot));
        return;
      }
    } catch (error) {
      if (slot.before.kind !== 'file' || !NO_RENAME.has(codeOf(error))) throw error;
    }
    undo.push(() => restore(slot)); // before: a write in place may fail half-way
    writeThrough(slot.real, slot.after!.text);
    if (temporary !== null) rmSync(temporary, { force: true });
  });

const drop = (slot: Slot, verb: string, undo: (() => void)[]): void =>
  attempt(`Failed to ${verb} ${slot.path}`, () => {
    unlinkSync(slot.real);
    undo.push(() => restore(slot));
  });

const steps = ({ slots, deeds }: Resolved, undo: (() => void)[]): void => {
  const kept = slots.filter(({ after }) => after !== null);
  const gone = slots.filter(({ after, before }) => after === null && before.kind !== 'absent');
  const temporaries = kept.map((slot, index) => prepare(slot, index, undo));
  for (const slot of slots)
    if (!isSame(slot.before, see(slot.real)))
      throw new Failure(`Failed to write file ${slot.path}: it was changed by somebody else at this moment`);
  kept.forEach((slot, index) => put(slot, temporaries[index]!, undo));
  const moved = new Set(deeds.filter(({ movedTo }) => movedTo !== null).map(({ path }) => path));
  for (const slot of gone) drop(slot, moved.has(slot.path) ? 'remove original' : 'delete file', undo);
  for (const { path, real, after } of kept)
    if (attempt(`Failed to read ${path}`, () => readFileSync(real, 'utf8')) !== after!.text)
      throw new Failure(`Failed to write file ${path}: what was read back is not what was written`);
};

/** Null: done. */
export const commit = (resolved: Resolved): Problem | null => {
  const undo: (() => void)[] = [];
  try {
    steps(resolved, undo);
    return null;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const left = undo.reverse().filter((act) => !succeeds(act)).length;
    const state =
      left === 0 ? 'Nothing was changed.' : `${left} of the changes could not be undone: look at the files.`;
    return fileProblem(error.message, state);
  }
};

const succeeds = (act: () => void): boolean => {
  try {
    act();
    return true;
  } catch {
    return false;
  }
};
