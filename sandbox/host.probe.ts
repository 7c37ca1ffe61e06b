/**
 * Does it work: a no-op is started in a sandbox of each kind, once; what the kernel refuses is told by its layer.
 * A record of an earlier probe spares that; it fits only the same binary on the same kernel.
 */
import { spawn as start } from 'node:child_process';
import * as fs from 'node:fs';
import { Server } from 'node:net';
import { release } from 'node:os';
import { bubblewrap } from './backends/bubblewrap.backend.ts';
import { GATE_PORT, gateProblem } from './backends/bubblewrap.gate.ts';
import { BOUND_PROC } from './backends/bubblewrap.mounts.ts';
import { landlock } from './backends/landlock.backend.ts';
import type { Command, Host, Inherited, Spawn, Terrain, Unavailable } from './plan.ts';
import { classify, classifyLandlock, type Trial } from './probe.ts';

/** Time a probe may take before the backend counts as unusable. Milliseconds. */
const PROBE_TIMEOUT_MS = 5_000;

/** What a probe found, worth keeping between runs of the program. JSON. */
export interface ProbeRecord {
  /** The binary, the kernel and the user it holds for. */
  readonly fits: string;
  readonly helpers: Host['helpers'];
  readonly probes: Host['probes'];
}

const fingerprint = ({ helpers, uid, platform }: Host): string => {
  const identities = Object.values(helpers).map(({ path }) => {
    const stat = fs.statSync(path, { throwIfNoEntry: false });
    return `${path}:${stat?.ino}:${stat?.size}:${stat?.mtimeMs}`;
  });
  return [platform, release(), uid, ...identities].join('|');
};

/** Null where something is broken: what is mended in the meantime must be noticed. */
export const recordOf = (host: Host): ProbeRecord | null => {
  const said = Object.values(host.probes);
  const isSecondBest = host.helpers['bwrap']?.features.includes(BOUND_PROC) === true;
  if (said.length === 0 || isSecondBest || said.some((problem) => problem !== null)) return null;
  return { fits: fingerprint(host), helpers: host.helpers, probes: host.probes };
};

/**
 * A helper whose parent is killed before it could ask to die with it waits for ever, and nobody is left to end it. So
 * somebody who outlives us stands between: it ends the helper when its time is up.
 */
const FUSE = '/usr/bin/timeout';
const fused = (argv: readonly string[]): readonly string[] =>
  fs.existsSync(FUSE) ? [FUSE, '--signal=KILL', String(PROBE_TIMEOUT_MS / 1_000), ...argv] : argv;
/** What the fuse may take to end it. Milliseconds. */
const FUSE_PATIENCE_MS = 1_000;

type Pipes = Pick<Spawn, 'argv' | 'env' | 'inherited' | 'statusFd' | 'gate'>;

const listen = ({ argv, env, inherited, statusFd, gate }: Pipes): Promise<Trial> =>
  new Promise((resolve) => {
    const [file = '', ...args] = fused(argv);
    const fds = Math.max(2, statusFd ?? 2, gate?.fd ?? 2, ...inherited.map(({ fd }) => fd)) + 1;
    const stdio = Array.from({ length: fds }, (_, fd) =>
      fd === 0 ? ('ignore' as const) : fd === gate?.fd ? ('ipc' as const) : ('pipe' as const),
    );
    const timeout = PROBE_TIMEOUT_MS + FUSE_PATIENCE_MS;
    const child = start(file, args, { cwd: '/', env, stdio, timeout, killSignal: 'SIGKILL' });
    const said = { stderr: '' };
    child.stdout?.resume();
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (said.stderr += chunk));
    for (const part of inherited) feed(child.stdio[part.fd], part);
    if (gate) child.on('message', (_, door) => door instanceof Server && greet(door));
    if (statusFd !== null) drain(child.stdio[statusFd]);
    child.on('error', (error) => resolve({ ...said, code: null, unstarted: error.message }));
    child.on('close', (code) => {
      const isAbsent = said.stderr.startsWith(`${FUSE}: `);
      resolve({ ...said, code, ...(isAbsent && { unstarted: said.stderr.trim() }) });
    });
  });

