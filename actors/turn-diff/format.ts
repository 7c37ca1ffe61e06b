/** Two sights of a file → its part of a git diff. Pure. What `git apply` makes of it is tested. */
import { unified } from '../patch/unified.ts';
import { isSameSight, type Sight } from './sight.ts';

/** Lines of unchanged text around a change, as git has it. */
const CONTEXT_LINES = 3;
const NO_BLOB = '0'.repeat(40);

export interface Entry {
  /** Relative to the root, with forward slashes. */
  readonly oldPath: string;
  readonly newPath: string;
  readonly before: Sight;
  readonly after: Sight;
}

const ESCAPES: Readonly<Record<string, string>> = { '"': '\\"', '\\': '\\\\', '\n': '\\n', '\t': '\\t', '\r': '\\r' };

/** Git puts a name in quotes when it could be taken for something else. */
const name = (path: string): string =>
  /["\\\u0000-\u001F\u007F]/.test(path)
    ? `"${path.replace(/["\\\u0000-\u001F\u007F]/g, (char) => ESCAPES[char] ?? `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`)}"`
    : path;

/** A name with a space ends with a tab, or a reader would not know where it ends. */
const fileName = (path: string): string => (path.includes(' ') ? `${name(path)}\t` : name(path));

const idOf = (sight: Sight): string => (sight.kind === 'blob' ? sight.id : NO_BLOB);
const textOf = (sight: Sight): string | null =>
  sight.kind === 'absent' ? '' : sight.kind === 'blob' ? sight.text : null;
const isLink = (sight: Sight) => sight.kind !== 'absent' && sight.mode === '120000';

const modeLines = ({ before, after }: Entry): string[] => {
  if (before.kind === 'absent') return after.kind === 'absent' ? [] : [`new file mode ${after.mode}`];
  if (after.kind === 'absent') return [`deleted file mode ${before.mode}`];
  return before.mode === after.mode ? [] : [`old mode ${before.mode}`, `new mode ${after.mode}`];
};

const renameLines = ({ oldPath, newPath, before, after }: Entry): string[] =>
  oldPath === newPath
    ? []
    : [
        ...(idOf(before) === idOf(after) ? ['similarity index 100%'] : []),
        `rename from ${name(oldPath)}`,
        `rename to ${name(newPath)}`,
      ];

const contentLines = ({ oldPath, newPath, before, after }: Entry): string[] => {
  if (before.kind === 'blob' && after.kind === 'blob' && before.id === after.id) return [];
  const from = before.kind === 'absent' ? '/dev/null' : fileName(`a/${oldPath}`);
  const to = after.kind === 'absent' ? '/dev/null' : fileName(`b/${newPath}`);
  const mode =
    before.kind !== 'absent' && after.kind !== 'absent' && before.mode === after.mode ? ` ${after.mode}` : '';
  const index = `index ${idOf(before)}..${idOf(after)}${mode}`;
  const [old, now] = [textOf(before), textOf(after)];
  if (old === null || now === null) return [index, `Binary files ${from.trimEnd()} and ${to.trimEnd()} differ`];
  return old === now ? [index] : [index, `--- ${from}`, `+++ ${to}`, unified(old, now, CONTEXT_LINES).slice(0, -1)];
};

const entryText = (entry: Entry): string =>
  [
    `diff --git ${name(`a/${entry.oldPath}`)} ${name(`b/${entry.newPath}`)}`,
    ...modeLines(entry),
    ...renameLines(entry),
    ...contentLines(entry),
    '',
  ].join('\n');

/** A file that became a symlink, or the reverse, goes and comes: the two have no lines in common. */
const split = (entry: Entry): readonly Entry[] => {
  const { oldPath, newPath, before, after } = entry;
  if (before.kind === 'absent' || after.kind === 'absent' || isLink(before) === isLink(after)) return [entry];
  return [
    { ...entry, newPath: oldPath, after: { kind: 'absent' } },
    { ...entry, oldPath: newPath, before: { kind: 'absent' } },
  ];
};

export const format = (entries: readonly Entry[]): string =>
  entries
    .filter(({ oldPath, newPath, before, after }) => oldPath !== newPath || !isSameSight(before, after))
    .toSorted((a, b) => (a.newPath < b.newPath ? -1 : a.newPath > b.newPath ? 1 : 0))
    .flatMap(split)
    .map(entryText)
    .join('');
