/** Questions to the user, and what an answer may be. */
import * as z from 'zod/mini';

/** A right that the user gave. Shown in words before it is given, listed, revocable. */
export const Grant = z.discriminatedUnion('kind', [
  /** Commands whose words begin with `argv` need no question. Compound commands: every segment needs its own grant. */
  z.readonly(
    z.object({
      kind: z.literal('prefix'),
      argv: z.readonly(z.array(z.string())),
      lifetime: z.enum(['session', 'always']),
    }),
  ),
  /** This very command, outside the sandbox. */
  z.readonly(
    z.object({
      kind: z.literal('unsandboxed'),
      argv: z.readonly(z.array(z.string())),
      cwd: z.string(),
      lifetime: z.literal('session'),
    }),
  ),
  /** One more folder that may be written, still inside the sandbox. */
  z.readonly(z.object({ kind: z.literal('path'), path: z.string(), lifetime: z.literal('session') })),
  /** A file that patches may change without a question. */
  z.readonly(z.object({ kind: z.literal('patch'), path: z.string(), lifetime: z.literal('session') })),
  /** One more host that commands may reach where their network is a list, by `name:port`. */
  z.readonly(z.object({ kind: z.literal('host'), host: z.string(), lifetime: z.enum(['session', 'always']) })),
  /** A tool of an MCP server, whatever it is given. */
  z.readonly(
    z.object({ kind: z.literal('mcp'), server: z.string(), tool: z.string(), lifetime: z.literal('session') }),
  ),
]);
export type Grant = z.infer<typeof Grant>;

/** What may be answered to a question. */
export const Decision = z.discriminatedUnion('kind', [
  z.readonly(z.object({ kind: z.literal('approve') })),
  /** Yes, and take the grants that the question offered. */
  z.readonly(z.object({ kind: z.literal('approveForSession') })),
  /** Yes, and keep what the question could keep: for this folder, from now on. */
  z.readonly(z.object({ kind: z.literal('approveAndKeep') })),
  /** No; the turn goes on. The words, if any, are what the model reads as the result of its call. */
  z.readonly(z.object({ kind: z.literal('deny'), reason: z.optional(z.string()) })),
  /** No, and stop the whole turn. */
  z.readonly(z.object({ kind: z.literal('abort') })),
]);
export type Decision = z.infer<typeof Decision>;

/** One way to run a command, in words a person can weigh. */
export const PlanInWords = z.readonly(
  z.object({
    /** Name of the backend: `bubblewrap`, `seatbelt`, `direct`. */
    backend: z.string(),
    /** For instance `workspace-write · network off`. */
    sandbox: z.string(),
    /** What is expected to go wrong, where it is known beforehand. */
    expects: z.optional(z.string()),
  }),
);
export type PlanInWords = z.infer<typeof PlanInWords>;

/** Everything a person needs to decide; written by the planner, so that every client shows the same. */
export const Question = z.readonly(
  z.object({
    /** The rule or the policy that makes us ask. */
    why: z.string(),
    /** The model's own sentence, where it gave one. */
    justification: z.optional(z.string()),
    /** For an escalation: what the first attempt ran into. */
    cause: z.optional(z.string()),
    /** What may run without an answer; null: nothing. */
    now: z.nullable(PlanInWords),
    ifYes: PlanInWords,
    /** What "approve for the session" would grant, and the same in one sentence. Empty: it means this command, once. */
    offers: z.readonly(z.array(Grant)),
    offersInWords: z.string(),
    /** What “approve and keep” would write into the rules of this folder. Absent: nothing is kept. */
    keeps: z.optional(z.readonly(z.object({ grants: z.readonly(z.array(Grant)), inWords: z.string() }))),
    /** Identifies what a yes would run. A decision that names another hash is refused. */
    planHash: z.string(),
  }),
);
export type Question = z.infer<typeof Question>;
