/**
 * The only file here that touches the machine: who we are, which helpers there are, whether they work, and what the
 * disk looks like. Everything it finds is data for the pure rest.
 *
 * Promises: helpers are found by absolute path, never by PATH; `findHost` starts nothing; `probe` starts a no-op once
 * and can be spared it by a record of an earlier one, which fits only the same binary on the same kernel.
 */
import * as fs from 'node:fs';
import { homedir, tmpdir, userInfo } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import type { Host, Outside, Terrain, Unavailable } from './plan.ts';
import type { SandboxPolicy } from './policy.ts';
import { ageProblem, distrust, featuresIn, versionIn } from './probe.ts';
import type { Kind, Look } from './look.ts';
import { lookAround, needsTmp, type SurveyOptions } from './terrain.ts';

export { probe, probeGate, probeLandlock, recordOf, type ProbeRecord } from './host.probe.ts';
export type { SurveyOptions } from './terrain.ts';

const PLACES = ['/usr/bin', '/bin', '/usr/local/bin', '/run/current-system/sw/bin'];
const SANDBOX_EXEC = '/usr/bin/sandbox-exec';

// ---- who and what --------------------------------------------------------------------------------------------------

/** Null instead of an exception: a missing file is an answer. */
const attempt = <T>(look: () => T): T | null => {
  try {
    return look();
  } catch {
    return null;
  }
};

const isRunnable = (path: string): boolean =>
  attempt(() => (fs.accessSync(path, fs.constants.X_OK), fs.statSync(path).isFile())) ?? false;

const findShell = (): string => {
  const candidates = [process.env['SHELL'], attempt(() => userInfo().shell), '/bin/bash', '/bin/sh'];
  return candidates.find((path) => typeof path === 'string' && isAbsolute(path) && isRunnable(path)) ?? '/bin/sh';
};

/** Outside of every user namespace the whole range of numbers is mapped. */
const isInUserNamespace = (): boolean => {
  const map = attempt(() => fs.readFileSync('/proc/self/uid_map', 'utf8'));
  return map !== null && !/^\s*0\s+0\s+4294967295/.test(map);
};

const findHelper = (name: string): string | null => PLACES.map((folder) => join(folder, name)).find(isRunnable) ?? null;

/** A program's options and its version stand in its own text; reading them is cheaper than asking it. */
const readHelper = (path: string): Host['helpers'][string] => {
  const text = attempt(() => fs.readFileSync(path, 'latin1')) ?? '';
  return { path, version: versionIn(text), features: featuresIn(text) };
};

type Found = Pick<Host, 'helpers' | 'probes'>;

const found = (name: string, backend: string, helper: Host['helpers'][string], age: Unavailable | null): Found => {
  const problem = attempt(() => distrust(helper.path, fs.statSync(helper.path), isInUserNamespace())) ?? age;
  return { helpers: { [name]: helper }, probes: problem ? { [backend]: problem } : {} };
};
const NONE: Found = { helpers: {}, probes: {} };

const linuxHelpers = (): Found => {
  const [bwrap, perl] = [findHelper('bwrap'), findHelper('perl')];
  const helper = bwrap === null ? null : readHelper(bwrap);
  const all = [
    helper === null ? NONE : found('bwrap', 'bubblewrap', helper, ageProblem(helper.version)),
    // Only its system calls matter, and every version has them.
    ...(['landlock', 'gate'] as const).map((use) =>
      perl === null ? NONE : found('perl', use, { path: perl, version: 'unknown', features: [] }, null),
    ),
  ];
  return {
    helpers: Object.assign({}, ...all.map(({ helpers }) => helpers)),
    probes: Object.assign({}, ...all.map(({ probes }) => probes)),
  };
};

const helpersFor = (platform: string): Found => {
  if (platform === 'linux') return linuxHelpers();
  if (platform !== 'darwin' || !isRunnable(SANDBOX_EXEC)) return NONE;
  return { helpers: { 'sandbox-exec': { path: SANDBOX_EXEC, version: 'unknown', features: [] } }, probes: {} };
};

export const findHost = (): Host => ({
  platform: process.platform,
  arch: process.arch,
  uid: process.getuid?.() ?? -1,
  home: attempt(homedir) ?? '/',
  tmp: tmpdir(),
  shell: findShell(),
  ...helpersFor(process.platform),
});

