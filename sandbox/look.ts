/** The questions that are asked of a disk; `host.ts` answers them, and tests answer them from a list. */

export type Kind = 'folder' | 'file' | 'link' | 'other';

/** None of them follows a link, except `realpath`. */
export interface Look {
  readonly realpath: (path: string) => string | null;
  readonly kind: (path: string) => Kind | null;
  readonly list: (path: string) => ReadonlyMap<string, Kind>;
  readonly text: (path: string) => string | null;
  readonly link: (path: string) => string | null;
  readonly isWritable: (path: string) => boolean;
}
