/**
 * AGENTS.md: what the user and the project want every agent to know. Found from the root of the project down to the working
 * folder, one file a folder, after the user's own. Nothing here fails: a file that cannot be read is not there.
 */
import { closeSync, existsSync, fstatSync, openSync, readSync, realpathSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isWithin } from '../patch/locate.ts';

const OVERRIDE = 'AGENTS.override.md';
const USUAL = 'AGENTS.md';
const SEPARATOR = '--- project-doc ---';

export interface DocOptions {
  /** The runtime's own folder, where the user's file is. */
  readonly home: string;
  readonly cwd: string;
  /** For all files of the project together. 0: none of them is read. */
  readonly maxBytes: number;
  /** Names that count where a folder has no AGENTS.md. */
  readonly fallbackNames: readonly string[];
  /** What marks the root of a project. `[]`: only the working folder is looked at. */
  readonly rootMarkers: readonly string[];
}

export interface ProjectDoc {
  /** Empty: there is none. */
  readonly text: string;
  /** The files it was made from, in order. */
  readonly sources: readonly string[];
  /** The last file did not fit. */
  readonly wasCut: boolean;
}

interface Found {
  readonly path: string;
  readonly text: string;
}

/** A document larger than this is read up to here. Bytes. */
const MAX_READ_BYTES = 1024 * 1024;

/**
 * A folder of that name is not a document. A symlink to one is, unless it leads out of `within`: a repository must not be
 * able to send the user's other files to the model.
 */
const readFile = (path: string, within: string | null): Found | null => {
  try {
    if (!statSync(path).isFile()) return null;
    if (within !== null && !isWithin(realpathSync(path), realpathSync(within))) return null;
    const fd = openSync(path, 'r');
    try {
      const bytes = Buffer.alloc(Math.min(fstatSync(fd).size, MAX_READ_BYTES));
      return { path, text: bytes.subarray(0, readSync(fd, bytes)).toString() };
    } finally {
      closeSync(fd);
    }
  } catch {
    return null;
  }
};

/** From `cwd` up to the nearest folder with a marker, in the order from the top; `cwd` alone where there is none. */
export const foldersOf = (cwd: string, hasMarker: (folder: string) => boolean): readonly string[] => {
  const folders: string[] = [];
  for (let at = cwd; ; at = dirname(at)) {
    folders.unshift(at);
    if (hasMarker(at)) return folders;
    if (at === dirname(at)) return [cwd];
  }
};

/** The beginning of `text` that fits, never half a character. */
export const cutBytes = (text: string, maxBytes: number): string => {
  const bytes = Buffer.from(text);
  if (bytes.length <= maxBytes) return text;
  let end = maxBytes;
  while (end > 0 && (bytes[end]! & 0xc0) === 0x80) end--;
  return bytes.subarray(0, end).toString();
};

const fit = (
  files: readonly Found[],
  maxBytes: number,
): { readonly files: readonly Found[]; readonly wasCut: boolean } => {
  const kept: Found[] = [];
  let room = maxBytes;
  for (const { path, text } of files) {
    const cut = cutBytes(text, room);
    if (cut.trim() !== '') kept.push({ path, text: cut });
    if (cut !== text) return { files: kept, wasCut: true };
    room -= Buffer.byteLength(text);
  }
  return { files: kept, wasCut: false };
};

const isWritten = (found: Found | null): found is Found => found !== null && found.text.trim() !== '';

/** Reads the disk; the only function here that does. */
export const findProjectDoc = ({ home, cwd, maxBytes, fallbackNames, rootMarkers }: DocOptions): ProjectDoc => {
  const own = [OVERRIDE, USUAL].map((name) => readFile(join(home, name), null)).find(isWritten) ?? null;
  const hasMarker = (folder: string) => rootMarkers.some((marker) => existsSync(join(folder, marker)));
  const folders = maxBytes > 0 ? foldersOf(cwd, hasMarker) : [];
  const inFolder = (folder: string): Found | null => {
    for (const name of [OVERRIDE, USUAL, ...fallbackNames]) {
      const found = readFile(join(folder, name), folders[0]!);
      if (found !== null) return found;
    }
    return null;
  };
  const { files, wasCut } = fit(folders.map(inFolder).filter(isWritten), maxBytes);
  const project = files.map(({ text }) => text).join('\n\n');
  const text = [own?.text, project].filter(Boolean).join(`\n\n${SEPARATOR}\n\n`);
  return { text, sources: [...(own ? [own] : []), ...files].map(({ path }) => path), wasCut };
};
