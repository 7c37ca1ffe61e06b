/** What a command is, what it may touch, how it will be run, and how it went. Data only: nothing here runs anything. */
import type { Grant, PlanInWords, Question } from '../machines/protocol/index.ts';
import type { ApprovalPolicy, HostRule, Rule, SandboxPolicy } from './policy.ts';

/** What a tool wants done. */
export interface Command {
  readonly argv: readonly [file: string, ...args: string[]];
  readonly cwd: string;
  /** The whole environment of the command. Nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** Bytes for its standard input, as text; null: `/dev/null`. */
  readonly input: string | null;
  /** One of our own helpers (the patch binary), not a command of the model: no question about its safety. */
  readonly isOwn?: boolean;
  /** It may go on beside the turns: how long it is waited for, in milliseconds, and what the model wants to read, in bytes. */
  readonly terminal?: { readonly yieldMs: number; readonly maxBytes: number };
  /** Absolute paths that this command is known to write. The planner asks before it runs when a policy forbids one of them. */
  readonly writes?: readonly string[];
}

/** A descriptor that the process inherits: bytes to read, or an opened folder. */
export type Inherited =
  | { readonly fd: number; readonly bytes: string; readonly encoding: 'utf8' | 'base64' }
  | { readonly fd: number; readonly folder: string };

/** The way out for a command whose network is a list: on the line it hands over what it listens on, and is served there. */
export interface Gate {
  /** The descriptor of the line; it ends when the command begins. */
  readonly fd: number;
  readonly hosts: readonly string[];
  /** Never, whatever the hosts say. */
  readonly except?: readonly string[];
}

/** A command after a backend has confined it: exactly what the OS is asked to start. JSON, complete, replayable. */
export interface Spawn extends Command {
  readonly backend: string;
  readonly inherited: readonly Inherited[];
  /** The descriptor on which the helper reports as JSON (`--json-status-fd`), if it does. */
  readonly statusFd: number | null;
  /** Absent: nobody waits for it outside. */
  readonly gate?: Gate;
  /** Killing the leader ends every descendant (a pid namespace). Otherwise the exec actor hunts them by mark. */
  readonly ownsDescendants: boolean;
  /** Empty folders or files that the sandbox had to make as mount points on the host; removed after the run. */
  readonly residue: readonly string[];
  readonly inWords: PlanInWords;
}

/** Words for a background terminal. Empty: only listen. */
export interface Talk {
  readonly terminalId: string;
  readonly chars: string;
  /** How long an answer is waited for. Milliseconds. */
  readonly yieldMs: number;
  /** What the model wants to read. */
  readonly maxBytes: number;
}

/**
 * The whole story of a command, decided before anything runs: who is asked, what is started, and what happens
 * when the sandbox says no. The planner writes it, machines/call.machine.ts walks it, and nobody decides twice.
 */
export type ExecPlan =
  | { readonly step: 'refuse'; readonly reason: string }
  /** A tool that needs no process. `output` is what the model reads. */
  | { readonly step: 'answer'; readonly output: string; readonly succeeded: boolean }
  | { readonly step: 'ask'; readonly question: Question; readonly then: ExecPlan }
  | {
      readonly step: 'run';
      readonly spawn: Spawn;
      readonly ifDenied: ExecPlan | null;
      /** Which hosts a command wants is known when it was refused them: then it is planned again, with these. Absent: it is not. */
      readonly ifRefused?: 'replan';
    };

/** A tool that somebody else has: it runs where its server runs, outside of every sandbox of ours. */
export interface Remote {
  readonly server: string;
  readonly tool: string;
  /** JSON text of an object. */
  readonly args: string;
  readonly timeoutMs: number;
}
export type RemoteStep = { readonly step: 'remote'; readonly remote: Remote };

/** What a call may walk: a plan of the planner, or words for what it let run before. They need no second permission. */
export type CallPlan =
  | ExecPlan
  | { readonly step: 'talk'; readonly talk: Talk }
  | RemoteStep
  | { readonly step: 'ask'; readonly question: Question; readonly then: RemoteStep };

export type ExecEnding =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'signalled'; readonly signal: string }
  | { readonly kind: 'timedOut'; readonly afterMs: number }
  | { readonly kind: 'cancelled'; readonly signal: string | null }
  /** It was never started: no such program, no such folder. */
  | { readonly kind: 'unstarted'; readonly reason: string }
  /** The sandbox could not be built. Never a denial, never offered as "retry without a sandbox". */
  | { readonly kind: 'setupFailed'; readonly reason: string }
  /** The runtime was lost while it ran: nobody knows how far it came, and it is never run again. */
  | { readonly kind: 'unknown' };

