/** Where a command would look when it opens a path: what is read for the model by ourselves obeys the same policy. Pure. */
import { join } from 'node:path';
import { isWithin } from './paths.ts';
import type { Terrain } from './plan.ts';
import { confines, type SandboxPolicy } from './policy.ts';

const TMP_FOLDERS = ['/tmp', '/var/tmp'];

/** The path on the disk; null: a command does not see it. `real`: after every link was followed. */
export const sight = (real: string, policy: SandboxPolicy, terrain: Terrain): string | null => {
  if (!confines(policy)) return real;
  if (terrain.hidden.some(({ path }) => isWithin(real, path))) return null;
  const shown = [
    ...terrain.roots,
    ...(terrain.kept ?? []),
    ...(terrain.privateTmp === null ? [] : [terrain.privateTmp]),
  ];
  if (shown.some((folder) => isWithin(real, folder))) return real;
  if (isWithin(real, '/run')) return null;
  const tmp = TMP_FOLDERS.find((folder) => isWithin(real, folder));
  if (tmp === undefined || (policy.kind === 'workspaceWrite' && policy.tmp === 'host')) return real;
  return terrain.privateTmp === null ? null : join(terrain.privateTmp, real.slice(tmp.length));
};
