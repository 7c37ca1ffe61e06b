/** Every relative link in every page leads to something, and every anchor to a heading. */
import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const pages = globSync('{*.md,{docs,machines,sandbox,actors,cli,inspector,test}/**/*.md}', { cwd: root }).sort();

const withoutCode = (text: string): string => text.replace(/^(```|~~~)[\s\S]*?^\1/gm, '').replace(/`[^`\n]*`/g, '');

const linksIn = (text: string): readonly string[] =>
  [...withoutCode(text).matchAll(/\]\(\s*<?([^\s)>]+)>?[^)]*\)/g)].flatMap(([, to]) => to ?? []);

const isOutside = (link: string): boolean => /^[a-z][a-z+.-]*:/i.test(link);

/** As hosts of repositories make them. */
const anchorOf = (heading: string): string =>
  heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

const anchorsIn = (text: string): ReadonlySet<string> =>
  new Set([...text.matchAll(/^#{1,6} (.+)$/gm)].flatMap(([, heading]) => (heading ? [anchorOf(heading)] : [])));

const problem = (page: string, link: string): string | null => {
  const [path = '', anchor] = decodeURI(link).split('#', 2);
  const target = path === '' ? page : resolve(dirname(page), path);
  if (!target.startsWith(`${root}/`)) return `${link} leads out of the repository`;
  if (!existsSync(target)) return `${link}: there is no such file`;
  if (anchor === undefined || anchor === '' || !target.endsWith('.md') || statSync(target).isDirectory()) return null;
  return anchorsIn(readFileSync(target, 'utf8')).has(anchor) ? null : `${link}: there is no such heading`;
};

const problemsOf = (page: string, text: string): readonly string[] =>
  linksIn(text)
    .filter((link) => !isOutside(link))
    .flatMap((link) => problem(page, link) ?? []);

describe('the pages', () => {
  it('are there', () => expect(pages).toEqual(expect.arrayContaining(['README.md', 'ARCHITECTURE.md'])));

  it.each(pages)('%s: every link leads somewhere', (page) => {
    const file = join(root, page);
    expect(problemsOf(file, readFileSync(file, 'utf8'))).toEqual([]);
  });

  it.each([
    ['[a](docs/nothing.md)', 'no such file'],
    ['![a](<nothing.png> "title")', 'no such file'],
    ['[a](#nowhere)', 'no such heading'],
    ['[a](../outside.md)', 'out of the repository'],
  ])('a broken one is seen: %s', (text, words) => {
    expect(problemsOf(join(root, 'README.md'), text).join()).toContain(words);
  });

  it('a link inside code is none', () => expect(linksIn('`[a](b)`\n```\n[c](d)\n```\n[e](f)')).toEqual(['f']));
});
