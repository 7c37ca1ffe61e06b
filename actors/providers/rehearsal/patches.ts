/** Patches that the embedded model writes, and the pieces of results that it reads. */

/** A result may begin with lines about the process; the text itself follows the word `Output:`. */
export const outputOf = (result: string): string => /(?:^|\n)Output:\n([\s\S]*)$/.exec(result)?.[1] ?? result;

/** What a new file shall hold: the poem, the text in quotes, or the words as they stand. */
export const contentOf = (said: string | undefined, poem: readonly string[]): readonly string[] => {
  const words = (said ?? '').trim();
  if (words === '' || /\bpoem\b/i.test(words)) return poem;
  return words
    .replace(/^(the )?(text|words|line|content)s?:? /i, '')
    .replace(/^(["'`])([\s\S]*)\1[.!]?$/, '$2')
    .split('\n');
};

export const addFile = (path: string, lines: readonly string[]): string =>
  ['*** Begin Patch', `*** Add File: ${path}`, ...lines.map((line) => `+${line}`), '*** End Patch', ''].join('\n');

/** Changes every line that holds `from`; null when none does. */
export const changeFile = (path: string, content: string, from: string, to: string): string | null => {
  const lines = content.split('\n').filter((line) => from !== '' && line.includes(from));
  if (lines.length === 0) return null;
  const hunks = lines.flatMap((line) => ['@@', `-${line}`, `+${line.replaceAll(from, to)}`]);
  return ['*** Begin Patch', `*** Update File: ${path}`, ...hunks, '*** End Patch', ''].join('\n');
};
