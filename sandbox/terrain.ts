/**
 * What the disk looks like where the policy matters, worked out from the little that `Look` can tell. Pure: the same
 * disk always gives the same terrain.
 *
 * Promises: roots are real paths; whatever git would obey later (`.git` as a folder or a file, the folders these lead
 * to, repositories up to three levels down) is protected; a name that could be swapped is reported, never ignored.
 */
import { dirname, join, normalize, resolve } from 'node:path';
import type { Kind, Look } from './look.ts';
import { isWithin } from './paths.ts';
import type { Host, Reach, Terrain } from './plan.ts';
import type { SandboxPolicy } from './policy.ts';
import { fencesIn, gitFolderOf, isGitFolder, leadsTo, projectOf } from './terrain.git.ts';

export interface SurveyOptions {
  /** A folder of the session's own that stands in for /tmp; it exists and belongs to us. */
  readonly privateTmp?: string | null;
  /** More paths that nobody may read. */
  readonly hide?: readonly string[];
  /** Folders that must stay readable, such as the one of our own program. */
  readonly keep?: readonly string[];
  /** What the command is known to write. */
  readonly writes?: readonly string[];
}

/** Read-only in every root: tools outside the sandbox run what these say. */
const PROTECTED = '.git .turnstile .codex .agents .claude .gemini .cursor .vscode .idea'.split(' ');
/** Those that would be obeyed as soon as they appeared. */
const NEVER_MADE: ReadonlySet<string> = new Set(['.git', '.turnstile', '.codex', '.agents', '.claude']);
const HIDDEN = '.ssh .gnupg .aws .azure .config/gcloud .kube .docker .netrc .pgpass .pypirc .git-credentials'.split(
  ' ',
);
/** Places where the sandbox puts a folder of its own on top. */
const COVERED = ['/tmp', '/var/tmp', '/run'];

/** Levels below a root that are searched for repositories. */
const SCAN_DEPTH = 3;
/** Folders that are listed in one survey; it runs before every command. */
const MAX_SCANNED = 600;
const NEVER_SCANNED: ReadonlySet<string> = new Set([
  'node_modules',
  '.git',
  '.venv',
  '__pycache__',
  'target',
  '.cache',
]);

interface Found {
  readonly protectedPaths: readonly string[];
  readonly absentPaths: readonly string[];
  readonly unprotectable: readonly string[];
  readonly warnings: readonly string[];
}
const NOTHING: Found = { protectedPaths: [], absentPaths: [], unprotectable: [], warnings: [] };

const join2 = (left: Found, right: Found): Found => ({
  protectedPaths: [...left.protectedPaths, ...right.protectedPaths],
  absentPaths: [...left.absentPaths, ...right.absentPaths],
  unprotectable: [...left.unprotectable, ...right.unprotectable],
  warnings: [...left.warnings, ...right.warnings],
});
const merge = (parts: readonly Found[]): Found => parts.reduce(join2, NOTHING);

const protectEntry = (path: string, name: string, kind: Kind, roots: readonly string[], look: Look): Found => {
  if (kind === 'link') {
    return name === '.git'
      ? { ...NOTHING, unprotectable: [path] }
      : { ...NOTHING, warnings: [`${path} is a symbolic link and cannot be protected from being swapped`] };
  }
  if (kind === 'other') return NOTHING;
  const further = name === '.git' ? leadsTo(path, kind, look) : [];
  const isGiven = (other: string): boolean =>
    roots.some((root) => isWithin(other, root) && isGitFolder(look.list(root)));
  return {
    ...NOTHING,
    protectedPaths: [path, ...further]
      .filter((other) => roots.some((root) => isWithin(other, root)))
      // A git folder that is itself a root was given on purpose: its own fences hold there.
      .filter((other) => !isGiven(other)),
  };
};

const topOf = (root: string, kinds: ReadonlyMap<string, Kind>, roots: readonly string[], look: Look): Found => {
  const mayAppear = look.isWritable(root);
  if (isGitFolder(kinds)) {
    const absentPaths = mayAppear && !kinds.has('hooks') ? [join(root, 'hooks')] : [];
    return { ...NOTHING, protectedPaths: fencesIn(root, kinds, look), absentPaths };
  }
  const named = PROTECTED.map((name): Found => {
    const kind = kinds.get(name);
    const path = join(root, name);
    // An empty folder of this name is the mount point of another command, which will remove it: as good as absent.
    const isAbsent = kind === undefined || (kind === 'folder' && look.list(path).size === 0);
    if (isAbsent && NEVER_MADE.has(name)) return mayAppear ? { ...NOTHING, absentPaths: [path] } : NOTHING;
    return kind === undefined ? NOTHING : protectEntry(path, name, kind, roots, look);
  });
  return merge(named);
};

