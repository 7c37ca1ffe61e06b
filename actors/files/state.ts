/** What stands at a path: enough to tell whether it is still the same, and to make it again. Data. */
import * as z from 'zod/mini';

export const State = z.discriminatedUnion('kind', [
  z.readonly(z.object({ kind: z.literal('absent') })),
  z.readonly(
    z.object({
      kind: z.literal('file'),
      mode: z.int(),
      /** Of the contents; null: they were not read, and the stamp alone tells. */
      hash: z.nullable(z.string()),
      /** Whether the contents of that hash are in the store. */
      isSaved: z.boolean(),
      /** Changes with whatever is done to the file. */
      stamp: z.string(),
    }),
  ),
  z.readonly(z.object({ kind: z.literal('link'), target: z.string() })),
  z.readonly(z.object({ kind: z.literal('folder'), mode: z.int() })),
  /** A socket, a device, something that cannot be read. */
  z.readonly(z.object({ kind: z.literal('other') })),
]);
export type State = z.infer<typeof State>;

export const ABSENT: State = { kind: 'absent' };

/** Nothing that this module covers is different. */
export const isSame = (left: State, right: State): boolean => {
  if (left.kind === 'file' && right.kind === 'file') {
    if (left.mode !== right.mode) return false;
    return left.hash !== null && right.hash !== null ? left.hash === right.hash : left.stamp === right.stamp;
  }
  if (left.kind === 'link' && right.kind === 'link') return left.target === right.target;
  if (left.kind === 'folder' && right.kind === 'folder') return left.mode === right.mode;
  return left.kind === 'absent' && right.kind === 'absent';
};

export const Change = z.readonly(z.object({ path: z.string(), before: State, after: State }));
export type Change = z.infer<typeof Change>;

/** By path. What was and is neither file nor folder is nobody's business here. */
export const changesBetween = (
  before: ReadonlyMap<string, State>,
  after: ReadonlyMap<string, State>,
): readonly Change[] =>
  [...new Set([...before.keys(), ...after.keys()])].flatMap((path) => {
    const change = { path, before: before.get(path) ?? ABSENT, after: after.get(path) ?? ABSENT };
    const isOther = change.before.kind === 'other' && change.after.kind === 'other';
    return isOther || isSame(change.before, change.after) ? [] : [change];
  });

/** What is kept of a turn that may have written. */
export const Manifest = z.readonly(
  z.object({
    v: z.literal(1),
    turnId: z.string(),
    /** `open`: it has not ended, or nobody saw its end. `undone`: a rewind has taken it back. */
    state: z.enum(['open', 'settled', 'undone']),
    /** The folders that were looked at; nothing outside of them is touched. */
    roots: z.readonly(z.array(z.string())),
    changes: z.readonly(z.array(Change)),
    /** In words: what may have changed and cannot be brought back. */
    notCovered: z.readonly(z.array(z.string())),
  }),
);
export type Manifest = z.infer<typeof Manifest>;
