/** What a patch did, as the model reads it. */
import type { Deed } from './resolve.ts';

const LETTERS = { add: 'A', update: 'M', delete: 'D' } as const;

export const report = (deeds: readonly Deed[]): string => {
  const lines = (['add', 'update', 'delete'] as const).flatMap((kind) =>
    deeds.filter((deed) => deed.kind === kind).map((deed) => `${LETTERS[kind]} ${deed.movedTo ?? deed.path}`),
  );
  return ['Success. Updated the following files:', ...new Set(lines), ''].join('\n');
};