/** Breadth first, so that a search which is cut off has seen the upper levels. */
const search = (root: string, roots: readonly string[], look: Look): Found => {
  const found: Found[] = [];
  let level: readonly string[] = [root];
  let scanned = 0;
  for (let depth = 0; depth <= SCAN_DEPTH && level.length > 0; depth += 1) {
    const next: string[] = [];
    for (const folder of level) {
      if (scanned === MAX_SCANNED) {
        const warning = `${root} has many folders: repositories deeper in it may be unprotected`;
        return merge([...found, { ...NOTHING, warnings: [warning] }]);
      }
      scanned += 1;
      const kinds = look.list(folder);
      if (depth === 0) {
        found.push(topOf(folder, kinds, roots, look));
        if (isGitFolder(kinds)) return merge(found);
      } else {
        const git = kinds.get('.git');
        if (git !== undefined) found.push(protectEntry(join(folder, '.git'), '.git', git, roots, look));
        found.push({ ...NOTHING, protectedPaths: fencesIn(folder, kinds, look) });
      }
      for (const [name, kind] of kinds) {
        if (kind === 'folder' && !NEVER_SCANNED.has(name)) next.push(join(folder, name));
      }
    }
    level = next;
  }
  return merge(found);
};

const hiddenOf = (host: Host, hide: readonly string[], roots: readonly string[], look: Look): Terrain['hidden'] => {
  const wanted = [...HIDDEN.map((name) => join(host.home, name)), ...hide];
  const real = wanted.flatMap((path) => look.realpath(path) ?? []);
  return [...new Set(real)].flatMap((path) => {
    const kind = look.kind(path);
    // Whoever works in such a folder has asked for it.
    if (kind === null || kind === 'link' || roots.some((root) => isWithin(root, path))) return [];
    return [{ path, isFolder: kind === 'folder' }];
  });
};

/** Landlock cannot put an empty folder on top of /tmp, so scratch space is a folder of the session's own there as well. */
export const needsTmp = (policy: SandboxPolicy): boolean =>
  policy.kind === 'workspaceWrite'
    ? policy.tmp === 'private'
    : policy.kind === 'readOnly' && policy.fallback === 'landlock';

/** Follows a path to where a write would really land, also through a link that leads nowhere yet. */
const reach = (path: string, look: Look): Reach => {
  const normal = normalize(path);
  const rest: string[] = [];
  let at = normal;
  for (let links = 0; links < 40;) {
    const real = look.realpath(at);
    if (real !== null) {
      const target = join(real, ...rest);
      return { path, real: target, folder: rest.length > 0 ? real : dirname(real) };
    }
    const link = look.link(at);
    if (link !== null) {
      at = resolve(look.realpath(dirname(at)) ?? dirname(at), link);
      links += 1;
      continue;
    }
    if (at === '/') break;
    rest.unshift(at.slice(at.lastIndexOf('/') + 1));
    at = dirname(at);
  }
  return { path, real: normal, folder: dirname(normal) };
};

export const lookAround = (
  policy: SandboxPolicy,
  cwd: string,
  host: Host,
  { privateTmp = null, hide = [], keep = [], writes = [] }: SurveyOptions,
  look: Look,
): Terrain => {
  const here = look.realpath(cwd) ?? cwd;
  const wanted = policy.kind === 'workspaceWrite' ? policy.writableRoots : [];
  const missing = wanted.filter((root) => look.realpath(root) === null);
  const roots = [...new Set(wanted.flatMap((root) => look.realpath(root) ?? []))].filter(
    (root) => look.kind(root) === 'folder',
  );
  const found = merge(roots.map((root) => search(root, roots, look)));
  const kept = [
    projectOf(here, look, COVERED) ?? here,
    ...keep.flatMap((folder) => look.realpath(folder) ?? []),
  ].filter(
    (folder) => COVERED.some((cover) => isWithin(folder, cover) && folder !== cover) && look.kind(folder) === 'folder',
  );
  const protectedPaths = [...new Set(found.protectedPaths)];
  return {
    cwd: here,
    roots,
    protectedPaths,
    absentPaths: [...new Set(found.absentPaths)].filter(
      (path) => !protectedPaths.some((other) => isWithin(path, other)),
    ),
    hidden: hiddenOf(host, hide, [...roots, here], look),
    privateTmp: needsTmp(policy) ? privateTmp : null,
    warnings: [...found.warnings, ...missing.map((root) => `the writable folder ${root} does not exist`)],
    kept: [...new Set(kept)],
    unprotectable: [...new Set(found.unprotectable)],
    reach: writes.map((path) => reach(path, look)),
    gitFolder: gitFolderOf(here, look),
  };
};
