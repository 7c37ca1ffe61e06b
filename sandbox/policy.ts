/** What the user allows, as the configuration says it. */
import * as z from 'zod/mini';

/** `off`: no network. `loopback`: own loopback only. `on`: the network of the host. */
export const NetworkAccess = z.enum(['off', 'loopback', 'on']);
export type NetworkAccess = z.infer<typeof NetworkAccess>;

export const SandboxPolicy = z.discriminatedUnion('kind', [
  z.readonly(
    z.object({
      kind: z.literal('readOnly'),
      network: NetworkAccess,
      /** What may hold it where the best cannot be built. Absent: nothing, then it is refused. */
      fallback: z.optional(z.literal('landlock')),
    }),
  ),
  z.readonly(
    z.object({
      kind: z.literal('workspaceWrite'),
      /** Absolute. The working folder is one of them. `[]`: nothing but scratch space may be written. */
      writableRoots: z.readonly(z.array(z.string())),
      network: NetworkAccess,
      /** `private`: a /tmp of the session's own. `host`: the real one, writable. */
      tmp: z.enum(['private', 'host']),
      /** Sockets with a name. Off by default: they lead to daemons that nobody confined. */
      unixSockets: z.optional(z.boolean()),
    }),
  ),
  /** The user says that something else (a container, a VM) is the sandbox. Nothing is confined here. */
  z.readonly(z.object({ kind: z.literal('external') })),
  z.readonly(z.object({ kind: z.literal('fullAccess') })),
]);
export type SandboxPolicy = z.infer<typeof SandboxPolicy>;

/**
 * untrusted    ask for everything that is not known to be harmless
 * on-failure   run in the sandbox; when that is denied, ask to run outside
 * on-request   run in the sandbox; ask only when the model asks to leave it
 * never        never ask; what would need a question is refused
 */
export const ApprovalPolicy = z.enum(['untrusted', 'on-failure', 'on-request', 'never']);
export type ApprovalPolicy = z.infer<typeof ApprovalPolicy>;

/** A line of the rules file: commands whose words begin with `pattern`. The strictest matching rule wins. */
export const Rule = z.readonly(
  z.object({
    pattern: z.readonly(z.array(z.union([z.string(), z.readonly(z.array(z.string()))]))),
    decision: z.enum(['allow', 'prompt', 'forbidden']),
    justification: z.optional(z.string()),
    source: z.string(),
  }),
);
export type Rule = z.infer<typeof Rule>;

/** The network of a policy that confines nothing is that of the host. */
export const networkOf = (policy: SandboxPolicy): NetworkAccess =>
  policy.kind === 'readOnly' || policy.kind === 'workspaceWrite' ? policy.network : 'on';

export const confines = (policy: SandboxPolicy): boolean =>
  policy.kind === 'readOnly' || policy.kind === 'workspaceWrite';
