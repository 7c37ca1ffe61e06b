/** Lines of older versions, one step at a time: `migrations[n]` makes a line of version n + 1 from one of version n. */
import { JOURNAL_VERSION } from './line.ts';

export type PlainLine = Readonly<Record<string, unknown>>;
export type Migrations = Readonly<Record<number, (line: PlainLine) => PlainLine>>;

/** Version 1 is the first; there is nothing before it. A change of the format adds its line here. */
export const MIGRATIONS: Migrations = {};

/** The line in the newest version, or null where a step is missing. A head also says its new version. */
export const migrate = (
  line: PlainLine,
  version: number,
  migrations: Migrations = MIGRATIONS,
  target: number = JOURNAL_VERSION,
): PlainLine | null => {
  if (version > target) return null; // written by a newer one: what it changed is not known here
  let migrated = line;
  for (let from = version; from < target; from++) {
    const step = migrations[from];
    if (step === undefined) return null;
    migrated = step(migrated);
  }
  return migrated['kind'] === 'session' ? { ...migrated, v: target } : migrated;
};
