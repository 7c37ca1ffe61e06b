/** Before any test: without a sandbox half of the promises cannot be looked at, and a green run would be a lie. */
import { findHost } from '../sandbox/host.ts';

export const setup = (): void => {
  const { platform, helpers } = findHost();
  if (platform !== 'linux' || helpers['bwrap'] !== undefined) return;
  throw new Error(
    'bubblewrap is missing, and the tests run real commands in a real sandbox: apt-get install bubblewrap (or your package manager)',
  );
};
