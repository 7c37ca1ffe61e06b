/** One small file a turn, beside the contents: what it changed. Written whole, or not at all. */
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Manifest } from './state.ts';

const SUFFIX = '.turn.json';

/** Turns are numbered by the session; `turn-12` is 12. */
export const numberOf = (turnId: string): number => Number(/(\d+)$/.exec(turnId)?.[1] ?? 0);

export const saveManifest = (folder: string, manifest: Manifest): void => {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, `${manifest.turnId}${SUFFIX}`);
  writeFileSync(`${file}.new`, JSON.stringify(manifest), { mode: 0o600 });
  renameSync(`${file}.new`, file);
};

const read = (file: string): Manifest | null => {
  try {
    const parsed = Manifest.safeParse(JSON.parse(readFileSync(file, 'utf8')));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
};

/** Newest first. */
export const manifestsIn = (folder: string): readonly Manifest[] => {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith(SUFFIX))
      .flatMap((name) => read(join(folder, name)) ?? [])
      .sort((left, right) => numberOf(right.turnId) - numberOf(left.turnId));
  } catch {
    return [];
  }
};
