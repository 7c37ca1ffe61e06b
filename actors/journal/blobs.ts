/**
 * The side folder: long strings by the hash of their bytes, each stored once, however many records name it.
 * A file appears complete or not at all. Whatever cannot be stored stays in the line: nothing is lost for want of a file.
 */
import { createHash, randomBytes } from 'node:crypto';
import { closeSync, fdatasyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PREVIEW_CHARS } from './limits.ts';

export interface BlobRef {
  readonly $blob: string;
  readonly bytes: number;
  readonly preview: string;
  /** The blob is JSON text that stands for a value, not for a string. */
  readonly json?: true;
}

export interface BlobReader {
  /** The text, or null if it is missing or is not what its name says. */
  readonly get: (sha: string) => string | null;
}
export interface BlobStore extends BlobReader {
  /** A reference, or null where the text has to stay in the line. */
  readonly put: (text: string) => BlobRef | null;
  /** Makes what was put since the last call safe against a loss of power. */
  readonly sync: () => void;
}

export const blobFolder = (home: string): string => join(home, 'sessions', 'blobs');

const shaOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const pathOf = (folder: string, sha: string): string => join(folder, sha.slice(0, 2), sha);
const isComplete = (file: string, size: number): boolean => statSync(file, { throwIfNoEntry: false })?.size === size;

const store = (folder: string, sha: string, bytes: Buffer): void => {
  const part = join(folder, sha.slice(0, 2), `.${sha.slice(0, 16)}-${randomBytes(6).toString('hex')}`);
  mkdirSync(join(folder, sha.slice(0, 2)), { recursive: true, mode: 0o700 });
  try {
    writeFileSync(part, bytes, { mode: 0o600, flag: 'wx' });
    renameSync(part, pathOf(folder, sha));
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  }
};

const isSha = (text: string): boolean => /^[0-9a-f]{64}$/.test(text);

export const readBlobs = (folder: string): BlobReader => ({
  get: (sha) => {
    if (!isSha(sha)) return null;
    try {
      const bytes = readFileSync(pathOf(folder, sha));
      return shaOf(bytes) === sha ? bytes.toString('utf8') : null;
    } catch {
      return null;
    }
  },
});

export const createBlobs = (folder: string): BlobStore => {
  const unsynced = new Set<string>();
  return {
    ...readBlobs(folder),
    put: (text) => {
      // A lone surrogate has no UTF-8: as bytes it would come back as something else.
      if (!text.isWellFormed()) return null;
      const bytes = Buffer.from(text, 'utf8');
      const sha = shaOf(bytes);
      try {
        if (!isComplete(pathOf(folder, sha), bytes.length)) {
          store(folder, sha, bytes);
          unsynced.add(sha);
        }
      } catch {
        return null;
      }
      return { $blob: sha, bytes: bytes.length, preview: text.slice(0, PREVIEW_CHARS).toWellFormed() };
    },
    sync: () => {
      for (const sha of unsynced) {
        const fd = openSync(pathOf(folder, sha), 'r');
        try {
          fdatasyncSync(fd);
        } finally {
          closeSync(fd);
        }
      }
      unsynced.clear();
    },
  };
};
