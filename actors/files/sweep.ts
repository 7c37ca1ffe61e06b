/** Removes what was saved for sessions that nobody has used for long, or for more of them than there is room. */
import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { FRESH_MS, KEEP_MS, MAX_KEPT_BYTES } from './limits.ts';

const sizeOf = (folder: string): { readonly bytes: number; readonly usedAt: number } => {
  const all = readdirSync(folder).map((name) => statSync(join(folder, name)));
  return {
    bytes: all.reduce((sum, { size }) => sum + size, 0),
    usedAt: Math.max(statSync(folder).mtimeMs, ...all.map(({ mtimeMs }) => mtimeMs)),
  };
};

/** `place`: one folder in it for each session. `own` is not touched. */
export const sweep = (place: string, own: string, now: number, maxBytes = MAX_KEPT_BYTES): void => {
  try {
    const others = readdirSync(place)
      .filter((name) => name !== own)
      .map((name) => ({ folder: join(place, name), ...sizeOf(join(place, name)) }))
      .sort((left, right) => right.usedAt - left.usedAt);
    let kept = 0;
    for (const { folder, bytes, usedAt } of others) {
      kept += bytes;
      const age = now - usedAt;
      if (age > KEEP_MS || (kept > maxBytes && age > FRESH_MS)) rmSync(folder, { recursive: true, force: true });
    }
  } catch {
    // another process sweeps too
  }
};
