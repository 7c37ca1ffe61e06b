/** What git would see at a path: kind, mode, content, and the id of that content. */
import { createHash } from 'node:crypto';
import { lstatSync, readFileSync, readlinkSync } from 'node:fs';
import { textOf } from '../patch/disk.ts';

/** A larger file is only said to differ. Bytes. */
export const MAX_DIFFED_BYTES = 4 * 1024 * 1024;

export type Mode = '100644' | '100755' | '120000';

export type Sight =
  | { readonly kind: 'absent' }
  /** `text: null`: not UTF-8, so it has no lines. */
  | { readonly kind: 'blob'; readonly mode: Mode; readonly id: string; readonly text: string | null }
  /** Too large to keep. Told apart by size and time. */
  | { readonly kind: 'large'; readonly mode: Mode; readonly mark: string };

/** The name that git gives to this content. */
const blobId = (bytes: Uint8Array): string =>
  createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');

const blob = (mode: Mode, bytes: Uint8Array): Sight => {
  const text = textOf(bytes);
  return { kind: 'blob', mode, id: blobId(bytes), text: text?.includes('\0') ? null : text };
};

/** Never throws: what cannot be read is not there, as far as a diff goes. */
export const look = (path: string): Sight => {
  try {
    const stat = lstatSync(path);
    if (stat.isSymbolicLink()) return blob('120000', Buffer.from(readlinkSync(path)));
    if (!stat.isFile()) return { kind: 'absent' };
    const mode = stat.mode & 0o100 ? '100755' : '100644';
    if (stat.size > MAX_DIFFED_BYTES) return { kind: 'large', mode, mark: `${stat.size} ${stat.mtimeMs}` };
    return blob(mode, readFileSync(path));
  } catch {
    return { kind: 'absent' };
  }
};

export const isSameSight = (a: Sight, b: Sight): boolean => {
  if (a.kind === 'blob' && b.kind === 'blob') return a.id === b.id && a.mode === b.mode;
  if (a.kind === 'large' && b.kind === 'large') return a.mark === b.mark && a.mode === b.mode;
  return a.kind === 'absent' && b.kind === 'absent';
};
