/**
 * Images of user messages as data URLs. Read once per item, so that the same history stays the same bytes
 * even when the file changes or goes.
 */
import type { Item, UserItem } from '../../machines/protocol/index.ts';

/** Largest image that is sent. Bytes. Providers refuse more anyway, and then the whole request with it. */
export const MAX_IMAGE_BYTES = 20 * 1024 * 1024;

export type Picture =
  | { readonly kind: 'image'; readonly mediaType: string; readonly base64: string }
  | { readonly kind: 'placeholder'; readonly text: string };

export interface Images {
  /** Reads what is not read yet; null when there is nothing to wait for. */
  load(items: readonly Item[]): Promise<void> | null;
  of(item: UserItem): readonly Picture[];
}

/** By content, since names lie. */
const mediaTypeOf = (bytes: Buffer): string | null => {
  if (bytes.subarray(0, 4).equals(Buffer.from([0x89, 0x50, 0x4e, 0x47]))) return 'image/png';
  if (bytes.subarray(0, 3).equals(Buffer.from([0xff, 0xd8, 0xff]))) return 'image/jpeg';
  if (bytes.subarray(0, 4).toString('latin1') === 'GIF8') return 'image/gif';
  if (bytes.subarray(0, 4).toString('latin1') === 'RIFF' && bytes.subarray(8, 12).toString('latin1') === 'WEBP')
    return 'image/webp';
  return null;
};

const unreadable = (path: string, why: string): Picture => ({
  kind: 'placeholder',
  text: `[image ${path} could not be sent: ${why}]`,
});

const read = async (path: string): Promise<Picture> => {
  const { readFile, stat } = await import('node:fs/promises');
  try {
    const { size } = await stat(path);
    if (size > MAX_IMAGE_BYTES) return unreadable(path, `${size} bytes, the most is ${MAX_IMAGE_BYTES}`);
    const bytes = await readFile(path);
    const mediaType = mediaTypeOf(bytes);
    if (mediaType === null) return unreadable(path, 'neither PNG, JPEG, GIF nor WebP');
    return { kind: 'image', mediaType, base64: bytes.toString('base64') };
  } catch (error) {
    return unreadable(path, error instanceof Error && 'code' in error ? String(error.code) : 'unreadable');
  }
};

export const createImages = (): Images => {
  const known = new WeakMap<UserItem, readonly Picture[]>();
  const missing = (item: Item): item is UserItem =>
    item.type === 'user' && item.images !== undefined && item.images.length > 0 && !known.has(item);
  return {
    load: (items) => {
      const unread = items.filter(missing);
      if (unread.length === 0) return null;
      const all = unread.map(async (item) => {
        known.set(item, await Promise.all((item.images ?? []).map(read)));
      });
      return Promise.all(all).then(() => undefined);
    },
    of: (item) => known.get(item) ?? [],
  };
};
