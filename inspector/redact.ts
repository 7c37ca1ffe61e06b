/** What must not leave this machine with a page, and how much of it was found. Pure; `clean` is the caller's. */
import type { Story } from './story.ts';

export interface Redaction {
  readonly story: Story;
  /** Tokens in the story, of now and of when it was written → how often they stand in it. */
  readonly found: ReadonlyMap<string, number>;
}

const TOKEN = /\[secret:[0-9a-f]{8}\]/g;

export const redacted = (story: Story, clean: (text: string) => string): Redaction => {
  const walk = (value: unknown): unknown => {
    if (typeof value === 'string') return clean(value);
    if (Array.isArray(value)) return value.map(walk);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [clean(key), walk(part)]));
  };
  const { charts, ...rest } = story;
  const cleaned = { ...(walk(rest) as Omit<Story, 'charts'>), charts };
  const found = new Map<string, number>();
  for (const [token] of JSON.stringify(cleaned).matchAll(TOKEN)) found.set(token, (found.get(token) ?? 0) + 1);
  return { story: cleaned, found };
};
