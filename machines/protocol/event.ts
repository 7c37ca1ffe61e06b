/**
 * What the runtime reports. Facts, in the past tense; their order is the order in which they became true.
 * Deltas are a union of their own: they are shown and forgotten, no machine hears them and no journal keeps them.
 */
import * as z from 'zod/mini';
import { Decision, Grant, PlanInWords, Question } from './approval.ts';
import { RuntimeError } from './error.ts';
import { CallStatus, Item } from './item.ts';
import { Refusal } from './op.ts';
import { Verdict } from './review.ts';
import { Accounting, TokenUsage } from './usage.ts';

/** What a patch does to one file. */
export const FileChange = z.readonly(
  z.object({
    path: z.string(),
    kind: z.enum(['add', 'delete', 'update']),
    movedTo: z.optional(z.string()),
    /** Unified, as the user shall see it. */
    diff: z.string(),
  }),
);
export type FileChange = z.infer<typeof FileChange>;

/** What a call does, as it is shown before, while and after it runs. */
export const CallView = z.discriminatedUnion('kind', [
  z.readonly(
    z.object({
      kind: z.literal('command'),
      command: z.string(),
      argv: z.readonly(z.array(z.string())),
      cwd: z.string(),
      /** How it will run first; absent where it will not run. */
      plan: z.optional(PlanInWords),
    }),
  ),
  z.readonly(
    z.object({ kind: z.literal('patch'), changes: z.readonly(z.array(FileChange)), plan: z.optional(PlanInWords) }),
  ),
  z.readonly(z.object({ kind: z.literal('mcp'), server: z.string(), tool: z.string(), args: z.string() })),
  /** A tool with nothing to show but its name: a plan update, a picture that was looked at, a call that made no sense. */
  z.readonly(z.object({ kind: z.literal('tool'), tool: z.string(), args: z.string() })),
]);
export type CallView = z.infer<typeof CallView>;

/** A line of the model's plan. */
export const PlanStep = z.readonly(
  z.object({ step: z.string(), status: z.enum(['pending', 'in_progress', 'completed']) }),
);
export type PlanStep = z.infer<typeof PlanStep>;

/** A process that an interrupt ended. */
export const Stopped = z.readonly(
  z.object({ what: z.string(), pid: z.optional(z.int()), signal: z.optional(z.string()), exit: z.optional(z.int()) }),
);
export type Stopped = z.infer<typeof Stopped>;

/** What a rewind did to the files. Paths are absolute. */
export const FilesRestored = z.readonly(
  z.object({
    restored: z.readonly(z.array(z.string())),
    /** They are as they were found: why. */
    kept: z.readonly(z.array(z.readonly(z.object({ path: z.string(), why: z.string() })))),
    /** In words: what may have changed and was not saved. */
    notCovered: z.readonly(z.array(z.string())),
  }),
);
export type FilesRestored = z.infer<typeof FilesRestored>;

/** Which kind of work a turn does: `regular`, `review`, `compact`, `shell`. */
export const TaskName = z.string();

const id = z.string();
const turnId = z.string();
const callId = z.string();
const ending = {
  turnId,
  usage: TokenUsage,
  undelivered: z.readonly(z.array(z.object({ inputId: id, text: z.string() }))),
};

const fact = <const T extends string, S extends z.core.$ZodLooseShape>(type: T, shape: S) =>
  z.readonly(z.object({ type: z.literal(type), ...shape }));

/**
 * A fact: something that has become true. Facts come from `session.events` in one order, are in the journal, and are
 * never taken back.
 */
