/**
 * Hunks + the disk → what will stand there afterwards. Everything is worked out in memory and nothing is written, so a
 * patch either fits as a whole or changes nothing. A later hunk sees what an earlier one made.
 *
 * Decision: the reference implementation writes hunk by hunk and leaves a half-applied patch behind when one fails. A
 * model then has to find out what happened, and usually does not. Here the failure is known before the first write.
 */
import { resolve } from 'node:path';
import { see, type Seen, textOf } from './disk.ts';
import { editText } from './edit.ts';
import { locate, locateEntry, strays } from './locate.ts';
import { fileProblem, type Hunk, NO_CHANGE, type Problem } from './patch.ts';

/** Where a patch works. */
export interface Place {
  /** Absolute. Relative paths of the patch start here. */
  readonly cwd: string;
  /** Folders that symlinks must not lead out of, besides `cwd`. */
  readonly roots?: readonly string[];
}

/** One entry of the disk, before and after. `after: null`: it will be gone. */
export interface Slot {
  /** As the patch names it. */
  readonly path: string;
  /** The entry itself, absolute, symlinks resolved. */
  readonly real: string;
  readonly before: Seen;
  readonly after: { readonly text: string; readonly mode: number | null } | null;
}

/** What one hunk does, for people. */
export interface Deed {
  readonly kind: 'add' | 'delete' | 'update';
  readonly path: string;
  readonly movedTo: string | null;
  readonly before: string;
  readonly after: string;
}

export interface Resolved {
  readonly kind: 'resolved';
  readonly slots: readonly Slot[];
  readonly deeds: readonly Deed[];
}

/** A hunk as long as it is being worked out; throws `Refusal`, which never leaves this file. */
interface Desk {
  find(path: string, verb: string): Slot;
  entry(path: string): Slot;
  put(slot: Slot, after: Slot['after']): void;
}

class Refusal extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.message);
    this.problem = problem;
  }
}

const refuse = (message: string, remedy: string): never => {
  throw new Refusal(fileProblem(message, `${remedy} Nothing was changed.`));
};

const refuseDelete = (path: string, why: string, remedy: string): never => {
  const problem = fileProblem(`Failed to delete file ${path}: ${why}`, `${remedy} Nothing was changed.`);
  throw new Refusal({ ...problem, whenVerified: `Failed to read ${path}: ${why}` });
};

const createDesk = ({ cwd, roots = [] }: Place, slots: Map<string, Slot>): Desk => {
  const at = (path: string, real: string): Slot =>
    slots.get(real) ?? { path, real, before: see(real), after: standing(see(real)) };
  return {
    find: (path, verb) => {
      const named = resolve(cwd, path);
      const entry = locateEntry(named);
      // An entry that this patch deleted is no symlink any more.
      const real = entry !== null && slots.get(entry)?.after === null ? entry : locate(named);
      if (real === null)
        return refuse(`Failed to ${verb} ${path}: its symlinks go round in circles`, 'Check the path.');
      if (strays(named, real, [cwd, ...roots]))
        return refuse(
          `Failed to ${verb} ${path}`,
          `A symlink leads out of the folder, to ${real}: name that file itself.`,
        );
      return at(path, real);
    },
    entry: (path) => {
      const named = resolve(cwd, path);
      const real = locateEntry(named);
      if (real === null) return refuseDelete(path, 'its symlinks go round in circles', 'Check the path.');
      const folder = resolve(named, '..');
      if (strays(folder, locate(folder) ?? folder, [cwd, ...roots]))
        return refuseDelete(path, 'a symlink leads out of the folder', `It leads to ${real}.`);
      return at(path, real);
    },
    put: (slot, after) => void slots.set(slot.real, { ...slot, after }),
  };
};

const standing = (seen: Seen): Slot['after'] =>
  seen.kind === 'file' ? { text: textOf(seen.bytes) ?? '', mode: seen.mode } : null;

const isFolder = ({ before }: Slot) => before.kind === 'folder';

/** The text that a hunk starts from. */
const read = (slot: Slot, cwd: string): string => {
  const fails = (why: string) =>
    refuse(`Failed to read file to update ${slot.path}: ${why}`, `Paths are relative to ${cwd}.`);
  if (slot.after !== null && slot.before.kind === 'file' && textOf(slot.before.bytes) === null)
    return fails('it is not UTF-8 text');
  if (slot.after !== null) return slot.after.text;
  if (isFolder(slot)) return fails('it is a folder');
  return fails(slot.before.kind === 'closed' ? slot.before.reason : 'no such file or folder');
};

const writable = (slot: Slot): Slot => {
  if (isFolder(slot)) refuse(`Failed to write file ${slot.path}: it is a folder`, 'Name a file.');
  if (slot.before.kind === 'closed')
    refuse(`Failed to write file ${slot.path}: ${slot.before.reason}`, 'Name another file.');
  return slot;
};

const add = (desk: Desk, { path, text }: Extract<Hunk, { kind: 'add' }>): Deed => {
  const slot = writable(desk.find(path, 'write file'));
  const mode = slot.before.kind === 'file' ? slot.before.mode : null;
  desk.put(slot, { text, mode });
  return { kind: 'add', path, movedTo: null, before: slot.after?.text ?? '', after: text };
};

const remove = (desk: Desk, { path }: Extract<Hunk, { kind: 'delete' }>): Deed => {
  const slot = desk.entry(path);
  if (isFolder(slot)) refuseDelete(path, 'it is a folder', 'Folders are not deleted by a patch.');
  const isThere = slot.after !== null || (slot.before.kind !== 'absent' && slot.before.kind !== 'file');
  if (!isThere) refuseDelete(path, 'no such file or folder', 'Check the path.');
  const before = slot.before.kind === 'link' ? slot.before.target : (slot.after?.text ?? '');
  desk.put(slot, null);
  return { kind: 'delete', path, movedTo: null, before, after: '' };
};

const update = (desk: Desk, hunk: Extract<Hunk, { kind: 'update' }>, cwd: string): Deed => {
  const { path, moveTo, chunks } = hunk;
  const slot = writable(desk.find(path, 'read file to update'));
  const before = read(slot, cwd);
  const edited = editText(path, before, chunks);
  if (edited.kind === 'problem') throw new Refusal(edited);
  const target = moveTo === null ? slot : writable(desk.find(moveTo, 'write file'));
  const mode = slot.after?.mode ?? null;
  if (target.real !== slot.real) desk.put(desk.entry(path), null);
  desk.put(target, { text: edited.text, mode });
  return { kind: 'update', path, movedTo: moveTo, before, after: edited.text };
};

export const resolvePatch = (hunks: readonly Hunk[], place: Place): Resolved | Problem => {
  if (hunks.length === 0) return NO_CHANGE;
  const slots = new Map<string, Slot>();
  const desk = createDesk(place, slots);
  try {
    const deeds = hunks.map((hunk) => {
      if (hunk.kind === 'add') return add(desk, hunk);
      return hunk.kind === 'delete' ? remove(desk, hunk) : update(desk, hunk, place.cwd);
    });
    return { kind: 'resolved', slots: [...slots.values()], deeds };
  } catch (error) {
    if (error instanceof Refusal) return error.problem;
    throw error;
  }
};
