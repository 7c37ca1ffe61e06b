/** The Markdown files of the repository, and the few things in them that tests look at. Pure but for reading. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '../..');
export const documentText = (path: string): string => readFileSync(join(root, path), 'utf8');

/** Fixtures are data of tests, and are left out. */
export const documents = globSync(['*.md', 'docs/**/*.md'], { cwd: root }).sort();

const FENCE = /^```(?<info>[^\n]*)\n(?<code>[\s\S]*?)^```$/gm;

export const withoutCode = (text: string): string => text.replace(FENCE, '').replace(/`[^`\n]*`/g, '');

export const blocksOf = (text: string): readonly { readonly info: string; readonly code: string }[] =>
  [...text.matchAll(FENCE)].map(({ groups }) => ({
    info: groups?.['info']?.trim() ?? '',
    code: groups?.['code'] ?? '',
  }));

/** Targets of links, without those that lead elsewhere. */
export const linksOf = (text: string): readonly string[] =>
  [...withoutCode(text).matchAll(/\[[^\]]*\]\(([^)\s]+)\)/g)]
    .map(([, target]) => target ?? '')
    .filter((target) => !/^[a-z]+:/.test(target));

/** As GitHub makes them from headings. */
export const anchorsOf = (text: string): readonly string[] =>
  [...text.replace(FENCE, '').matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    (heading ?? '')
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

/** Everything in backticks; code blocks do not count. */
export const wordsIn = (text: string): ReadonlySet<string> =>
  new Set([...text.replace(FENCE, '').matchAll(/`([^`\n]+)`/g)].map(([, word]) => word ?? ''));
