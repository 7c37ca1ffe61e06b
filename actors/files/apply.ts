/**
 * Makes one path what it was. A file appears whole or not at all (written beside it, then renamed); a folder goes only
 * when it is empty. What is replaced stays in the store.
 */
import {
  closeSync,
  constants,
  fchmodSync,
  mkdirSync,
  openSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { messageOf } from '../../machines/kit.ts';
import { FOLDER, placeOf, type Place } from './place.ts';
import { contentsOf, stateAt } from './snapshot.ts';
import { isSame, type State } from './state.ts';
import type { Store } from './store.ts';

export interface Applying {
  readonly root: string;
  readonly path: string;
  /** What must be there now: anything else is somebody's work. */
  readonly from: State;
  readonly to: State;
}

const NEW = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

const beside = (place: Place, word: string, make: (temporary: string) => void): void => {
  const temporary = place.beside(`.${word}.turnstile`);
  try {
    make(temporary);
    renameSync(temporary, place.path);
  } finally {
    rmSync(temporary, { force: true });
  }
};

/** By a descriptor: a link that is swapped in now is not followed. */
const setMode = (place: Place, mode: number): void => {
  const fd = openSync(place.path, FOLDER);
  try {
    fchmodSync(fd, mode);
  } finally {
    closeSync(fd);
  }
};

const clear = (place: Place, { kind }: State): void => {
  if (kind === 'folder') rmdirSync(place.path);
  else if (kind !== 'absent') unlinkSync(place.path);
};

const write = (place: Place, mode: number, bytes: Uint8Array, word: string): void =>
  beside(place, word, (temporary) => {
    const fd = openSync(temporary, NEW, 0o600);
    try {
      writeFileSync(fd, bytes);
      fchmodSync(fd, mode);
    } finally {
      closeSync(fd);
    }
  });

const make = (place: Place, from: State, to: State, store: Store, word: string): string | null => {
  switch (to.kind) {
    case 'absent':
      return (clear(place, from), null);
    case 'other':
      return 'it was neither a file nor a folder';
    case 'folder':
      if (from.kind === 'folder') return (setMode(place, to.mode), null);
      clear(place, from);
      mkdirSync(place.path, 0o700);
      return (setMode(place, to.mode), null);
    case 'link':
      if (from.kind === 'folder') clear(place, from);
      return (beside(place, word, (temporary) => symlinkSync(to.target, temporary)), null);
    case 'file': {
      const bytes = to.hash === null ? null : store.get(to.hash);
      if (bytes === null) return 'its contents were not saved';
      if (from.kind === 'folder') clear(place, from);
      return (write(place, to.mode, bytes, word), null);
    }
  }
};

/** Null: it is as it was. Else why it is not, in words; then nothing of it was touched. */
export const apply = ({ root, path, from, to }: Applying, store: Store, word: string): string | null => {
  const found = placeOf(root, path);
  if (found.kind === 'none') return found.why;
  const { place } = found;
  try {
    if (!isSame(stateAt(place.path), from)) return 'it was changed since by somebody else';
    const replaced = from.kind === 'file' ? contentsOf(place.path) : null;
    if (replaced !== null) store.put(replaced);
    store.flush();
    return make(place, from, to, store, word);
  } catch (error) {
    const isFull = error instanceof Error && 'code' in error && error.code === 'ENOTEMPTY';
    return isFull ? 'there is something else in it' : messageOf(error);
  } finally {
    place.close();
  }
};