/** Whoever comes is answered, once. */
const greet = (door: Server): void =>
  void door.once('connection', (socket) => {
    socket.on('error', () => {});
    socket.end(GREETING);
    door.close();
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

const NOTHING: Command = {
  ...{ argv: ['/bin/sh', '-c', ':'], cwd: '/', env: {} },
  ...{ timeoutMs: PROBE_TIMEOUT_MS, input: null },
};
const OFF = { kind: 'readOnly', network: 'off' } as const;
const GREETING = 'welcome';

const tryBubblewrap = async (host: Host): Promise<Unavailable | null> =>
  classify(await listen(bubblewrap.confine(NOTHING, OFF, EMPTY, host)));

const withBoundProc = (host: Host): Host => {
  const bwrap = host.helpers['bwrap'];
  return bwrap
    ? { ...host, helpers: { ...host.helpers, bwrap: { ...bwrap, features: [...bwrap.features, BOUND_PROC] } } }
    : host;
};

const probeBubblewrap = async (host: Host): Promise<Host> => {
  if (!host.helpers['bwrap'] || host.probes['bubblewrap']) return host;
  const problem = await tryBubblewrap(host);
  const said = (from: Host, what: Unavailable | null): Host => ({
    ...from,
    probes: { ...from.probes, bubblewrap: what },
  });
  if (problem?.layer !== 'proc-forbidden') return said(host, problem);
  const other = withBoundProc(host);
  return (await tryBubblewrap(other)) === null ? said(other, null) : said(host, problem);
};

/** Whether Landlock could be used, were it chosen. */
export const probeLandlock = async (host: Host): Promise<Host> => {
  if (host.platform !== 'linux' || !host.helpers['perl'] || host.probes['landlock']) return host;
  const policy = { kind: 'readOnly', network: 'off', fallback: 'landlock' } as const;
  if (landlock.unavailable(host, policy) !== null) return host;
  const problem = classifyLandlock(await listen(landlock.confine(NOTHING, policy, EMPTY, host)));
  return { ...host, probes: { ...host.probes, landlock: problem } };
};

/** Comes to the door, and is content with nothing but the greeting. */
const knock = (perl: string): Command['argv'] => [
  perl,
  '-f',
  '-e',
  `my $s; socket($s, 2, 1, 0) && connect($s, pack('S n C4 x8', 2, ${GATE_PORT}, 127, 0, 0, 1)) or die "gate: $!\\n"; exit(<$s> ne '${GREETING}')`,
];

/** Whether a list of hosts can be kept: the whole way is walked, from inside to us and back. */
export const probeGate = async (host: Host): Promise<Host> => {
  const perl = host.helpers['perl']?.path;
  const isUsable = bubblewrap.unavailable(host, OFF) === null && gateProblem(host) === null;
  if (!isUsable || perl === undefined || host.probes['gate'] !== undefined) return host;
  const command = { ...NOTHING, argv: knock(perl) };
  const policy = { kind: 'readOnly', network: { hosts: ['gate.invalid'] } } as const;
  const { code, stderr, unstarted } = await listen(bubblewrap.confine(command, policy, EMPTY, host));
  const reason = `a command in the sandbox does not reach us: ${unstarted ?? (stderr.trim() || `it ended with ${code ?? 'a signal'}`)}`;
  const problem = code === 0 ? null : { layer: 'failed', reason, remedy: 'choose network_access = false or true' };
  return { ...host, probes: { ...host.probes, gate: problem } };
};

const probeSeatbelt = async (host: Host): Promise<Host> => {
  const helper = host.helpers['sandbox-exec'];
  if (!helper) return host;
  const argv = [helper.path, '-p', '(version 1)(allow default)', '/usr/bin/true'] as const;
  const { code, stderr, unstarted } = await listen({ argv, env: {}, inherited: [], statusFd: null });
  const problem: Unavailable | null =
    code === 0
      ? null
      : { layer: 'failed', reason: unstarted ?? stderr.trim(), remedy: 'is this already inside a sandbox?' };
  return { ...host, probes: { ...host.probes, seatbelt: problem } };
};

/** Runs a no-op in each backend once, the second best only where the best does not work. */
export const probe = async (host: Host, record: ProbeRecord | null = null): Promise<Host> => {
  if (record && record.fits === fingerprint(host)) return { ...host, helpers: record.helpers, probes: record.probes };
  if (host.platform === 'darwin') return probeSeatbelt(host);
  const known = await probeBubblewrap(host);
  return known.helpers['bwrap'] && known.probes['bubblewrap'] === null ? known : probeLandlock(known);
};
