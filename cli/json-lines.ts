/**
 * The facts of a session as the lines of `exec --json`. Pure: (state, fact) → [state, lines].
 *
 * Promises, for any order of facts: `seq` is dense from 0; every `item.started` has exactly one `item.completed`, and has it
 * before the terminal of its turn; every `turn.started` has exactly one terminal, and nothing of a turn follows it; every
 * `terminal.started` has exactly one `terminal.ended`, which may follow the turn.
 */
import {
  isTurnEnding,
  type CallView,
  type FactOf,
  type RuntimeEvent,
  type TokenUsage,
} from '../machines/protocol/index.ts';
import { NO_USAGE } from '../machines/protocol/usage.ts';
import type { Line, LineItem } from './json-schema.ts';
import { openItem, finishedItem } from './json-items.ts';

export interface LinesState {
  readonly seq: number;
  /** Numbers of items are dense too. */
  readonly nextItem: number;
  readonly isThreadKnown: boolean;
  readonly turnId: string | null;
  /** Calls that have begun and not ended, by call id. */
  readonly open: ReadonlyMap<string, { readonly id: string; readonly view: CallView }>;
  /** The plan of the turn is one item, updated until the turn ends. */
  readonly todo: LineItem | null;
  /** Commands in the background, which belong to no turn. */
  readonly terminals: readonly string[];
}

export const newLines: LinesState = {
  seq: 0,
  nextItem: 0,
  isThreadKnown: false,
  turnId: null,
  open: new Map(),
  todo: null,
  terminals: [],
};

type Body = Line extends infer L ? (L extends Line ? Omit<L, 'v' | 'seq' | 't'> : never) : never;
type Step = readonly [state: LinesState, bodies: readonly Body[]];

export const usageLine = ({ input, cachedInput, output, reasoningOutput }: TokenUsage) => ({
  input_tokens: input,
  cached_input_tokens: cachedInput,
  output_tokens: output,
  reasoning_output_tokens: reasoningOutput,
});

const fresh = (state: LinesState): readonly [string, LinesState] => [
  `item_${state.nextItem}`,
  { ...state, nextItem: state.nextItem + 1 },
];

/** A plan update is told as a to-do list, not as a call. */
const isHidden = (view: CallView): boolean => view.kind === 'tool' && view.tool === 'update_plan';

const begin = (state: LinesState, { callId, view }: FactOf<'call.started'>): Step => {
  if (isHidden(view) || state.open.has(callId)) return [state, []];
  const [id, next] = fresh(state);
  return [
    { ...next, open: new Map(state.open).set(callId, { id, view }) },
    [{ type: 'item.started', item: openItem(id, view) }],
  ];
};

const finish = (state: LinesState, fact: FactOf<'call.finished'>): Step => {
  if (isHidden(fact.view)) return [state, []];
  const known = state.open.get(fact.callId);
  const [id, next] = known === undefined ? fresh(state) : [known.id, state];
  const open = new Map(state.open);
  open.delete(fact.callId);
  return [{ ...next, open }, [{ type: 'item.completed', item: finishedItem(id, fact) }]];
};

const record = (state: LinesState, { items }: FactOf<'items.recorded'>): Step =>
  items.reduce<Step>(
    ([current, bodies], recorded) => {
      if ((recorded.type !== 'agent' && recorded.type !== 'reasoning') || recorded.text === '')
        return [current, bodies];
      const [id, next] = fresh(current);
      const item: LineItem =
        recorded.type === 'reasoning'
          ? { id, type: 'reasoning', text: recorded.text }
          : { id, type: 'agent_message', text: recorded.text, ...(recorded.incomplete && { incomplete: true }) };
      return [next, [...bodies, { type: 'item.completed', item }]];
    },
    [state, []],
  );

const plan = (state: LinesState, fact: FactOf<'plan.updated'>): Step => {
  const items = fact.plan.map(({ step, status }) => ({ text: step, completed: status === 'completed' }));
  const [id, next] = state.todo === null ? fresh(state) : [state.todo.id, state];
  const todo: LineItem = { id, type: 'todo_list', items };
  return [{ ...next, todo }, [{ type: state.todo === null ? 'item.started' : 'item.updated', item: todo }]];
};

/** What is still open is closed as interrupted, then the turn gets its terminal. */
const end = (state: LinesState, turnId: string, terminal: Body): Step => {
  const left: Body[] = [...state.open].map(([callId, { id, view }]) => ({
    type: 'item.completed',
    item: finishedItem(id, { type: 'call.finished', turnId, callId, status: 'aborted', view, output: '' }),
  }));
  const todo: readonly Body[] = state.todo === null ? [] : [{ type: 'item.completed', item: state.todo }];
  return [{ ...state, turnId: null, open: new Map(), todo: null }, [...left, ...todo, terminal]];
};

const terminalOf = (fact: FactOf<'turn.completed' | 'turn.failed' | 'turn.aborted'>): Body => {
  const common = { turn_id: fact.turnId, usage: usageLine(fact.usage) };
  switch (fact.type) {
    case 'turn.completed':
      return { type: 'turn.completed', ...common };
    case 'turn.failed':
      return {
        type: 'turn.failed',
        error: { message: fact.error.message, kind: fact.error.kind },
        ...common,
        stopped: [...fact.stopped],
      };
    case 'turn.aborted':
      return { type: 'turn.aborted', reason: fact.reason, ...common, stopped: [...fact.stopped] };
  }
};

