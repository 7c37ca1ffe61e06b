/** What a reader has to say about a journal beside its records. A value: who shows it, and where, is not decided here. */
export type Notice =
  /** The last record was cut off while it was written. Its bytes are quoted, up to TORN_QUOTE_BYTES. */
  | { readonly kind: 'tornTail'; readonly offset: number; readonly bytes: number; readonly text: string }
  /** A line that is no record. It was left out; nobody guessed what it meant. */
  | {
      readonly kind: 'badLine';
      readonly line: number;
      readonly offset: number;
      readonly bytes: number;
      readonly why: string;
    }
  /** The file does not begin with a head that can be read. */
  | { readonly kind: 'noHead'; readonly why: string }
  /** Records are missing here. */
  | { readonly kind: 'gap'; readonly from: number; readonly to: number }
  /** A record whose number was there before; it was left out. */
  | { readonly kind: 'repeated'; readonly seq: number; readonly line: number }
  | { readonly kind: 'missingBlob'; readonly seq: number; readonly sha: string; readonly bytes: number };

export const inWords = (notice: Notice): string => {
  switch (notice.kind) {
    case 'tornTail':
      return `the last record was cut off and is left out (${notice.bytes} bytes at ${notice.offset})`;
    case 'badLine':
      return `line ${notice.line} is not a record and is left out: ${notice.why}`;
    case 'noHead':
      return `the first line does not say which session this is: ${notice.why}`;
    case 'gap':
      return `records ${notice.from} to ${notice.to} are missing`;
    case 'repeated':
      return `line ${notice.line} repeats the number ${notice.seq} and is left out`;
    case 'missingBlob':
      return `a long value of record ${notice.seq} is missing from the side folder (${notice.sha.slice(0, 12)}…); its beginning is shown`;
  }
};
