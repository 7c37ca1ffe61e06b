/**
 * No sandbox. Never a fallback: it is for policies that ask for none, and for one command that a person let out.
 */
import { confines, type SandboxPolicy } from '../policy.ts';
import type { SandboxBackend } from '../plan.ts';

const inWords = (policy: SandboxPolicy): string =>
  policy.kind === 'external' ? 'external sandbox' : 'no sandbox · full access';

export const direct: SandboxBackend = {
  name: 'direct',

  unavailable: (_host, policy) =>
    confines(policy)
      ? {
          layer: 'policy',
          reason: `the policy is ${policy.kind === 'readOnly' ? 'read-only' : 'workspace-write'}, and running directly confines nothing`,
          remedy: 'choose danger-full-access if that is what you want',
        }
      : null,

  confine: (command, policy) => ({
    ...command,
    backend: 'direct',
    inherited: [],
    statusFd: null,
    ownsDescendants: false,
    residue: [],
    inWords: { backend: 'direct', sandbox: inWords(policy) },
  }),

  denial: () => null,
};
