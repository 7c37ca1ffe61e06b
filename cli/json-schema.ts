/** The lines of `exec --json`, as schemas: the types of the writer, and what `exec --print-schema` prints. */
import * as z from 'zod/mini';
import { CallStatus, ErrorKind, PlanInWords, Question, Stopped, Verdict } from '../machines/protocol/index.ts';

const text = z.string();
const count = z.int().check(z.nonnegative());

const Usage = z.object({
  input_tokens: count,
  cached_input_tokens: count,
  output_tokens: count,
  reasoning_output_tokens: count,
});

/** The four words that Codex knows; `outcome` is ours, and exact. */
const Status = z.enum(['in_progress', 'completed', 'failed', 'declined']);
const item = <const T extends string, S extends z.core.$ZodLooseShape>(type: T, shape: S) =>
  z.object({ id: text, type: z.literal(type), ...shape });
const call = { status: Status, outcome: z.optional(CallStatus), duration_ms: z.optional(z.number()) };

export const LineItem = z.discriminatedUnion('type', [
  item('agent_message', { text, incomplete: z.optional(z.literal(true)) }),
  item('reasoning', { text }),
  item('command_execution', {
    command: text,
    aggregated_output: text,
    exit_code: z.optional(z.int()),
    /** It goes on beside the turn. */
    terminal_id: z.optional(text),
    cwd: text,
    sandbox: z.nullable(text),
    plan: z.nullable(PlanInWords),
    ...call,
  }),
  item('file_change', {
    changes: z.array(z.object({ path: text, kind: z.enum(['add', 'delete', 'update']), moved_to: z.optional(text) })),
    output: z.optional(text),
    ...call,
  }),
  item('mcp_tool_call', {
    server: text,
    tool: text,
    arguments: z.unknown(),
    result: z.optional(z.object({ content: z.array(z.object({ type: z.literal('text'), text })) })),
    error: z.optional(z.object({ message: text })),
    ...call,
  }),
  item('tool_call', { tool: text, arguments: text, output: z.optional(text), ...call }),
  item('todo_list', { items: z.array(z.object({ text, completed: z.boolean() })) }),
  item('error', { message: text }),
]);
export type LineItem = z.infer<typeof LineItem>;

const line = <const T extends string, S extends z.core.$ZodLooseShape>(type: T, shape: S) =>
  z.object({ type: z.literal(type), v: z.literal(1), seq: count, t: z.iso.datetime(), ...shape });

export const Line = z.discriminatedUnion('type', [
  line('thread.started', { thread_id: text }),
  line('turn.started', { turn_id: text }),
  line('item.started', { item: LineItem }),
  line('item.updated', { item: LineItem }),
  line('item.completed', { item: LineItem }),
  line('turn.completed', { usage: Usage, turn_id: text }),
  line('turn.failed', {
    error: z.object({ message: text, kind: ErrorKind }),
    usage: Usage,
    turn_id: text,
    stopped: z.array(Stopped),
  }),
  line('turn.aborted', {
    reason: z.enum(['interrupted', 'replaced', 'shutdown', 'lost']),
    usage: Usage,
    turn_id: text,
    stopped: z.array(Stopped),
  }),
  line('token.count', {
    usage: Usage,
    last: Usage,
    turn: Usage,
    window: z.object({ used: count, size: count, full: z.boolean() }),
  }),
  line('retrying', { attempt: count, of: count, delay_ms: count, cause: text, kind: ErrorKind }),
  line('approval.requested', { approval_id: text, item_id: text, question: Question }),
  line('approval.resolved', { approval_id: text, item_id: text, decision: text, reason: z.optional(text) }),
  line('history.compacted', { before: count, after: count }),
  line('terminal.started', { terminal_id: text, command: text, pid: z.nullable(z.int()) }),
  line('terminal.ended', { terminal_id: text, outcome: CallStatus, exit_code: z.optional(z.int()) }),
  line('review.entered', { target: text }),
  line('review.exited', { review: z.nullable(Verdict) }),
  line('error', { message: text }),
]);
export type Line = z.infer<typeof Line>;

export const linesAsJsonSchema = (): object => z.toJSONSchema(Line, { io: 'output' });
