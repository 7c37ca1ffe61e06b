/** What a configured server of tools is, and what the program says to the worker in which the protocol is spoken. Data only. */
import type { CallStatus } from '../../machines/protocol/index.ts';
import type { Hints, RemoteApproval } from '../../sandbox/remote.ts';

export interface McpServerConfig {
  readonly name: string;
  readonly how:
    | {
        readonly kind: 'stdio';
        readonly argv: readonly [file: string, ...args: string[]];
        readonly cwd: string;
        /** The whole environment of the server. */
        readonly env: Readonly<Record<string, string>>;
      }
    | { readonly kind: 'http'; readonly url: string; readonly headers: Readonly<Record<string, string>> };
  readonly startupMs: number;
  readonly toolMs: number;
  /** Names of its tools; null: all of them. */
  readonly enabled: readonly string[] | null;
  readonly disabled: readonly string[];
  readonly approval: RemoteApproval;
  /** Of single tools, by name; it goes before that of the server. */
  readonly toolApproval: Readonly<Record<string, RemoteApproval>>;
}

/** A tool as its server lists it, cut to what is offered to a model. */
export interface ListedTool {
  readonly name: string;
  readonly description: string;
  readonly schema: Readonly<Record<string, unknown>>;
  readonly hints: Hints;
}

export interface Answered {
  readonly status: CallStatus;
  /** What the model reads. */
  readonly output: string;
}

export type ToWorker =
  | {
      readonly type: 'open';
      readonly server: string;
      readonly version: string;
      /** null: through the process, line by line. */
      readonly http: { readonly url: string; readonly headers: Readonly<Record<string, string>> } | null;
    }
  /** A line that the process of the server wrote. */
  | { readonly type: 'heard'; readonly server: string; readonly line: string }
  | {
      readonly type: 'call';
      readonly server: string;
      readonly id: string;
      readonly tool: string;
      readonly args: Readonly<Record<string, unknown>>;
    }
  | { readonly type: 'cancel'; readonly id: string }
  | { readonly type: 'close'; readonly server: string };

export type FromWorker =
  /** A line for the process of the server. */
  | { readonly type: 'said'; readonly server: string; readonly line: string }
  | { readonly type: 'listed'; readonly server: string; readonly tools: readonly ListedTool[] }
  | { readonly type: 'lost'; readonly server: string; readonly why: string }
  | { readonly type: 'closed'; readonly server: string }
  | { readonly type: 'progressed'; readonly id: string; readonly text: string }
  | ({ readonly type: 'answered'; readonly id: string } & Answered);
