/**
 * The reading end: what a journal holds, in order, and what is wrong with it, as values. Never throws over content.
 *
 * A torn last line is dropped, a bad line is left out, a missing blob shows its beginning; each with a notice, none
 * guessed. A reader needs no lock and may read while somebody writes: it then sees a whole number of records.
 */
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { readBlobs, type BlobReader } from './blobs.ts';
import { JournalHead, toRecord, type JournalRecord } from './format.ts';
import { READ_CHUNK_BYTES, TORN_QUOTE_BYTES } from './limits.ts';
import { parseLine, type Line } from './line.ts';
import { migrate } from './migrate.ts';
import type { Notice } from './notice.ts';
import { isPacked, unpack } from './pack.ts';

export type Entry =
  | { readonly kind: 'head'; readonly head: JournalHead }
  | { readonly kind: 'record'; readonly record: JournalRecord }
  | { readonly kind: 'notice'; readonly notice: Notice };

export interface ReadOptions {
  /** Where long values are; without it, the beginning of each stands for the whole. */
  readonly blobs?: BlobReader | null | undefined;
}

export interface Reading {
  readonly head: JournalHead | null;
  readonly records: readonly JournalRecord[];
  readonly notices: readonly Notice[];
}

interface Decoder {
  readonly push: (chunk: Buffer) => Entry[];
  readonly end: () => Entry[];
}

const NEWLINE = 0x0a;

export const createDecoder = ({ blobs = null }: ReadOptions = {}): Decoder => {
  /** What has come of the line that is not complete yet. */
  let parts: Buffer[] = [];
  let offset = 0;
  let lineNumber = 0;
  let lastSeq = 0;
  let version = 1;
  let hasHead = false;

  const notice = (value: Notice): Entry => ({ kind: 'notice', notice: value });

  const decodeHead = (line: Line & { kind: 'head' }): Entry[] => {
    if (hasHead) return []; // the first head is the session's; a later one came with a copied beginning
    hasHead = true;
    const migrated = migrate(line.value, line.version);
    const head = JournalHead.safeParse(migrated === null ? null : unpack(migrated, blobs, () => {}));
    if (!head.success)
      return [notice({ kind: 'noHead', why: `version ${line.version}: its fields are not understood` })];
    version = line.version;
    return [{ kind: 'head', head: head.data }];
  };

  const decodeRecord = (line: Line & { kind: 'record' }, isPackedLine: boolean): Entry[] | string => {
    const entries: Entry[] = [];
    if (line.seq <= lastSeq) return [notice({ kind: 'repeated', seq: line.seq, line: lineNumber })];
    const value = isPackedLine
      ? unpack(line.value, blobs, (ref) => {
          entries.push(notice({ kind: 'missingBlob', seq: line.seq, sha: ref.$blob, bytes: ref.bytes }));
        })
      : line.value;
    const migrated = migrate(value as Readonly<Record<string, unknown>>, version);
    const record = migrated === null ? null : toRecord(migrated);
    if (record === null) return 'a shape that no version has';
    const missingTo = record.kind === 'gap' ? record.to : line.seq - 1;
    if (missingTo > lastSeq) entries.push(notice({ kind: 'gap', from: lastSeq + 1, to: missingTo }));
    lastSeq = line.seq;
    return [...entries, { kind: 'record', record }];
  };

  const decode = (bytes: Buffer): Entry[] => {
    const at = offset;
    lineNumber += 1;
    offset += bytes.length + 1;
    const text = bytes.toString('utf8');
    const line = parseLine(text);
    const missing: Entry[] =
      lineNumber === 1 && line.kind !== 'head' ? [notice({ kind: 'noHead', why: 'it is something else' })] : [];
    if (line.kind === 'head') return decodeHead(line);
    const decoded = line.kind === 'bad' ? line.why : decodeRecord(line, isPacked(text));
    if (typeof decoded !== 'string') return [...missing, ...decoded];
    return [...missing, notice({ kind: 'badLine', line: lineNumber, offset: at, bytes: bytes.length, why: decoded })];
  };

  return {
    push: (chunk) => {
      const entries: Entry[] = [];
      let from = 0;
      for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, from)) {
        entries.push(...decode(Buffer.concat([...parts, chunk.subarray(from, at)])));
        parts = [];
        from = at + 1;
      }
      if (from < chunk.length) parts.push(chunk.subarray(from));
      return entries;
    },
    end: () => {
      const rest = Buffer.concat(parts);
      if (rest.length === 0) return lineNumber === 0 ? [notice({ kind: 'noHead', why: 'the file is empty' })] : [];
      // A record that lacks nothing but its newline is whole; a JSON object cannot end by accident.
      if (parseLine(rest.toString('utf8')).kind !== 'bad') return decode(rest);
      const text = rest.subarray(0, TORN_QUOTE_BYTES).toString('utf8');
      const torn = notice({ kind: 'tornTail', offset, bytes: rest.length, text });
      return lineNumber === 0 ? [notice({ kind: 'noHead', why: 'it was cut off' }), torn] : [torn];
    },
  };
};

const gather = (entries: readonly Entry[]): Reading => ({
  head: entries.find((entry) => entry.kind === 'head')?.head ?? null,
  records: entries.flatMap((entry) => (entry.kind === 'record' ? [entry.record] : [])),
  notices: entries.flatMap((entry) => (entry.kind === 'notice' ? [entry.notice] : [])),
});

export const decodeJournal = (bytes: Buffer, options: ReadOptions = {}): Reading => {
  const decoder = createDecoder(options);
  return gather([...decoder.push(bytes), ...decoder.end()]);
};

/** The whole file at once. Throws only if the file itself cannot be read. */
export const readJournal = (file: string, options: ReadOptions = {}): Reading =>
  decodeJournal(readFileSync(file), options);

/** Entry by entry, with a bounded part of the file in memory. */
export function* streamJournal(file: string, options: ReadOptions = {}): Generator<Entry, void, undefined> {
  const decoder = createDecoder(options);
  const fd = openSync(file, 'r');
  try {
    for (;;) {
      const chunk = Buffer.allocUnsafe(READ_CHUNK_BYTES);
      const count = readSync(fd, chunk, 0, chunk.length, null);
      if (count === 0) break;
      yield* decoder.push(chunk.subarray(0, count));
    }
    yield* decoder.end();
  } finally {
    closeSync(fd);
  }
}

/** Long values of the sessions under this home. */
export const blobsOf = (home: string): BlobReader => readBlobs(`${home}/sessions/blobs`);
