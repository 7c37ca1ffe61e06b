/** What stands at a path now. The only reader of the disk in this folder; it changes nothing. */
import { lstatSync, readFileSync, readlinkSync } from 'node:fs';

/** A file larger than this is not edited by a patch. Bytes. */
export const MAX_FILE_BYTES = 64 * 1024 * 1024;

export type Seen =
  | { readonly kind: 'absent' }
  | { readonly kind: 'file'; readonly bytes: Buffer; readonly mode: number }
  | { readonly kind: 'link'; readonly target: string }
  | { readonly kind: 'folder' }
  /** Not readable, too large, a device, a socket. */
  | { readonly kind: 'closed'; readonly reason: string };

export const codeOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error ? String(error.code) : error.message;
};

/** Why the system said no, in the words of the system: who looks for a denial by the sandbox looks for these. */
export const reasonOf = (error: unknown): string => {
  const code = codeOf(error);
  const words: Readonly<Record<string, string>> = {
    ENOENT: 'No such file or directory',
    ENOTDIR: 'Not a directory',
    EISDIR: 'Is a directory',
    EACCES: 'Permission denied',
    EPERM: 'Operation not permitted',
    EROFS: 'Read-only file system',
    ENOSPC: 'No space left on device',
    ENAMETOOLONG: 'File name too long',
    ERR_INVALID_ARG_VALUE: 'the path contains a null byte',
  };
  return words[code] ?? code;
};

/** `path` as it is, without following it if it is a symlink. */
export const see = (path: string): Seen => {
  try {
    const stat = lstatSync(path);
    if (stat.isSymbolicLink()) return { kind: 'link', target: readlinkSync(path) };
    if (stat.isDirectory()) return { kind: 'folder' };
    if (!stat.isFile()) return { kind: 'closed', reason: 'it is not a regular file' };
    if (stat.size > MAX_FILE_BYTES) return { kind: 'closed', reason: `it is larger than ${MAX_FILE_BYTES} bytes` };
    return { kind: 'file', bytes: readFileSync(path), mode: stat.mode & 0o7777 };
  } catch (error) {
    const code = codeOf(error);
    return code === 'ENOENT' || code === 'ENOTDIR' ? { kind: 'absent' } : { kind: 'closed', reason: reasonOf(error) };
  }
};

/** Null: these bytes are not UTF-8, so no text can be edited in them without harm to the rest. */
export const textOf = (bytes: Uint8Array): string | null => {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
};
