/** Everything that the decision table asks about a request, worked out once. Pure. */
import type { Grant } from '../machines/protocol/index.ts';
import { isBarred, isListed, targetOf } from './hosts.ts';
import { isWithin } from './paths.ts';
import type { Command, PlanRequest, Reach, SandboxBackend, Terrain, Unavailable } from './plan.ts';
import { confines, exceptOf, hostsOf, type HostRule, type SandboxPolicy } from './policy.ts';
import { choose, reasonsAgainst } from './registry.ts';
import { judge, stricter, type Verdict } from './rules.ts';
import { isDangerous, isHarmless } from './safety.ts';
import { read, suspects } from './segments.ts';
import type { Segment } from './words.ts';

export interface Facts extends PlanRequest {
  /** The policy with the folders and hosts that were granted, and what the rules say of hosts. */
  readonly sandbox: SandboxPolicy;
  readonly isConfined: boolean;
  /** What keeps the policy here; null: nothing can. */
  readonly backend: SandboxBackend | null;
  readonly obstacles: readonly Unavailable[];
  /** Something that no process could be started with. */
  readonly flaw: string | null;
  /** Null: a script that we do not fully understand. */
  readonly segments: readonly Segment[] | null;
  /** The strictest rule that restricts the command, wherever in it. */
  readonly restriction: Verdict | null;
  /** Segments that neither a rule nor a grant allows and that are not known to be harmless. */
  readonly unknown: readonly Segment[];
  readonly dangerous: readonly Segment[];
  readonly isCleared: boolean;
  /** This very command was let out of the sandbox before. */
  readonly isFree: boolean;
  readonly wantsOut: boolean;
  readonly isPatch: boolean;
  /** Known writes that the sandbox would refuse; `unasked`: those that nobody allowed yet. */
  readonly outside: readonly Reach[];
  readonly unasked: readonly Reach[];
  /** Hosts that were refused and may be asked about: neither listed by now, nor barred. */
  readonly wanted: readonly string[];
}

/** Hosts that one question names. */
const MAX_WANTED = 8;

/** A list of hosts after what the user granted and what the rules say. Where there is no list, they mean nothing. */
export const withHosts = (
  policy: SandboxPolicy,
  grants: readonly Grant[],
  rules: readonly HostRule[],
): SandboxPolicy => {
  const listed = hostsOf(policy);
  if (listed === null || (policy.kind !== 'workspaceWrite' && policy.kind !== 'readOnly')) return policy;
  const ruled = (decision: HostRule['decision']) => rules.filter((rule) => rule.decision === decision);
  const granted = grants.flatMap((grant) => (grant.kind === 'host' ? [grant.host] : []));
  const hosts = [...new Set([...listed, ...ruled('allow').map(({ host }) => host), ...granted])];
  const except = [...new Set([...exceptOf(policy), ...ruled('forbidden').map(({ host }) => host)])];
  return { ...policy, network: { hosts, ...(except.length > 0 ? { except } : {}) } };
};

/** The policy after the folders that the user granted. Give this one to `survey`, so that the folders are looked at. */
export const withGrants = (policy: SandboxPolicy, grants: readonly Grant[]): SandboxPolicy => {
  const paths = grants.flatMap((grant) => (grant.kind === 'path' ? [grant.path] : []));
  if (paths.length === 0 || !confines(policy)) return policy;
  if (policy.kind === 'workspaceWrite') {
    return { ...policy, writableRoots: [...new Set([...policy.writableRoots, ...paths])] };
  }
  return policy.kind === 'readOnly'
    ? { kind: 'workspaceWrite', writableRoots: [...new Set(paths)], network: policy.network, tmp: 'private' }
    : policy;
};

/** Names and values end at NUL for the system, and a name ends at `=`. */
const flawOf = ({ argv, cwd, env, writes = [] }: Command): string | null => {
  if (argv[0] === '') return 'the command is empty';
  const values = [...argv, cwd, ...writes, ...Object.entries(env).flat()];
  if (values.some((value) => value.includes('\0'))) return 'the command contains a NUL character';
  if (!cwd.startsWith('/')) return `the working folder “${cwd}” is not absolute`;
  return Object.keys(env).some((name) => name === '' || name.includes('=')) ? 'the environment has a bad name' : null;
};

