/**
 * Before any test: without a sandbox half of the promises cannot be looked at, and a green run would be a lie.
 * After all of them: each journal that they made is replayed; the first divergence fails the run.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findHost } from '../sandbox/host.ts';

const lookAtHost = (): void => {
  const { platform, helpers } = findHost();
  if (platform !== 'linux' || helpers['bwrap'] !== undefined) return;
  throw new Error(
    'bubblewrap is missing, and the tests run real commands in a real sandbox: apt-get install bubblewrap (or your package manager)',
  );
};

const replayAll = async (root: string): Promise<void> => {
  const { replayEvery } = await import('./journal/every.ts');
  const { identical, damaged, unreplayable, diverged } = replayEvery(root);
  if (diverged.length > 0) throw new Error(`a journal of this run does not replay (kept):\n${diverged.join('\n')}`);
  const rest = [...(damaged > 0 ? [`${damaged} spoilt on purpose`] : []), ...unreplayable];
  if (identical > 0) console.info(`replayed ${identical} journals of this run: identical ${rest.join('; ')}`);
  rmSync(root, { recursive: true, force: true });
};

/** The folders of programs under test lie here, so that their journals are found afterwards. */
export const setup = (): (() => Promise<void>) => {
  lookAtHost();
  const root = mkdtempSync(join(tmpdir(), 'turnstile-run-'));
  process.env['TURNSTILE_TEST_ROOT'] = root;
  return () => replayAll(root);
};
