/**
 * A record before it is a line, and after: secrets out, long strings and repeating parts to the side folder, and back.
 *
 *   {"$blob": sha, …}   stands for the text (or, with `json`, the value) in the side folder
 *   {"$raw": {…}}       an object that happened to have such a key of its own
 *
 * The common record is short and innocent; it is recognised by its text alone and never walked.
 */
import type { BlobReader, BlobRef, BlobStore } from './blobs.ts';
import { INLINE_CHARS, PLAIN_LINE_CHARS, SHARED_CHARS } from './limits.ts';
import type { Redactor } from './secrets.ts';

type Plain = Readonly<Record<string, unknown>>;

/** Carried unchanged by many records, as a whole. */
const REPEATED = 'env';
/** Carries again what other records carried one by one; of its strings, shorter ones are shared too. */
const RETOLD = 'history';
/** The provider's own sealed words. They are sent back bit by bit or not at all. */
const SEALED = 'sealed';

const isPlain = (value: unknown): value is Plain =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isOurs = (value: Plain): boolean => Object.hasOwn(value, '$blob') || Object.hasOwn(value, '$raw');
const OURS = /\$(?:blob|raw)/;

export type Pack = (record: object) => string;

/** How the part that is walked is treated. */
interface Way {
  readonly clean: (text: string) => string;
  readonly inlineChars: number;
}

export const createPack = (redactor: Redactor, blobs: BlobStore): Pack => {
  const share = (value: unknown): unknown => {
    const text = JSON.stringify(value);
    if (text.length < SHARED_CHARS) return value;
    const ref = blobs.put(text);
    return ref === null ? value : { ...ref, json: true };
  };
  const walkObject = (value: Plain, way: Way): unknown => {
    const out = Object.fromEntries(
      Object.entries(value).map(([key, part]) => {
        if (key === SEALED) return [key, walk(part, { ...way, clean: (text) => text })];
        if (key === RETOLD) return [key, walk(part, { ...way, inlineChars: SHARED_CHARS })];
        const walked = walk(part, way);
        return [way.clean(key), key === REPEATED && isPlain(part) ? share(walked) : walked];
      }),
    );
    return isOurs(out) ? { $raw: out } : out;
  };
  const walk = (value: unknown, way: Way): unknown => {
    if (typeof value === 'string') {
      const text = way.clean(value);
      return text.length > way.inlineChars ? (blobs.put(text) ?? text) : text;
    }
    if (Array.isArray(value)) return value.map((part) => walk(part, way));
    return isPlain(value) ? walkObject(value, way) : value;
  };

  return (record) => {
    const line = JSON.stringify(record);
    if (line.length <= PLAIN_LINE_CHARS && !redactor.mayHold(line) && !OURS.test(line)) return line;
    // Through JSON once more: what is walked is what would have been written.
    return JSON.stringify(walk(JSON.parse(line), { clean: redactor.clean, inlineChars: INLINE_CHARS }));
  };
};

const isRef = (value: Plain): value is Plain & BlobRef =>
  typeof value['$blob'] === 'string' && typeof value['bytes'] === 'number' && typeof value['preview'] === 'string';

/** What stands in for a blob that is not read, or is not there. */
const standIn = (ref: BlobRef): unknown => (ref.json === undefined ? `${ref.preview}… [${ref.bytes} bytes]` : {});

/** Whether a line names a blob or an escaped object at all; most do not, and need no second look. */
export const isPacked = (line: string): boolean => OURS.test(line);

/** Puts back what `pack` took out. Without blobs, the beginning of each stands for the whole. */
export const unpack = (value: unknown, blobs: BlobReader | null, onMissing: (ref: BlobRef) => void): unknown => {
  if (Array.isArray(value)) return value.map((part) => unpack(part, blobs, onMissing));
  if (!isPlain(value)) return value;
  if (isRef(value)) {
    if (blobs === null) return standIn(value);
    const text = blobs.get(value.$blob);
    if (text === null) onMissing(value);
    if (text === null) return standIn(value);
    return value.json === true ? unpack(JSON.parse(text), blobs, onMissing) : text;
  }
  const inner = value['$raw'];
  const source = isPlain(inner) && Object.keys(value).length === 1 ? inner : value;
  return Object.fromEntries(Object.entries(source).map(([key, part]) => [key, unpack(part, blobs, onMissing)]));
};
