/** Keeps the first and the last half of an output in bounded memory: the beginning names the problem, the end states it. */

/** Bytes that begin a character which is not complete: 0 to 3 of them at the end. */
export const danglingBytes = (bytes: Uint8Array): number => {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return back < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) ? back : 0;
  }
  return 0;
};

/** Bytes at the beginning that belong to a character whose start was cut off. */
export const orphanBytes = (bytes: Uint8Array): number => {
  let count = 0;
  while (count < Math.min(3, bytes.length) && (bytes[count]! & 0xc0) === 0x80) count++;
  return count;
};

export interface Kept {
  add(bytes: Uint8Array): void;
  /** Everything so far, as it was, while nothing is left out. */
  whole(): Buffer;
  /** The kept text; where the middle is missing, a line says so. */
  text(): string;
  omittedBytes(): number;
  totalBytes(): number;
}

const FIRST_ROOM = 4 * 1024;

export const createKept = (limitBytes: number): Kept => {
  const half = limitBytes >> 1;
  let head = Buffer.allocUnsafe(Math.min(FIRST_ROOM, half));
  let headSize = 0;
  let ring: Buffer | null = null;
  let ringEnd = 0;
  let total = 0;

  const toHead = (bytes: Uint8Array) => {
    const size = Math.min(half - headSize, bytes.length);
    if (headSize + size > head.length) {
      const grown = Buffer.allocUnsafe(Math.min(half, Math.max(head.length * 2, headSize + size)));
      head.copy(grown, 0, 0, headSize);
      head = grown;
    }
    head.set(bytes.subarray(0, size), headSize);
    headSize += size;
    return bytes.subarray(size);
  };
  const toRing = (bytes: Uint8Array) => {
    ring ??= Buffer.allocUnsafe(half);
    const last = bytes.subarray(-half);
    const first = last.subarray(0, half - ringEnd);
    ring.set(first, ringEnd);
    ring.set(last.subarray(first.length), 0);
    ringEnd = (ringEnd + last.length) % half;
  };
  const tail = () => {
    const inRing = total - headSize;
    if (ring === null || inRing === 0) return Buffer.alloc(0);
    return inRing < half
      ? ring.subarray(0, inRing)
      : Buffer.concat([ring.subarray(ringEnd), ring.subarray(0, ringEnd)]);
  };
  /** Both ends, without the halves of characters at the cut. */
  const ends = (): readonly [Buffer, Buffer] => {
    const [first, last] = [head.subarray(0, headSize), tail()];
    if (headSize + last.length === total) return [first, last];
    return [first.subarray(0, first.length - danglingBytes(first)), last.subarray(orphanBytes(last))];
  };
  const omittedBytes = () => ends().reduce((left, end) => left - end.length, total);

  return {
    add: (bytes) => {
      total += bytes.length;
      const rest = headSize < half ? toHead(bytes) : bytes;
      if (rest.length > 0) toRing(rest);
    },
    whole: () => Buffer.concat([head.subarray(0, headSize), tail()]),
    text: () => {
      const omitted = omittedBytes();
      if (omitted === 0) return Buffer.concat(ends()).toString();
      const [first, last] = ends();
      return `${first.toString()}\n[... ${omitted} bytes left out ...]\n${last.toString()}`;
    },
    omittedBytes,
    totalBytes: () => total,
  };
};
