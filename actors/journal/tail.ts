/**
 * The end of a journal that somebody stopped writing, made fit to be written on. A record is whole with its newline;
 * one that only lacks the newline is completed, one that lacks more is cut off and quoted in a notice.
 */
import { closeSync, fstatSync, ftruncateSync, openSync, readSync } from 'node:fs';
import { READ_CHUNK_BYTES, TORN_QUOTE_BYTES } from './limits.ts';
import { parseLine } from './line.ts';
import type { Notice } from './notice.ts';

export interface Tail {
  /** The newest whole record; 0 when there is none but the head, null when there is not even a head. */
  readonly lastSeq: number | null;
  readonly notice: Notice | null;
  /** What has to be written before the next record: the newline that a whole record lacks, or nothing. */
  readonly owed: '' | '\n';
}

const NEWLINE = 0x0a;

const readAt = (fd: number, from: number, to: number): Buffer => {
  const bytes = Buffer.alloc(to - from);
  let filled = 0;
  while (filled < bytes.length) {
    const count = readSync(fd, bytes, filled, bytes.length - filled, from + filled);
    if (count === 0) return bytes.subarray(0, filled);
    filled += count;
  }
  return bytes;
};

/** Where the line begins that ends before `end`. */
const lineStart = (fd: number, end: number): number => {
  for (let to = end; to > 0;) {
    const from = Math.max(0, to - READ_CHUNK_BYTES);
    const at = readAt(fd, from, to).lastIndexOf(NEWLINE);
    if (at >= 0) return from + at + 1;
    to = from;
  }
  return 0;
};

const lastSeqBefore = (fd: number, size: number): number | null => {
  for (let end = size; end > 0;) {
    // The byte before `end` ends this line, unless it is the last one and lacks its newline: then it is a brace.
    const start = lineStart(fd, end - 1);
    const line = parseLine(readAt(fd, start, end).toString('utf8'));
    if (line.kind === 'record') return line.seq;
    if (line.kind === 'head') return 0;
    end = start;
  }
  return null;
};

/** Looks at the file and mends it, in place. Only the holder of the session's lock may. */
export const repairTail = (file: string): Tail => {
  const fd = openSync(file, 'r+');
  try {
    const size = fstatSync(fd).size;
    const start = lineStart(fd, size);
    if (start === size) return { lastSeq: lastSeqBefore(fd, size), notice: null, owed: '' };
    const torn = readAt(fd, start, size);
    if (parseLine(torn.toString('utf8')).kind !== 'bad')
      return { lastSeq: lastSeqBefore(fd, size), notice: null, owed: '\n' };
    ftruncateSync(fd, start);
    const text = torn.subarray(0, TORN_QUOTE_BYTES).toString('utf8');
    return {
      lastSeq: lastSeqBefore(fd, start),
      notice: { kind: 'tornTail', offset: start, bytes: torn.length, text },
      owed: '',
    };
  } finally {
    closeSync(fd);
  }
};
