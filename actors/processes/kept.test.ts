import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createKept } from './kept.ts';
import { wholeCharacters } from './printed.ts';

const cut = (bytes: Buffer, cuts: readonly number[]): Buffer[] => {
  const points = [0, ...cuts.map((at) => at % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return points.slice(1).map((end, i) => bytes.subarray(points[i], end));
};
const texts = fc.string({ unit: 'grapheme', maxLength: 200 });
const cuts = fc.array(fc.nat(2_000), { maxLength: 20 });

it('R21: keeps both ends of anything, never half a character, and counts what is missing', () => {
  fc.assert(
    fc.property(texts, cuts, fc.integer({ min: 8, max: 64 }), (text, at, limit) => {
      const bytes = Buffer.from(text);
      const kept = createKept(limit);
      for (const chunk of cut(bytes, at)) kept.add(chunk);
      const [head, tail] = kept.text().split(/\n\[\.\.\. \d+ bytes left out \.\.\.\]\n/) as [string, string?];
      expect(kept.totalBytes()).toBe(bytes.length);
      if (kept.omittedBytes() === 0) {
        expect(head).toBe(text);
        return;
      }
      expect(text.startsWith(head)).toBe(true);
      expect(text.endsWith(tail!)).toBe(true);
      expect(Buffer.byteLength(head + tail!) + kept.omittedBytes()).toBe(bytes.length);
      expect(Buffer.byteLength(head + tail!)).toBeGreaterThan(limit - 8);
    }),
  );
});

it('R21: characters that were cut come whole, from a buffer that is used again', () => {
  fc.assert(
    fc.property(texts, cuts, (text, at) => {
      const pieces: string[] = [];
      const gate = wholeCharacters((bytes) => pieces.push(Buffer.from(bytes).toString()));
      for (const chunk of cut(Buffer.from(text), at)) {
        gate.add(chunk);
        chunk.fill(0); // lent, and overwritten
      }
      gate.end();
      expect(pieces.join('')).toBe(text);
      expect(pieces).not.toContain('');
    }),
  );
});
