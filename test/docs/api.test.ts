/** Every export of the package says what it is, and the page about them is the exports of today. */
import { readFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { API_FILE, apiPage, described, undescribed } from './api-page.ts';

vi.setConfig({ testTimeout: 120_000 }); // the checker reads everything that the library leads to

const all = described();

describe('the exports of the package', () => {
  it('each say what they are, in a comment', () => {
    expect(undescribed(all)).toEqual([]);
    const bare = all.map((one) => ({ ...one, exports: one.exports.map((some) => ({ ...some, words: '' })) }));
    expect(undescribed(bare).length).toBe(all.reduce((sum, { exports }) => sum + exports.length, 0));
  });
});

describe('docs/api.md', () => {
  it('is what the package exports today (else: node test/docs/api-page.ts)', async () => {
    expect(readFileSync(API_FILE, 'utf8')).toBe(await apiPage(all));
  });
});
