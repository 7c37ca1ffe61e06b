/**
 * macOS, through sandbox-exec: everything is denied but what the profile names.
 *
 * Paths travel as parameters, never inside the profile's text. A protected path is excluded both as itself and as a
 * tree: excluding only the tree would still allow the first `mkdir`. The profile cannot own descendants, so whoever
 * runs it hunts them.
 */
import type { Denial, ExecEnding, SandboxBackend, Terrain } from '../plan.ts';
import { hostsOf, networkInWords, networkOf, NO_LIST, type SandboxPolicy } from '../policy.ts';

const SANDBOX_EXEC = '/usr/bin/sandbox-exec';

const BASE = `(version 1)
(deny default)
(allow process-exec process-fork)
(allow signal (target same-sandbox))
(allow process-info* (target same-sandbox))
(allow file-read*)
(allow file-ioctl (literal "/dev/tty") (literal "/dev/null"))
(allow file-write* (literal "/dev/null") (literal "/dev/zero") (literal "/dev/tty") (literal "/dev/dtracehelper"))
(allow file-write* (regex #"^/dev/(ttys[0-9]+|fd/[0-9]+)$"))
(allow sysctl-read)
(allow pseudo-tty)
(allow ipc-posix-sem ipc-posix-shm)
(allow mach-lookup
  (global-name "com.apple.system.opendirectoryd.libinfo")
  (global-name "com.apple.system.notification_center")
  (global-name "com.apple.system.logger")
  (global-name "com.apple.logd")
  (global-name "com.apple.SecurityServer")
  (global-name "com.apple.trustd.agent")
  (global-name "com.apple.cfprefsd.daemon")
  (global-name "com.apple.cfprefsd.agent"))`;

const NETWORK = {
  off: '',
  loopback: '(allow network* (local ip "localhost:*") (remote ip "localhost:*"))',
  on: '(allow network*)\n(allow system-socket)\n(allow mach-lookup (global-name "com.apple.dnssd.service"))',
} as const;

type Parameters = readonly (readonly [name: string, value: string])[];

const fenced = (terrain: Terrain): readonly string[] => [...terrain.protectedPaths, ...terrain.absentPaths];

const numbered = (prefix: string, values: readonly string[]): Parameters =>
  values.map((value, index) => [`${prefix}_${index}`, value] as const);

const profile = (policy: SandboxPolicy, roots: Parameters, fences: Parameters, hides: Parameters): string => {
  const outside = fences.map(
    ([name]) => `(require-not (literal (param "${name}"))) (require-not (subpath (param "${name}")))`,
  );
  const network = networkOf(policy);
  return [
    BASE,
    ...roots.map(([name]) => `(allow file-write* (require-all (subpath (param "${name}")) ${outside.join(' ')}))`),
    ...hides.map(([name]) => `(deny file-read* file-write* (literal (param "${name}")) (subpath (param "${name}")))`),
    typeof network === 'string' ? NETWORK[network] : NETWORK.off,
  ]
    .filter((line) => line !== '')
    .join('\n');
};

const tmpRoots = (policy: SandboxPolicy, { privateTmp }: Terrain): readonly string[] => {
  if (policy.kind === 'workspaceWrite' && policy.tmp === 'host') return ['/private/tmp', '/private/var/tmp'];
  return privateTmp === null ? [] : [privateTmp];
};

const DENIED = /operation not permitted|\bEPERM\b/i;

const denial = (ending: ExecEnding, output: string): Denial | null => {
  if (ending.kind !== 'exited' || ending.code === 0) return null;
  // Seatbelt says EPERM for everything it refuses; so does the system for some things. It stays a guess.
  const line = output.split('\n').find((text) => DENIED.test(text));
  if (line === undefined) return null;
  return { what: 'filesystem', certainty: 'likely', evidence: line.trim(), paths: [] };
};

export const seatbelt: SandboxBackend = {
  name: 'seatbelt',

  unavailable: ({ platform, helpers, probes }) => {
    if (platform !== 'darwin') {
      return { layer: 'platform', reason: `seatbelt is for macOS, this is ${platform}`, remedy: 'use Linux or macOS' };
    }
    const said = probes['seatbelt'];
    if (said) return said;
    return helpers['sandbox-exec']
      ? null
      : {
          layer: 'not-installed',
          reason: `${SANDBOX_EXEC} is missing`,
          remedy: 'it is part of macOS: repair the system',
        };
  },

  confine: (command, policy, terrain) => {
    const roots = numbered('ROOT', [...terrain.roots, ...tmpRoots(policy, terrain)]);
    const fences = numbered('FENCE', fenced(terrain));
    const hides = numbered(
      'HIDE',
      terrain.hidden.map(({ path }) => path),
    );
    const words = policy.kind === 'readOnly' ? 'read-only' : 'workspace-write';
    const network = hostsOf(policy) === null ? networkInWords(networkOf(policy)) : NO_LIST;
    const tmp = terrain.privateTmp === null ? {} : { TMPDIR: terrain.privateTmp };
    return {
      ...command,
      backend: 'seatbelt',
      argv: [
        SANDBOX_EXEC,
        ...['-p', profile(policy, roots, fences, hides)],
        ...[...roots, ...fences, ...hides].map(([name, value]) => `-D${name}=${value}`),
        ...['--', ...command.argv],
      ],
      // Nothing on the way is cleared by sandbox-exec: what must not be inherited is simply not here.
      env: { ...command.env, ...tmp },
      inherited: [],
      statusFd: null,
      ownsDescendants: false,
      residue: [],
      inWords: { backend: 'seatbelt', sandbox: `${words} · network ${network}` },
    };
  },

  denial,
};
