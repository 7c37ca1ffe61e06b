/**
 * The disk as a command sees it, in the words of bubblewrap.
 *
 * Mounts apply in the order written, and a later one lies on top. That order is the policy:
 * read everything → own /dev and /proc → pins → then by depth: write the roots, and yet not what lets a command out later.
 */
import { between, byDepth, isWithin } from '../paths.ts';
import type { Inherited, Terrain } from '../plan.ts';
import type { SandboxPolicy } from '../policy.ts';

/** Scratch space that dies with the command. Bytes. */
export const SCRATCH_BYTES = 512 * 1024 * 1024;

const TMP_FOLDERS = ['/tmp', '/var/tmp'] as const;
/** Sockets of daemons live here (docker, D-Bus, systemd); a few read-only things are bound back. */
const RUN = '/run';
const RUN_BOUND_BACK = [
  '/run/systemd/resolve',
  '/run/current-system',
  '/run/booted-system',
  '/run/opengl-driver',
] as const;

/** The first descriptor that is free for folders; those before carry the filter, the status and the arguments. */
const FIRST_FOLDER_FD = 6;

interface Mount {
  readonly path: string;
  /** At the same path the higher one lies on top. */
  readonly layer: number;
  /** Bound writable: through a descriptor where bubblewrap can. */
  readonly source?: string;
  readonly args: readonly string[];
}

const readOnly = (path: string, layer: number): Mount => ({ path, layer, args: ['--ro-bind', path, path] });

const scratch = (path: string): readonly string[] => [
  ...['--perms', '1777', '--size', String(SCRATCH_BYTES), '--tmpfs', path],
];

/** An empty folder that nobody can fill: what does not exist yet must not be made. */
const absent = (path: string): Mount => ({
  path,
  layer: 3,
  args: ['--perms', '0555', '--size', '4096', '--tmpfs', path, '--remount-ro', path],
});

/** Mode 000 is not enough, since its owner may change it; on a read-only mount that fails. */
const hidden = ({ path, isFolder }: Terrain['hidden'][number]): Mount => ({
  path,
  layer: 4,
  args: isFolder
    ? ['--perms', '0000', '--size', '4096', '--tmpfs', path, '--remount-ro', path]
    : ['--ro-bind', '/dev/null', path],
});

const writable = (path: string, source: string, layer: number): Mount => ({ path, layer, source, args: [] });

const tmpMounts = (policy: SandboxPolicy, { privateTmp }: Terrain): readonly Mount[] => {
  if (policy.kind === 'workspaceWrite' && policy.tmp === 'host')
    return TMP_FOLDERS.map((path) => writable(path, path, 1));
  return TMP_FOLDERS.map((path) =>
    privateTmp === null || policy.kind === 'readOnly'
      ? { path, layer: 1, args: scratch(path) }
      : writable(path, privateTmp, 1),
  );
};

/** Whether a fresh folder lies on top of the path, so that there is nothing left to hide. */
const isCovered = (path: string, { roots, kept = [] }: Terrain): boolean =>
  [RUN, ...TMP_FOLDERS].some((folder) => isWithin(path, folder)) &&
  ![...roots, ...kept].some((folder) => isWithin(path, folder));

const mounts = (policy: SandboxPolicy, terrain: Terrain): readonly Mount[] =>
  [
    { path: RUN, layer: 1, args: ['--perms', '0755', '--size', '1048576', '--tmpfs', RUN] },
    ...RUN_BOUND_BACK.map((path) => ({ path, layer: 1, args: ['--ro-bind-try', path, path] })),
    ...tmpMounts(policy, terrain),
    ...(terrain.kept ?? []).map((path) => readOnly(path, 1)),
    ...terrain.roots.filter((root) => root !== '/').map((root) => writable(root, root, 2)),
    ...terrain.protectedPaths.map((path) => readOnly(path, 3)),
    ...terrain.absentPaths.map(absent),
    ...terrain.hidden.filter(({ path }) => !isCovered(path, terrain)).map(hidden),
  ].toSorted((left, right) => byDepth(left.path, right.path) || left.layer - right.layer);

/**
 * Folders between a root and what must stay in place below it. The kernel neither renames nor removes a mount point,
 * not even one that is covered by a later mount: so each is bound onto itself first, and the root then lies on top.
 */
export const pins = ({ roots, protectedPaths, absentPaths, hidden: hides }: Terrain): readonly string[] => {
  const fixed = [...roots, ...protectedPaths, ...absentPaths, ...hides.map(({ path }) => path)];
  const all = roots.flatMap((root) => fixed.flatMap((path) => between(root, path)));
  const mounted = new Set(fixed);
  return [...new Set(all)].filter((path) => !mounted.has(path)).toSorted(byDepth);
};

export interface Disk {
  readonly args: readonly string[];
  readonly folders: readonly Extract<Inherited, { folder: string }>[];
  /** The first descriptor that is still free. */
  readonly next: number;
}

/** Found by the probe: the container masks parts of its /proc, and so the kernel gives nobody in it another one. */
export const BOUND_PROC = 'bound-proc';

/**
 * The user with the number 0 may write most of /proc/sys without any capability, also from a namespace of its own: so
 * it is read-only. A bound one shows the processes outside by name, but the user namespace keeps the rest of them shut.
 */
const proc = (features: readonly string[]): readonly string[] =>
  features.includes(BOUND_PROC) ? ['--ro-bind', '/proc', '/proc'] : ['--proc', '/proc', '--remount-ro', '/proc'];

/** `features`: what this bubblewrap can do here. */
export const disk = (policy: SandboxPolicy, terrain: Terrain, features: readonly string[]): Disk => {
  // A folder swapped for a link between plan and start cannot lead the mount elsewhere.
  const byDescriptor = features.includes('bind-fd');
  const folders: Extract<Inherited, { folder: string }>[] = [];
  const argsOf = ({ path, source, args }: Mount): readonly string[] => {
    if (source === undefined) return args;
    if (!byDescriptor) return ['--bind', source, path];
    const fd = FIRST_FOLDER_FD + folders.length;
    folders.push({ fd, folder: source });
    return ['--bind-fd', String(fd), path];
  };
  const args = [
    ...[terrain.roots.includes('/') ? '--bind' : '--ro-bind', '/', '/'],
    ...['--dev', '/dev', ...scratch('/dev/shm'), '--remount-ro', '/dev'],
    ...proc(features),
    ...pins(terrain).flatMap((path) => ['--ro-bind', path, path]),
    ...mounts(policy, terrain).flatMap(argsOf),
  ];
  return { args, folders, next: FIRST_FOLDER_FD + folders.length };
};
