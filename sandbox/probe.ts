/** Reads what a sandbox that could not be built said, and turns it into the layer that blocks and the way to mend it. Pure. */
import type { Unavailable } from './plan.ts';

/** What the no-op in a sandbox came to. */
export interface Trial {
  readonly code: number | null;
  readonly stderr: string;
  /** The system could not even start the helper. */
  readonly unstarted?: string;
}

/** Before this one there is no `--disable-userns`. */
const OLDEST = [0, 8];

interface Layer {
  readonly layer: string;
  readonly says: RegExp;
  readonly reason: string;
  readonly remedy: string;
}

const LAYERS: readonly Layer[] = [
  {
    layer: 'proc-forbidden',
    says: /mount proc|\/proc: Operation not permitted|newroot\/proc/i,
    reason: 'this container masks /proc, so no sandbox of our own can have one',
    remedy: 'start the container with --security-opt systempaths=unconfined, or choose external-sandbox',
  },
  {
    layer: 'userns-forbidden',
    says: /uid map|RTM_NEWADDR|RTM_NEWLINK|No permissions to creat|Creating new namespace failed|max_user_namespaces/i,
    reason: 'the system forbids user namespaces',
    remedy:
      'Ubuntu: load an AppArmor profile with “userns,” for bwrap (bwrap-userns-restrict); Debian: sysctl kernel.unprivileged_userns_clone=1; ' +
      'Docker: a seccomp profile that allows unshare; else choose external-sandbox',
  },
  {
    layer: 'seccomp',
    says: /seccomp/i,
    reason: 'the kernel refuses the seccomp filter',
    remedy: 'use a kernel with CONFIG_SECCOMP_FILTER, or choose external-sandbox',
  },
  {
    layer: 'too-old',
    says: /Unknown option/i,
    reason: 'this bubblewrap is too old',
    remedy: `install bubblewrap ${OLDEST.join('.')} or newer`,
  },
];

const firstLine = (text: string): string => text.trim().split('\n')[0] ?? '';

/** Null: the sandbox works. */
export const classify = ({ code, stderr, unstarted }: Trial): Unavailable | null => {
  if (unstarted !== undefined) {
    return {
      layer: 'not-installed',
      reason: `bubblewrap cannot be started: ${unstarted}`,
      remedy: 'reinstall bubblewrap',
    };
  }
  if (code === 0) return null;
  const known = LAYERS.find(({ says }) => says.test(stderr));
  const said = firstLine(stderr);
  if (!known) {
    const reason = said === '' ? `bubblewrap ended with ${code ?? 'a signal'} and said nothing` : said;
    return { layer: 'failed', reason, remedy: 'run the same by hand to see more, or choose external-sandbox' };
  }
  const { layer, reason, remedy } = known;
  return { layer, reason: said === '' ? reason : `${reason} (${said})`, remedy };
};

const LANDLOCK_LAYERS: readonly (readonly [says: RegExp, layer: string, remedy: string])[] = [
  [/ABI -1\b/, 'landlock-off', 'use a kernel with CONFIG_SECURITY_LANDLOCK, and “landlock” in its list lsm='],
  [/ABI \d+\b/, 'landlock-abi', 'use Linux 6.12 or newer: older ones let a command signal every process of yours'],
  [/seccomp/, 'seccomp', 'use a kernel with CONFIG_SECCOMP_FILTER'],
];

/** The same for Landlock, whose launcher speaks plainly. */
export const classifyLandlock = ({ code, stderr, unstarted }: Trial): Unavailable | null => {
  if (code === 0) return null;
  const reason = unstarted ?? (firstLine(stderr) || `the launcher ended with ${code ?? 'a signal'} and said nothing`);
  const known = LANDLOCK_LAYERS.find(([says]) => says.test(reason));
  return { layer: known?.[1] ?? 'failed', reason, remedy: known?.[2] ?? 'choose external-sandbox, in a container' };
};

/** What the helper calls itself, in its own text. */
export const versionIn = (text: string): string => /\bbubblewrap (\d+(?:\.\d+)+)/.exec(text)?.[1] ?? 'unknown';

export const ageProblem = (version: string): Unavailable | null => {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldMajor = 0, oldMinor = 0] = OLDEST;
  const isTooOld = version !== 'unknown' && (major < oldMajor || (major === oldMajor && minor < oldMinor));
  return isTooOld ? classify({ code: 1, stderr: `Unknown option: this is ${version}` }) : null;
};

/** What differs between versions and matters to us. */
const FEATURES = ['bind-fd', 'disable-userns', 'argv0'];

/** Options as the program compares its arguments with them: a text of its own, between two NULs. */
export const featuresIn = (text: string): readonly string[] =>
  FEATURES.filter((name) => text.includes(`\0--${name}\0`));

export interface Ownership {
  readonly mode: number;
  readonly uid: number;
}

const SETUID = 0o4000;
const WRITABLE_BY_OTHERS = 0o022;
/** How root's files look from inside a user namespace that does not map root. */
const UNMAPPED = 65534;

/** Whoever can change the helper is the sandbox. */
export const distrust = (path: string, { mode, uid }: Ownership, isInNamespace: boolean): Unavailable | null => {
  const untrusted = (reason: string, remedy: string): Unavailable => ({ layer: 'not-trusted', reason, remedy });
  if (mode & SETUID) return untrusted(`${path} is setuid`, `chmod u-s ${path}, or install a newer bubblewrap`);
  if (mode & WRITABLE_BY_OTHERS) return untrusted(`${path} can be changed by others`, `chmod go-w ${path}`);
  if (uid === 0 || (uid === UNMAPPED && isInNamespace)) return null;
  return untrusted(`${path} belongs to user ${uid}, not to root`, `chown root ${path}`);
};