const sameWords = (left: readonly string[], right: readonly string[]): boolean =>
  left.length === right.length && left.every((word, index) => word === right[index]);

const isFree = ({ command, grants }: PlanRequest): boolean =>
  grants.some(
    (grant) => grant.kind === 'unsandboxed' && grant.cwd === command.cwd && sameWords(grant.argv, command.argv),
  );

const folderOf = (path: string): string => path.slice(0, Math.max(1, path.lastIndexOf('/')));

const isWritable = ({ real }: Reach, policy: SandboxPolicy, terrain: Terrain): boolean => {
  const hostTmp = policy.kind === 'workspaceWrite' && policy.tmp === 'host' ? ['/tmp', '/var/tmp'] : [];
  const fences = [...terrain.protectedPaths, ...terrain.absentPaths, ...terrain.hidden.map(({ path }) => path)];
  return (
    [...terrain.roots, ...hostTmp].some((root) => isWithin(real, root)) &&
    !fences.some((fence) => isWithin(real, fence))
  );
};

const reachOf = ({ command, terrain }: PlanRequest): readonly Reach[] =>
  (command.writes ?? []).map(
    (path) => terrain.reach?.find((known) => known.path === path) ?? { path, real: path, folder: folderOf(path) },
  );

const isGrantedPatch = ({ path, real }: Reach, grants: readonly Grant[]): boolean =>
  grants.some((grant) => grant.kind === 'patch' && (grant.path === path || grant.path === real));

/** A symlinked `.git` cannot be kept from being swapped: no sandbox holds there. */
const fromTerrain = ({ unprotectable = [] }: Terrain): readonly Unavailable[] =>
  unprotectable.map((path) => ({
    layer: 'workspace',
    reason: `${path} is a symbolic link inside a writable folder and cannot be protected`,
    remedy: 'replace the link by what it points to, or work in another folder',
  }));

const wantedOf = ({ refused = [] }: PlanRequest, policy: SandboxPolicy): readonly string[] => {
  const [listed, except] = [hostsOf(policy), exceptOf(policy)];
  if (listed === null) return [];
  const isOpen = (text: string): boolean => {
    const target = targetOf(text);
    return target !== null && !isBarred(except, target) && !isListed(listed, target);
  };
  return refused.filter(isOpen).slice(0, MAX_WANTED);
};

const restrictionOf = (segments: readonly Segment[], request: PlanRequest): Verdict | null =>
  segments
    .map((segment) => judge(segment, request.rules, []))
    .filter((verdict) => verdict !== null && verdict.decision !== 'allow')
    .reduce<Verdict | null>(stricter, null);

export const assess = (request: PlanRequest): Facts => {
  const { command, rules, grants, host, terrain } = request;
  const sandbox = withHosts(withGrants(request.sandbox, grants), grants, request.hostRules ?? []);
  const isConfined = confines(sandbox);
  const unprotectable = isConfined ? fromTerrain(terrain) : [];
  const reading = read(command, host.shell);
  const segments = reading.kind === 'words' ? reading.segments : null;
  const places = reading.kind === 'words' ? reading.segments : suspects(reading.script);
  const open = places.filter((segment) => judge(segment, rules, grants)?.decision !== 'allow' || segments === null);
  const isCleared = segments !== null && (open.length === 0 || isHarmless(open, segments));
  const outside = isConfined ? reachOf(request).filter((reach) => !isWritable(reach, sandbox, terrain)) : [];
  return {
    ...request,
    sandbox,
    isConfined,
    backend: unprotectable.length > 0 ? null : choose(host, sandbox),
    obstacles: [...unprotectable, ...reasonsAgainst(host, sandbox)],
    flaw: flawOf(command),
    segments,
    restriction: restrictionOf(places, request),
    unknown: segments === null ? [] : open.filter((segment) => !isHarmless([segment])),
    dangerous: open.filter(isDangerous),
    isCleared,
    isFree: isFree(request),
    wantsOut: isConfined && request.escalation !== null,
    isPatch: command.isOwn === true && command.writes !== undefined,
    outside,
    unasked: outside.filter((reach) => !isGrantedPatch(reach, grants)),
    wanted: isConfined ? wantedOf(request, sandbox) : [],
  };
};
