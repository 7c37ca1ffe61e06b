/**
 * The pictures of prompts as files, since a session remembers where a picture is and not its bytes. They lie beside the
 * journal, so that a session that is resumed still has them; without one they go when the session is closed.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Of one picture. Providers take no more. Bytes. */
const MAX_PICTURE_BYTES = 20 * 1024 * 1024;

export interface Pictures {
  /** The path of a file with these bytes, or why there is none. */
  save(base64: string): { readonly path: string } | { readonly why: string };
  close(): void;
}

/** By content: what a client says of it may be wrong, and a provider would refuse the whole prompt. */
const KINDS: readonly (readonly [extension: string, fits: (head: string) => boolean])[] = [
  ['png', (head) => head.startsWith('\x89PNG')],
  ['jpg', (head) => head.startsWith('\xff\xd8\xff')],
  ['gif', (head) => head.startsWith('GIF8')],
  ['webp', (head) => head.startsWith('RIFF') && head.startsWith('WEBP', 8)],
];

export const createPictures = (place: { readonly home: string; readonly id: string } | null): Pictures => {
  const made = { folder: null as string | null };
  const folder = (): string => {
    if (made.folder !== null) return made.folder;
    made.folder =
      place === null
        ? mkdtempSync(join(tmpdir(), 'turnstile-pictures-'))
        : join(place.home, 'sessions', 'pictures', place.id);
    mkdirSync(made.folder, { recursive: true, mode: 0o700 });
    return made.folder;
  };
  return {
    save: (base64) => {
      const bytes = Buffer.from(base64, 'base64');
      const head = bytes.subarray(0, 12).toString('latin1');
      const extension = KINDS.find(([, fits]) => fits(head))?.[0];
      if (extension === undefined) return { why: 'a picture must be PNG, JPEG, GIF or WebP, in base64' };
      if (bytes.length > MAX_PICTURE_BYTES)
        return { why: `a picture may have ${MAX_PICTURE_BYTES} bytes, not ${bytes.length}` };
      const name = createHash('sha256').update(bytes).digest('hex').slice(0, 32);
      const path = join(folder(), `${name}.${extension}`);
      writeFileSync(path, bytes, { mode: 0o600 });
      return { path };
    },
    close: () => {
      if (place === null && made.folder !== null) rmSync(made.folder, { recursive: true, force: true });
    },
  };
};
