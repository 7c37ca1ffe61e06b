/** What the model reads of the answer of a tool: its text, and a word on whatever is no text. Pure. */
import { MODEL_OUTPUT_BYTES } from '../../machines/limits.ts';
import { createKept } from '../processes/kept.ts';

/** One part of an answer; servers may send kinds that nobody knows yet. */
interface Part {
  readonly type: string;
  readonly [key: string]: unknown;
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
/** Of base64. */
const bytesIn = (data: unknown): number => Math.floor((text(data).length * 3) / 4);

const inWords = (part: Part): string => {
  switch (part.type) {
    case 'text':
      return text(part['text']);
    case 'image':
    case 'audio':
      return `[${part.type} ${text(part['mimeType'])}, ${bytesIn(part['data'])} bytes, not shown]`;
    case 'resource_link':
      return `[resource ${text(part['uri'])} ${text(part['name'])}]`;
    case 'resource': {
      const resource = (part['resource'] ?? {}) as Readonly<Record<string, unknown>>;
      const uri = text(resource['uri']);
      return typeof resource['text'] === 'string'
        ? `${uri}\n${resource['text']}`
        : `[resource ${uri} ${text(resource['mimeType'])}, ${bytesIn(resource['blob'])} bytes, not shown]`;
    }
    default:
      return `[${part.type}, not shown]`;
  }
};

/** In a size that the model can carry: where it is longer, its middle is left out. */
export const bounded = (words: string): string => {
  const kept = createKept(MODEL_OUTPUT_BYTES);
  kept.add(Buffer.from(words));
  return kept.text();
};

export const contentInWords = (parts: readonly Part[], structured: unknown): string => {
  const words = parts.map(inWords).filter((part) => part !== '');
  if (words.length > 0) return bounded(words.join('\n'));
  return structured === undefined ? '(no output)' : bounded(JSON.stringify(structured));
};
