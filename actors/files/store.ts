/**
 * Contents by their hash, in a few large files: a project has many small ones, and a file of its own for each would cost
 * more than what is in it. Each life of a session writes a pack of its own, so nobody ever writes into that of another.
 *
 * Promises: contents that `put` has taken are there after `flush`; `get` gives them whole, or nothing.
 */
import { hash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { CHUNK_BYTES, MAX_STORE_BYTES } from './limits.ts';

interface Place {
  readonly pack: string;
  readonly at: number;
  readonly size: number;
}
export interface Store {
  /** The hash; `isSaved` is false where the store is full. */
  put(bytes: Uint8Array): { readonly hash: string; readonly isSaved: boolean };
  flush(): void;
  get(hash: string): Buffer | null;
}

export const hashOf = (bytes: Uint8Array): string => hash('sha256', bytes, 'hex');

const LINE = /^([0-9a-f]{64}) (\d+) (\d+)$/;

/** A line that was torn off, and all that an unwritten pack would have had, are not there. */
const indexed = (folder: string): Map<string, Place> => {
  const places = new Map<string, Place>();
  for (const name of readdirSync(folder).filter((one) => one.endsWith('.index')))
    for (const line of readFileSync(join(folder, name), 'utf8').split('\n')) {
      const [, key, at, size] = LINE.exec(line) ?? [];
      if (key !== undefined)
        places.set(key, { pack: name.replace('.index', '.pack'), at: Number(at), size: Number(size) });
    }
  return places;
};

const writeAll = (fd: number, bytes: Uint8Array): void => {
  for (let at = 0; at < bytes.length; at += writeSync(fd, bytes, at));
};

export const createStore = (folder: string, newName: () => string, maxBytes = MAX_STORE_BYTES): Store => {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const places = indexed(folder);
  const name = newName();
  const size = { kept: [...places.values()].reduce((sum, place) => sum + place.size, 0), packed: 0, waiting: 0 };
  const waiting: Uint8Array[] = [];
  const lines: string[] = [];
  const append = (file: string, bytes: Uint8Array) => {
    const fd = openSync(join(folder, file), 'a', 0o600);
    try {
      writeAll(fd, bytes);
    } finally {
      closeSync(fd);
    }
  };

  const flush = () => {
    if (lines.length === 0) return;
    const [bytes, index] = [Buffer.concat(waiting.splice(0)), lines.splice(0).join('')];
    size.waiting = 0;
    append(`${name}.pack`, bytes);
    append(`${name}.index`, Buffer.from(index));
  };

  return {
    put: (bytes) => {
      const key = hashOf(bytes);
      if (places.has(key)) return { hash: key, isSaved: true };
      if (size.kept + bytes.length > maxBytes) return { hash: key, isSaved: false };
      places.set(key, { pack: `${name}.pack`, at: size.packed, size: bytes.length });
      lines.push(`${key} ${size.packed} ${bytes.length}\n`);
      waiting.push(bytes);
      size.packed += bytes.length;
      size.kept += bytes.length;
      size.waiting += bytes.length;
      if (size.waiting >= CHUNK_BYTES) flush();
      return { hash: key, isSaved: true };
    },
    flush,
    get: (key) => {
      const place = places.get(key);
      if (place === undefined) return null;
      flush();
      try {
        const fd = openSync(join(folder, place.pack), 'r');
        try {
          const bytes = Buffer.alloc(place.size);
          for (let read = 0, last = 1; read < place.size && last > 0; read += last)
            last = readSync(fd, bytes, read, place.size - read, place.at + read);
          return hashOf(bytes) === key ? bytes : null;
        } finally {
          closeSync(fd);
        }
      } catch {
        return null;
      }
    },
  };
};
