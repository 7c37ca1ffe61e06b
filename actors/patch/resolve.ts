/**
 * Hunks + the disk → what will stand there afterwards. Everything is worked out in memory and nothing is written, so a
 * patch either fits as a whole or changes nothing. A later hunk sees what an earlier one made.
 *
 * Decision: the reference implementation writes hunk by hunk and leaves a half-applied patch behind when one fails. A
 * model then has to find out what happened, and usually does not. Here the failure is known before the first write.
 */
import { dirname, resolve } from 'node:path';
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
  /** Absolute real paths that a patch may not even read. */
  readonly hidden?: readonly string[];
}

/** One entry of the disk, before and after. `after: null`: it will be gone. */
export interface Slot {
  readonly kind: 'slot';
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

/** The disk as it will be after the hunks so far. */
interface Desk {
  /** The file that a path leads to. */
  find(path: string, verb: string): Slot | Problem;
  /** The entry of that name, be it a file or a symlink. */
  entry(path: string): Slot | Problem;
  put(slot: Slot, after: Slot['after']): void;
}

const refuse = (message: string, remedy: string): Problem => fileProblem(message, `${remedy} Nothing was changed.`);

const refuseDelete = (path: string, why: string, remedy: string): Problem => ({
  ...refuse(`Failed to delete file ${path}: ${why}`, remedy),
  whenVerified: `Failed to read ${path}: ${why}`,
});

const HIDDEN = 'Permission denied: the sandbox hides it.';
const LOOP = 'its symlinks go round in circles';

const createDesk = ({ cwd, roots = [], hidden = [] }: Place, slots: Map<string, Slot>): Desk => {
  const allowed = [cwd, ...roots];
  const isHidden = (real: string) => hidden.some((path) => real === path || real.startsWith(`${path}/`));
  const at = (path: string, real: string): Slot => {
    const known = slots.get(real);
    if (known) return known;
    const before = see(real);
    const after = before.kind === 'file' ? { text: textOf(before.bytes) ?? '', mode: before.mode } : null;
    return { kind: 'slot', path, real, before, after };
  };
  return {
    find: (path, verb) => {
      const named = resolve(cwd, path);
      const entry = locateEntry(named);
      // An entry that this patch deleted is no symlink any more.
      const real = entry !== null && slots.get(entry)?.after === null ? entry : locate(named);
      if (real === null) return refuse(`Failed to ${verb} ${path}: ${LOOP}`, 'Check the path.');
      if (strays(named, real, allowed))
        return refuse(
          `Failed to ${verb} ${path}: a symlink leads out of the folder`,
          `It leads to ${real}: name that file itself.`,
        );
      if (isHidden(real)) return refuse(`Failed to ${verb} ${path}: ${HIDDEN}`, 'Leave it alone.');
      return at(path, real);
    },
    entry: (path) => {
      const named = resolve(cwd, path);
      const real = locateEntry(named);
      if (real === null) return refuseDelete(path, LOOP, 'Check the path.');
      if (strays(dirname(named), dirname(real), allowed))
        return refuseDelete(path, 'a symlink leads out of the folder', `It leads to ${real}.`);
      if (isHidden(real)) return refuseDelete(path, HIDDEN, 'Leave it alone.');
      return at(path, real);
    },
    put: (slot, after) => void slots.set(slot.real, { ...slot, after }),
  };
};

/** Why this slot cannot become a file; null: it can. */
const unwritable = ({ path, before }: Slot): Problem | null => {
  if (before.kind === 'folder') return refuse(`Failed to write file ${path}: it is a folder`, 'Name a file.');
  if (before.kind === 'closed') return refuse(`Failed to write file ${path}: ${before.reason}`, 'Name another file.');
  return null;
};

/** Why this slot has no text to start from; null: it has. */
const unreadable = ({ path, before, after }: Slot, cwd: string): Problem | null => {
  const fails = (why: string) =>
    refuse(`Failed to read file to update ${path}: ${why}`, `Paths are relative to ${cwd}.`);
  if (before.kind === 'folder') return fails('it is a folder');
  if (before.kind === 'closed') return fails(before.reason);
  if (after === null) return fails('no such file or folder');
  return before.kind === 'file' && textOf(before.bytes) === null ? fails('it is not UTF-8 text') : null;
};

const add = (desk: Desk, { path, text }: Extract<Hunk, { kind: 'add' }>): Deed | Problem => {
  const slot = desk.find(path, 'write file');
  if (slot.kind === 'problem') return slot;
  const problem = unwritable(slot);
  if (problem) return problem;
  desk.put(slot, { text, mode: slot.after?.mode ?? null });
  return { kind: 'add', path, movedTo: null, before: slot.after?.text ?? '', after: text };
};

const remove = (desk: Desk, { path }: Extract<Hunk, { kind: 'delete' }>): Deed | Problem => {
  const slot = desk.entry(path);
  if (slot.kind === 'problem') return slot;
  const { before, after } = slot;
  if (before.kind === 'folder') return refuseDelete(path, 'it is a folder', 'Folders are not deleted by a patch.');
  if (after === null && (before.kind === 'absent' || before.kind === 'file'))
    return refuseDelete(path, 'no such file or folder', 'Check the path.');
  desk.put(slot, null);
  return { kind: 'delete', path, movedTo: null, before: after?.text ?? '', after: '' };
};

const update = (desk: Desk, hunk: Extract<Hunk, { kind: 'update' }>, cwd: string): Deed | Problem => {
  const { path, moveTo, chunks } = hunk;
  const source = desk.find(path, 'read file to update');
  if (source.kind === 'problem') return source;
  const before = source.after?.text ?? '';
  const problem = unreadable(source, cwd);
  if (problem) return problem;
  const edited = editText(path, before, chunks);
  if (edited.kind === 'problem') return edited;
  const target = moveTo === null ? source : desk.find(moveTo, 'write file');
  if (target.kind === 'problem') return target;
  const fault = unwritable(target);
  if (fault) return fault;
  if (target.real !== source.real) {
    const entry = desk.entry(path);
    if (entry.kind === 'problem') return entry;
    desk.put(entry, null);
  }
  desk.put(target, { text: edited.text, mode: source.after?.mode ?? null });
  return { kind: 'update', path, movedTo: moveTo, before, after: edited.text };
};

const deedOf = (desk: Desk, hunk: Hunk, cwd: string): Deed | Problem => {
  if (hunk.kind === 'add') return add(desk, hunk);
  return hunk.kind === 'delete' ? remove(desk, hunk) : update(desk, hunk, cwd);
};

export const resolvePatch = (hunks: readonly Hunk[], place: Place): Resolved | Problem => {
  if (hunks.length === 0) return NO_CHANGE;
  const slots = new Map<string, Slot>();
  const desk = createDesk(place, slots);
  const deeds: Deed[] = [];
  for (const hunk of hunks) {
    const deed = deedOf(desk, hunk, place.cwd);
    if (deed.kind === 'problem') return deed;
    deeds.push(deed);
  }
  return { kind: 'resolved', slots: [...slots.values()], deeds };
};
