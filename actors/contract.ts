/** What the runtime is made from, and what it hands out. The chat, exec, ACP and the inspector use only this. */
import type { Observable } from 'rxjs';
import type { Delta, Grant, Item, Op, Refusal, RuntimeEvent, Stamped } from '../machines/protocol/index.ts';
import type { ApprovalPolicy, HostRule, Rule, SandboxPolicy } from '../sandbox/policy.ts';
import type { HookConfig } from './hooks/words.ts';
import type { Leased } from './log/origin.ts';
import type { McpServerConfig } from './mcp/words.ts';
import type { ProviderConfig } from './providers/provider.ts';

/**
 * Everything that the sessions of one runtime are made from; data, nothing is read from elsewhere. `loadConfig` makes
 * one.
 */
export interface RuntimeConfig {
  readonly version: string;
  /** `$TURNSTILE_HOME`, absolute. */
  readonly home: string;
  /** The folder in which commands run, absolute. */
  readonly cwd: string;
  readonly model: string;
  readonly provider: ProviderConfig;
  /** Context window in tokens, and the fill at which a compaction comes first. */
  readonly windowSize: number;
  readonly compactAt: number;
  readonly reasoningEffort?: string | undefined;
  readonly reasoningSummary?: string | undefined;
  readonly approval: ApprovalPolicy;
  readonly sandbox: SandboxPolicy;
  readonly rules: readonly Rule[];
  /** What the rules say of hosts, here. Absent: nothing. */
  readonly hostRules?: readonly HostRule[] | undefined;
  /** False: nobody can answer a question, so each is refused at once. */
  readonly isAttended: boolean;
  /** The environment of commands, already filtered by `shell_environment_policy`. Secrets are not in it. */
  readonly env: Readonly<Record<string, string>>;
  /** argv prefix that starts our own patch binary. */
  readonly patchBinary: readonly [string, ...string[]];
  readonly projectDocMaxBytes: number;
  readonly projectDocFallbackFilenames: readonly string[];
  readonly projectRootMarkers: readonly string[];
  /** Retries of one request; see machines/limits.ts for the defaults. */
  readonly maxAttempts: number;
  /** False: nothing is written (`--ephemeral`). */
  readonly keepsJournal: boolean;
  readonly notify: readonly string[] | null;
  /** Servers of tools that sessions use; absent: none. */
  readonly mcpServers?: readonly McpServerConfig[] | undefined;
  /** The user's own programs that are asked; absent: none. */
  readonly hooks?: readonly HookConfig[] | undefined;
}

/** Which session is opened; without any, a new one. */
export interface OpenOptions {
  /** Continue a saved session: its journal is read, and appended to. `takesOver`: also from a process that still writes it, which then cannot any more. */
  readonly resume?: { readonly file: string; readonly takesOver?: boolean } | undefined;
  /** A new session that begins with the history of another. */
  readonly fork?: { readonly file: string; readonly beforeUserMessage?: number } | undefined;
  readonly outputSchema?: Readonly<Record<string, unknown>> | undefined;
  /** A session of a fleet: what there is of it, and where it is written on. */
  readonly leased?: Leased | undefined;
}

/** The one answer to an op. A refused op has changed nothing, and `message` is a sentence for people. */
export type Reply =
  | { readonly kind: 'accepted'; readonly opId: string; readonly turnId?: string | undefined }
  | { readonly kind: 'refused'; readonly opId: string; readonly reason: Refusal; readonly message: string };

/** What a client may know of the moment without following the facts. */
export interface SessionView {
  readonly state: 'starting' | 'idle' | 'rewinding' | 'busy' | 'aborting' | 'shuttingDown' | 'closed';
  readonly turnId: string | null;
  readonly history: readonly Item[];
  readonly grants: readonly Grant[];
  readonly queued: readonly { readonly inputId: string; readonly text: string }[];
  /** Events of the model's stream that nobody here knows: what they are called → how many came. */
  readonly skipped?: Readonly<Record<string, number>>;
}

/** One conversation. Whoever holds it need not poll: what happens is told by `events`. Its ops never reject. */
export interface Session extends AsyncDisposable {
  readonly id: string;
  /** Where the journal is; null for an ephemeral session. */
  readonly journal: string | null;
  /** Resolves with the one reply to the op; a malformed op is refused as `unknownOp`. */
  submit(op: Op): Promise<Reply>;
  /** Facts and deltas, hot, in one order. Subscribe before you submit. */
  readonly events: Observable<Stamped<RuntimeEvent | Delta>>;
  /** Whether the session would take this op now; the reason if not. What `?` and greyed-out commands are made from. */
  can(op: Op): Refusal | null;
  /** The session as it is at this moment. */
  view(): SessionView;
  /** Stops what runs, says `session.closed`, and returns when nothing is left. */
  close(): Promise<void>;
}

/**
 * What the sessions of one process share. When it is disposed of, every session is closed and nothing that they
 * started is left.
 */
export interface Runtime extends AsyncDisposable {
  /** Rejects with `CannotOpen` where a journal cannot be read, or another process writes it. */
  open(options?: OpenOptions): Promise<Session>;
}
