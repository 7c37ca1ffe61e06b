/** What the user allows, as the configuration says it. */
import * as z from 'zod/mini';
import { isHostEntry } from './hosts.ts';

export const HostEntry = z
  .string()
  .check(z.refine(isHostEntry, 'expected a name, *.name or an address, followed by :port or by nothing'));

/** `off`: no network. `loopback`: own loopback only. `on`: the network of the host. A list: nothing but these hosts. */
export const NetworkAccess = z.union([
  z.enum(['off', 'loopback', 'on']),
  /** `except`: of what the list means, these are not; without a port, on none. */
  z.readonly(z.object({ hosts: z.readonly(z.array(HostEntry)), except: z.optional(z.readonly(z.array(HostEntry))) })),
]);
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
 * on-request   run in the sandbox; ask only when the model asks to leave it, or when a host was wanted that is not listed
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

/** A line of the rules file about a host, where the network is a list. What is forbidden is never asked about. */
export const HostRule = z.readonly(
  z.object({
    host: HostEntry,
    decision: z.enum(['allow', 'forbidden']),
    justification: z.optional(z.string()),
    source: z.string(),
    /** Only for commands in this folder and below it. Absolute. */
    folder: z.optional(z.string()),
  }),
);
export type HostRule = z.infer<typeof HostRule>;

/** The network of a policy that confines nothing is that of the host. */
export const networkOf = (policy: SandboxPolicy): NetworkAccess =>
  policy.kind === 'readOnly' || policy.kind === 'workspaceWrite' ? policy.network : 'on';

/** The hosts of a policy that lists some; null: it has another kind of network. */
export const hostsOf = (policy: SandboxPolicy): readonly string[] | null => {
  const network = networkOf(policy);
  return typeof network === 'string' ? null : network.hosts;
};

export const exceptOf = (policy: SandboxPolicy): readonly string[] => {
  const network = networkOf(policy);
  return typeof network === 'string' ? [] : (network.except ?? []);
};

export const withoutNetwork = (policy: SandboxPolicy): SandboxPolicy =>
  policy.kind === 'readOnly' || policy.kind === 'workspaceWrite' ? { ...policy, network: 'off' } : policy;

/** What a backend keeps instead of a list of hosts, where it has no gate to let a command out through. */
export const NO_LIST = 'off, since a list of hosts cannot be kept here';

/** Entries of a list that are shown by name. */
const SHOWN_HOSTS = 3;

const few = (hosts: readonly string[]): string =>
  hosts.slice(0, SHOWN_HOSTS).join(', ') +
  (hosts.length > SHOWN_HOSTS ? ` and ${hosts.length - SHOWN_HOSTS} more` : '');

export const networkInWords = (network: NetworkAccess): string => {
  if (typeof network === 'string') return network;
  const { hosts, except = [] } = network;
  const less = except.length > 0 ? `, never ${few(except)}` : '';
  return `only ${few(hosts)}${less}`;
};

export const confines = (policy: SandboxPolicy): boolean =>
  policy.kind === 'readOnly' || policy.kind === 'workspaceWrite';
