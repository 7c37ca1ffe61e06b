/**
 * The only file here that touches the machine: who we are, which helpers there are, whether they work, and what the
 * disk looks like. Everything it finds is data for the pure rest.
 *
 * Promises: helpers are found by absolute path, never by PATH; `findHost` starts nothing; `probe` starts a no-op once
 * and can be spared it by a record of an earlier one, which fits only the same binary on the same kernel.
 */
import { spawn as start } from 'node:child_process';
import * as fs from 'node:fs';
import { homedir, release, tmpdir, userInfo } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { bubblewrap } from './backends/bubblewrap.backend.ts';
import type { Host, Inherited, Spawn, Terrain, Unavailable } from './plan.ts';
import type { SandboxPolicy } from './policy.ts';
import { ageProblem, classify, distrust, featuresIn, versionIn, type Trial } from './probe.ts';
import type { Kind, Look } from './look.ts';
import { lookAround, type SurveyOptions } from './terrain.ts';

export type { SurveyOptions } from './terrain.ts';

const PLACES = ['/usr/bin', '/bin', '/usr/local/bin', '/run/current-system/sw/bin'];
const SANDBOX_EXEC = '/usr/bin/sandbox-exec';

/** Time a probe may take before the backend counts as unusable. Milliseconds. */
const PROBE_TIMEOUT_MS = 5_000;

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

const linuxHelpers = (): Pick<Host, 'helpers' | 'probes'> => {
  const path = findHelper('bwrap');
  if (path === null) return { helpers: {}, probes: {} };
  const helper = readHelper(path);
  const problem = attempt(() => distrust(path, fs.statSync(path), isInUserNamespace())) ?? ageProblem(helper.version);
  return { helpers: { bwrap: helper }, probes: problem ? { bubblewrap: problem } : {} };
};

const helpersFor = (platform: string): Pick<Host, 'helpers' | 'probes'> => {
  if (platform === 'linux') return linuxHelpers();
  if (platform !== 'darwin' || !isRunnable(SANDBOX_EXEC)) return { helpers: {}, probes: {} };
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

// ---- does it work --------------------------------------------------------------------------------------------------

/** What a probe found, worth keeping between runs of the program. JSON. */
export interface ProbeRecord {
  /** The binary, the kernel and the user it holds for. */
  readonly fits: string;
  readonly helpers: Host['helpers'];
  readonly probes: Host['probes'];
}

const fingerprint = ({ helpers, uid, platform }: Host): string => {
  const identities = Object.values(helpers).map(({ path }) => {
    const stat = attempt(() => fs.statSync(path));
    return `${path}:${stat?.ino}:${stat?.size}:${stat?.mtimeMs}`;
  });
  return [platform, release(), uid, ...identities].join('|');
};

/** Null where something is broken: what is mended in the meantime must be noticed. */
export const recordOf = (host: Host): ProbeRecord | null => {
  const said = Object.values(host.probes);
  if (said.length === 0 || said.some((problem) => problem !== null)) return null;
  return { fits: fingerprint(host), helpers: host.helpers, probes: host.probes };
};

type Pipes = Pick<Spawn, 'argv' | 'env' | 'inherited' | 'statusFd'>;

const listen = ({ argv: [file, ...args], env, inherited, statusFd }: Pipes): Promise<Trial> =>
  new Promise((resolve) => {
    const fds = Math.max(2, statusFd ?? 2, ...inherited.map(({ fd }) => fd)) + 1;
    const stdio = Array.from({ length: fds }, (_, fd) => (fd === 0 ? ('ignore' as const) : ('pipe' as const)));
    const child = start(file, args, { cwd: '/', env, stdio, timeout: PROBE_TIMEOUT_MS, killSignal: 'SIGKILL' });
    const said = { stderr: '' };
    child.stdout?.resume();
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (said.stderr += chunk));
    for (const part of inherited) feed(child.stdio[part.fd], part);
    if (statusFd !== null) drain(child.stdio[statusFd]);
    child.on('error', (error) => resolve({ ...said, code: null, unstarted: error.message }));
    child.on('close', (code) => resolve({ ...said, code }));
  });

type Pipe = NonNullable<ReturnType<typeof start>['stdio'][number]> | null | undefined;

const feed = (pipe: Pipe, part: Inherited): void => {
  if (!pipe || !('end' in pipe) || !('bytes' in part)) return;
  pipe.on('error', () => {}); // the helper may have ended before it read; its exit tells
  pipe.end(Buffer.from(part.bytes, part.encoding));
};

const drain = (pipe: Pipe): void => {
  if (pipe && 'resume' in pipe) pipe.resume();
};

const EMPTY: Terrain = {
  cwd: '/',
  roots: [],
  protectedPaths: [],
  absentPaths: [],
  hidden: [],
  privateTmp: null,
  warnings: [],
};

const NOTHING = { argv: ['/bin/sh', '-c', ':'], cwd: '/', env: {}, timeoutMs: PROBE_TIMEOUT_MS, input: null } as const;

const probeBubblewrap = async (host: Host): Promise<Host['probes']> => {
  if (!host.helpers['bwrap'] || host.probes['bubblewrap']) return host.probes;
  const spawn = bubblewrap.confine(NOTHING, { kind: 'readOnly', network: 'off' }, EMPTY, host);
  return { ...host.probes, bubblewrap: classify(await listen(spawn)) };
};

const probeSeatbelt = async (host: Host): Promise<Host['probes']> => {
  const helper = host.helpers['sandbox-exec'];
  if (!helper) return host.probes;
  const argv = [helper.path, '-p', '(version 1)(allow default)', '/usr/bin/true'] as const;
  const { code, stderr, unstarted } = await listen({ argv, env: {}, inherited: [], statusFd: null });
  const problem: Unavailable | null =
    code === 0
      ? null
      : { layer: 'failed', reason: unstarted ?? stderr.trim(), remedy: 'is this already inside a sandbox?' };
  return { ...host.probes, seatbelt: problem };
};

/** Runs a no-op in each backend once; a fitting record of an earlier probe spares that. */
export const probe = async (host: Host, record: ProbeRecord | null = null): Promise<Host> => {
  if (record && record.fits === fingerprint(host)) return { ...host, helpers: record.helpers, probes: record.probes };
  return { ...host, probes: await (host.platform === 'darwin' ? probeSeatbelt : probeBubblewrap)(host) };
};

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
  const wantsTmp = policy.kind === 'workspaceWrite' && policy.tmp === 'private' && options.privateTmp;
  const privateTmp = wantsTmp ? ownTmp(wantsTmp, host.uid) : null;
  const keep = [...ownFolders(), ...(options.keep ?? [])];
  const terrain = lookAround(policy, cwd, host, { ...options, privateTmp, keep }, lookFor(host));
  if (!wantsTmp || privateTmp !== null) return terrain;
  const warning = `${wantsTmp} is not ours alone: commands get an empty /tmp that ends with them`;
  return { ...terrain, warnings: [...terrain.warnings, warning] };
};