const itemIdOf = (state: LinesState, callId: string): string => state.open.get(callId)?.id ?? callId;

const withinTurn = (state: LinesState, event: RuntimeEvent): Step => {
  switch (event.type) {
    case 'items.recorded':
      return record(state, event);
    case 'call.started':
      return begin(state, event);
    case 'call.finished':
      return finish(state, event);
    case 'plan.updated':
      return plan(state, event);
    case 'tokens.counted': {
      const { session, last, turn, window } = event.accounting;
      const counts = { usage: usageLine(session), last: usageLine(last), turn: usageLine(turn) };
      return [state, [{ type: 'token.count', ...counts, window }]];
    }
    case 'sample.retrying': {
      const { attempt, of, delayMs, error } = event;
      return [state, [{ type: 'retrying', attempt, of, delay_ms: delayMs, cause: error.message, kind: error.kind }]];
    }
    case 'approval.requested': {
      const { approvalId, callId, question } = event;
      return [
        state,
        [{ type: 'approval.requested', approval_id: approvalId, item_id: itemIdOf(state, callId), question }],
      ];
    }
    case 'approval.resolved': {
      const { decision, approvalId, callId } = event;
      const told = { approval_id: approvalId, item_id: itemIdOf(state, callId) };
      const kind = decision === 'cancelled' ? decision : decision.kind;
      const reason = decision !== 'cancelled' && decision.kind === 'deny' ? decision.reason : undefined;
      return [state, [{ type: 'approval.resolved', ...told, decision: kind, ...(reason !== undefined && { reason }) }]];
    }
    case 'history.compacted':
      return [state, [{ type: 'history.compacted', before: event.before, after: event.after }]];
    case 'review.entered':
      return [state, [{ type: 'review.entered', target: event.target }]];
    case 'review.exited':
      return [state, [{ type: 'review.exited', review: event.review }]];
    default:
      return [state, []];
  }
};

const opened = (state: LinesState, threadId: string): Step =>
  state.isThreadKnown
    ? [state, []]
    : [{ ...state, isThreadKnown: true }, [{ type: 'thread.started', thread_id: threadId }]];

const beside = (state: LinesState, event: FactOf<'terminal.started' | 'terminal.ended'>): Step => {
  const { terminals } = state;
  const { terminalId } = event;
  if (terminals.includes(terminalId) === (event.type === 'terminal.started')) return [state, []];
  if (event.type === 'terminal.started') {
    const { what, pid } = event;
    const told: Body = { type: 'terminal.started', terminal_id: terminalId, command: what, pid };
    return [{ ...state, terminals: [...terminals, terminalId] }, [told]];
  }
  const { status, exitCode } = event;
  const how = { outcome: status, ...(exitCode !== undefined && { exit_code: exitCode }) };
  return [
    { ...state, terminals: terminals.filter((one) => one !== terminalId) },
    [{ type: 'terminal.ended', terminal_id: terminalId, ...how }],
  ];
};

const step = (state: LinesState, event: RuntimeEvent): Step => {
  if (event.type === 'session.configured') return opened(state, event.threadId);
  if (event.type === 'session.warned') return [state, [{ type: 'error', message: event.message }]];
  if (event.type === 'turn.started')
    return state.turnId === null
      ? [{ ...state, turnId: event.turnId }, [{ type: 'turn.started', turn_id: event.turnId }]]
      : [state, []];
  if (event.type === 'terminal.started' || event.type === 'terminal.ended') return beside(state, event);
  if (!('turnId' in event) || event.turnId !== state.turnId) return [state, []];
  return isTurnEnding(event) ? end(state, event.turnId, terminalOf(event)) : withinTurn(state, event);
};

const dated = ([state, bodies]: Step, at: number): readonly [LinesState, readonly Line[]] => {
  const t = new Date(at).toISOString();
  const lines = bodies.map((body, i): Line => {
    const { type, ...rest } = body;
    return { type, v: 1, seq: state.seq + i, t, ...rest } as Line; // the spread loses which member it was
  });
  return [{ ...state, seq: state.seq + lines.length }, lines];
};

export const toLines = (state: LinesState, event: RuntimeEvent & { readonly at: number }) =>
  dated(step(state, event), event.at);

/** The program has to leave before the runtime told how the turn ended. The contract of the stream is kept nevertheless. */
export const cutLines = (state: LinesState, reason: 'shutdown' | 'lost', at: number) => {
  const { turnId } = state;
  const usage = usageLine(NO_USAGE);
  const [ended, bodies]: Step =
    turnId === null
      ? [state, []]
      : end(state, turnId, { type: 'turn.aborted', reason, turn_id: turnId, usage, stopped: [] });
  const lost = state.terminals.map((terminal_id): Body => ({
    ...{ type: 'terminal.ended', terminal_id },
    outcome: 'unknown',
  }));
  return dated([{ ...ended, terminals: [] }, [...bodies, ...lost]], at);
};

/** The session is open. Its own word of it may have come before anybody listened. */
export const openLines = (state: LinesState, threadId: string, at: number) => dated(opened(state, threadId), at);

export const errorLine = (state: LinesState, message: string, at: number) =>
  dated([state, [{ type: 'error', message }]], at);