export interface Denial {
  readonly what: 'filesystem' | 'network' | 'kernel';
  readonly certainty: 'certain' | 'likely';
  /** The line of output that shows it. */
  readonly evidence: string;
  readonly paths: readonly string[];
  /** Hosts, each with its port, that were wanted and are not in the list. */
  readonly hosts?: readonly string[];
}

export interface ExecResult {
  readonly ending: ExecEnding;
  /** Both streams, in the order they arrived; the middle of a long output is left out. */
  readonly output: string;
  readonly omittedBytes: number;
  /** Where the whole output was kept, if it was too long to keep here. */
  readonly spill?: string;
  readonly durationMs: number;
  readonly pid: number | null;
  /** The sandbox said no, rather than the command. */
  readonly denial: Denial | null;
  /** At its gate: hosts, each with its port, that it came to, and all that were refused to it. */
  readonly network?: { readonly contacted: readonly string[]; readonly refused: readonly string[] };
}

/** What is known about this machine: found once at start, by `host.ts`. */
export interface Host {
  readonly platform: string;
  /** `x64`, `arm64`: which numbers the system calls have. Absent: `x64`. */
  readonly arch?: string;
  readonly uid: number;
  readonly home: string;
  readonly tmp: string;
  /** The user's shell, absolute. */
  readonly shell: string;
  /** Absolute paths of the helpers that are installed, by name, with what their version can do. */
  readonly helpers: Readonly<
    Record<string, { readonly path: string; readonly version: string; readonly features: readonly string[] }>
  >;
  /** What the probe of each backend said; null: it works. */
  readonly probes: Readonly<Record<string, Unavailable | null>>;
}

/** Why a backend cannot be used here, which layer says so, and how to mend it. */
export interface Unavailable {
  readonly layer: string;
  readonly reason: string;
  readonly remedy: string;
}

/** What the disk looks like where the policy matters: real paths, and what must not be written even there. */
export interface Terrain {
  readonly cwd: string;
  /** The writable roots after `realpath`. */
  readonly roots: readonly string[];
  /** Existing paths inside the roots that stay read-only (`.git` and the like). */
  readonly protectedPaths: readonly string[];
  /** Protected names that do not exist yet and must not be made. */
  readonly absentPaths: readonly string[];
  /** Paths nobody may read. */
  readonly hidden: readonly { readonly path: string; readonly isFolder: boolean }[];
  /** The folder that stands in for /tmp, or null. */
  readonly privateTmp: string | null;
  readonly warnings: readonly string[];
  /** Folders that stay readable although a private /tmp or an empty /run covers the place where they lie. */
  readonly kept?: readonly string[];
  /** Protected names that are symbolic links in a writable root: whoever may write there can swap them. */
  readonly unprotectable?: readonly string[];
  /** Where the known writes of the command really lead. Absent: they are taken at their word. */
  readonly reach?: readonly Reach[];
  /** What git writes when it commits from here; absent or null: this is no repository. */
  readonly gitFolder?: string | null;
}

/** A path that a command is known to write, after every link on the way was followed. */
export interface Reach {
  readonly path: string;
  readonly real: string;
  /** The deepest folder on the way that exists. */
  readonly folder: string;
}

/** What we ourselves could do with a path, outside of the sandbox: it tells a denial from a failure of the command's own. */
export interface Outside {
  readonly exists: (path: string) => boolean;
  /** The file, or where there is none, its folder. */
  readonly mayWrite: (path: string) => boolean;
}

/** Everything the planner looks at. Same request, same plan. */
export interface PlanRequest {
  readonly command: Command;
  readonly sandbox: SandboxPolicy;
  readonly approval: ApprovalPolicy;
  readonly grants: readonly Grant[];
  readonly rules: readonly Rule[];
  readonly hostRules?: readonly HostRule[];
  /** Hosts, each with its port, that were refused to this command when it ran. Absent: it did not run yet. */
  readonly refused?: readonly string[];
  /** The model asks to leave the sandbox for this one command, and says why. */
  readonly escalation: { readonly justification: string } | null;
  readonly host: Host;
  readonly terrain: Terrain;
}

/**
 * One way to confine a command. To add one: write `backends/<name>.backend.ts`, then add its line to `registry.ts`.
 * All are pure, so a backend is tested on every platform, without the platform.
 */
export interface SandboxBackend {
  readonly name: string;
  /** Why this host cannot use the backend for this policy; null when it can. */
  unavailable(host: Host, policy: SandboxPolicy): Unavailable | null;
  /** Called only when `unavailable` returned null. */
  confine(command: Command, policy: SandboxPolicy, terrain: Terrain, host: Host): Spawn;
  /** Whether this ending is the backend's own doing. `outside`: absent, and it is told by the words alone. */
  denial(ending: ExecEnding, output: string, spawn: Spawn, outside?: Outside): Denial | null;
}
