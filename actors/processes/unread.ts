/** What a terminal said and nobody read yet: its two ends, in bounded memory. */
import { createKept, danglingBytes, orphanBytes } from './kept.ts';

export interface Unread {
  /** The bytes are only lent. */
  add(bytes: Uint8Array): void;
  /** All of it; the next time there is only what is new. */
  take(): string;
}

export const createUnread = (limitBytes: number): Unread => {
  const now = { kept: createKept(limitBytes) };
  return {
    add: (bytes) => now.kept.add(bytes),
    take: () => {
      const text = now.kept.text();
      now.kept = createKept(limitBytes);
      return text;
    },
  };
};

/** Both ends of a text, in a size that the model can carry. */
export const bothEnds = (text: string, maxBytes: number): string => {
  const bytes = Buffer.from(text);
  if (bytes.length <= maxBytes) return text;
  const first = bytes.subarray(0, maxBytes >> 1);
  const last = bytes.subarray(bytes.length - (maxBytes >> 1));
  const [head, tail] = [first.subarray(0, first.length - danglingBytes(first)), last.subarray(orphanBytes(last))];
  return `${head.toString()}\n[... omitted ${bytes.length - head.length - tail.length} bytes ...]\n${tail.toString()}`;
};