// ---- what the disk looks like --------------------------------------------------------------------------------------

const kindOf = (entry: fs.Dirent | fs.Stats): Kind => {
  if (entry.isSymbolicLink()) return 'link';
  if (entry.isDirectory()) return 'folder';
  return entry.isFile() ? 'file' : 'other';
};

interface Listing {
  readonly stamp: string;
  readonly kinds: ReadonlyMap<string, Kind>;
}

/** A folder that was changed this recently could change again without a new time stamp. Milliseconds. */
const SETTLED_MS = 100;

/** Folders that are remembered before all are forgotten. */
const MAX_LISTINGS = 20_000;

/** What folders held when they were last read. It lives as long as the `Host` value that a session works with. */
const listings = new WeakMap<Host, Map<string, Listing>>();

const readListing = (path: string): ReadonlyMap<string, Kind> =>
  new Map(
    attempt(() => fs.readdirSync(path, { withFileTypes: true }))?.map((entry) => [entry.name, kindOf(entry)] as const),
  );

/** Reads a folder again only when its time stamps moved: entries cannot appear, vanish or change kind without that. */
const listWith =
  (known: Map<string, Listing>): Look['list'] =>
  (path) => {
    const stat = attempt(() => fs.lstatSync(path));
    const stamp = stat ? `${stat.dev}:${stat.ino}:${stat.mtimeMs}:${stat.ctimeMs}` : '';
    const before = known.get(path);
    if (stat && before?.stamp === stamp) return before.kinds;
    const isSettled = stat !== null && Date.now() - Math.max(stat.mtimeMs, stat.ctimeMs) > SETTLED_MS;
    const kinds = readListing(path);
    if (known.size >= MAX_LISTINGS) known.clear();
    if (isSettled) known.set(path, { stamp, kinds });
    else known.delete(path);
    return kinds;
  };

const lookFor = (host: Host): Look => {
  const known = listings.get(host) ?? new Map<string, Listing>();
  listings.set(host, known);
  return {
    realpath: (path) => attempt(() => fs.realpathSync.native(path)),
    kind: (path) => attempt(() => kindOf(fs.lstatSync(path))),
    list: listWith(known),
    text: (path) => attempt(() => fs.readFileSync(path, 'utf8')),
    link: (path) => attempt(() => fs.readlinkSync(path)),
    isWritable: (path) => attempt(() => (fs.accessSync(path, fs.constants.W_OK), true)) ?? false,
  };
};

/** Ours alone, or we do not use it: somebody else's folder in /tmp could be full of surprises. */
const ownTmp = (path: string, uid: number): string | null =>
  attempt(() => {
    fs.mkdirSync(path, { recursive: true, mode: 0o700 });
    const stat = fs.lstatSync(path);
    return stat.isDirectory() && stat.uid === uid && (stat.mode & 0o077) === 0 ? fs.realpathSync.native(path) : null;
  });

/** Where this program and its Node live: commands may need both, wherever they were installed. */
const ownFolders = (): readonly string[] => [dirname(process.execPath), join(import.meta.dirname, '..')];

/** Looks at the disk; done again for each plan. Makes the private /tmp if it is asked for one. */
export const survey = (policy: SandboxPolicy, cwd: string, host: Host, options: SurveyOptions = {}): Terrain => {
  const wantsTmp = needsTmp(policy) ? options.privateTmp : null;
  const privateTmp = wantsTmp ? ownTmp(wantsTmp, host.uid) : null;
  const keep = [...ownFolders(), ...(options.keep ?? [])];
  const terrain = lookAround(policy, cwd, host, { ...options, privateTmp, keep }, lookFor(host));
  if (!wantsTmp || privateTmp !== null) return terrain;
  const warning = `${wantsTmp} is not ours alone: commands get an empty /tmp that ends with them`;
  return { ...terrain, warnings: [...terrain.warnings, warning] };
};

/** What we could do with a path ourselves, asked after a command was told that it may not. */
export const outside: Outside = {
  exists: (path) => attempt(() => fs.lstatSync(path)) !== null,
  mayWrite: (path) =>
    attempt(() => {
      const isThere = fs.lstatSync(path, { throwIfNoEntry: false }) !== undefined;
      fs.accessSync(isThere ? path : dirname(path), fs.constants.W_OK);
      return true;
    }) ?? false,
};