export const RuntimeEvent = z.discriminatedUnion('type', [
  fact('session.configured', {
    threadId: id,
    cwd: z.string(),
    model: z.string(),
    provider: z.string(),
    approvalPolicy: z.string(),
    sandbox: PlanInWords,
  }),
  fact('session.warned', { message: z.string() }),
  fact('session.closed', {}),
  fact('op.accepted', { opId: id, turnId: z.optional(turnId) }),
  fact('op.refused', { opId: id, reason: Refusal, message: z.string() }),
  /** What became of words that were not delivered at once. */
  fact('input.queued', { inputId: id, text: z.string() }),
  fact('input.returned', { inputId: id, text: z.string() }),
  /** `continues`: a turn that was lost with its process while it asked; this one asks again. */
  fact('turn.started', { turnId, task: z.string(), windowSize: z.int(), continues: z.optional(turnId) }),
  fact('task.started', { turnId, task: z.string() }),
  fact('items.recorded', { turnId, items: z.readonly(z.array(Item)) }),
  fact('history.compacted', { turnId, history: z.readonly(z.array(Item)), before: z.int(), after: z.int() }),
  fact('history.rewound', { turns: z.int(), history: z.readonly(z.array(Item)), files: z.optional(FilesRestored) }),
  fact('tokens.counted', { turnId, accounting: Accounting }),
  fact('sample.retrying', { turnId, attempt: z.int(), of: z.int(), delayMs: z.int(), error: RuntimeError }),
  fact('call.started', { turnId, callId, tool: z.string(), view: CallView }),
  fact('approval.requested', { turnId, approvalId: id, callId, view: CallView, question: Question }),
  fact('approval.resolved', {
    turnId,
    approvalId: id,
    callId,
    decision: z.union([Decision, z.literal('cancelled')]),
    source: z.optional(z.string()),
  }),
  fact('call.finished', {
    turnId,
    callId,
    status: CallStatus,
    view: CallView,
    output: z.string(),
    exitCode: z.optional(z.int()),
    durationMs: z.optional(z.number()),
    ran: z.optional(PlanInWords),
    /** The call is over, and its command goes on under this name. */
    terminalId: z.optional(id),
  }),
  /** Hosts, each with its port, that a command came to, and those that were refused to it: told before its end. */
  fact('network.contacted', { turnId, callId, hosts: z.readonly(z.array(z.string())) }),
  fact('network.refused', { turnId, callId, hosts: z.readonly(z.array(z.string())) }),
  fact('plan.updated', { turnId, explanation: z.optional(z.string()), plan: z.readonly(z.array(PlanStep)) }),
  fact('turn.diffed', { turnId, diff: z.string() }),
  /** A command that goes on beside the turns; its end may come after the turn in which it began. */
  fact('terminal.started', { terminalId: id, callId, what: z.string(), pid: z.nullable(z.int()) }),
  fact('terminal.ended', { terminalId: id, status: CallStatus, exitCode: z.optional(z.int()) }),
  /** A server of tools: `tools` are those that the model may be offered now. */
  fact('mcp.changed', {
    server: z.string(),
    state: z.enum(['connecting', 'ready', 'failed', 'closed']),
    tools: z.readonly(z.array(z.string())),
    message: z.optional(z.string()),
  }),
  /** The user's own programs were asked. `message`: why they said no, or want a person to decide. */
  fact('hook.ran', {
    hook: z.string(),
    turnId: z.optional(turnId),
    callId: z.optional(callId),
    outcome: z.enum(['passed', 'blocked', 'asked', 'cancelled']),
    message: z.optional(z.string()),
  }),
  fact('review.entered', { turnId, target: z.string() }),
  /** null: it ended without findings. */
  fact('review.exited', { turnId, review: z.nullable(Verdict) }),
  fact('grant.given', { grant: Grant }),
  fact('turn.completed', { ...ending, lastAgentMessage: z.nullable(z.string()) }),
  fact('turn.failed', { ...ending, error: RuntimeError, stopped: z.readonly(z.array(Stopped)) }),
  fact('turn.aborted', {
    ...ending,
    reason: z.enum(['interrupted', 'replaced', 'shutdown', 'lost']),
    stopped: z.readonly(z.array(Stopped)),
  }),
]);
export type RuntimeEvent = z.infer<typeof RuntimeEvent>;
/** The fact of this type. */
export type FactOf<T extends RuntimeEvent['type']> = Extract<RuntimeEvent, { type: T }>;

/** A piece of something that grows: shown, and forgotten. What the pieces add up to comes as a fact. */
export const Delta = z.discriminatedUnion('type', [
  fact('agent.delta', { turnId, text: z.string() }),
  fact('reasoning.delta', { turnId, text: z.string() }),
  /** A tool call of which the model is still writing the arguments. */
  fact('call.delta', { turnId, callId, tool: z.string(), text: z.string() }),
  fact('exec.printed', { turnId, callId, stream: z.enum(['stdout', 'stderr']), chunk: z.string() }),
]);
export type Delta = z.infer<typeof Delta>;

/** Whether it is a piece of something, and not in the journal. */
export const isDelta = (event: RuntimeEvent | Delta): event is Delta =>
  event.type.endsWith('.delta') || event.type === 'exec.printed';

const ENDINGS: ReadonlySet<string> = new Set(['turn.completed', 'turn.failed', 'turn.aborted']);
/** Whether a turn ends with it; each turn that was started has exactly one such fact. */
export const isTurnEnding = (
  event: RuntimeEvent | Delta,
): event is FactOf<'turn.completed' | 'turn.failed' | 'turn.aborted'> => ENDINGS.has(event.type);

/** A fact or a delta as it leaves the bus: numbered without gaps (deltas share the number of the fact before them) and dated. */
export type Stamped<E = RuntimeEvent | Delta> = E & { readonly seq: number; readonly at: number };
