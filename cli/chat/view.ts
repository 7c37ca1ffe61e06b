/**
 * What the chat knows. Pure: (view, what happened) → [view, cells to print].
 * Both front ends, the plain one and the painted one, are drawn from this and from nothing else.
 */
import type {
  Accounting,
  CallView,
  Delta,
  FactOf,
  Grant,
  PlanStep,
  Question,
  RuntimeEvent,
  Stamped,
} from '../../machines/protocol/index.ts';
import { heard, type Background } from './background.ts';
import type { Cell } from './cells.ts';
import { receiptOf } from './receipt.ts';
import { hookInWords } from '../human-lines.ts';
import { rewoundWords } from './rewound.ts';
import { heardServer, type ServerSeen } from './servers.ts';
import { noSpeech, speak, endSpeech, type Speech } from './speech.ts';

export interface RunningCall {
  readonly callId: string;
  readonly view: CallView;
  readonly since: number;
  /** The newest output, cut to what may be shown. */
  readonly tail: string;
}

export interface Pending {
  readonly approvalId: string;
  readonly callId: string;
  readonly view: CallView;
  readonly question: Question;
  readonly since: number;
}

export interface ChatView {
  readonly configured: FactOf<'session.configured'> | null;
  readonly phase: 'idle' | 'busy' | 'aborting' | 'closed';
  readonly turnId: string | null;
  readonly turns: number;
  /** The turn that ended last. */
  readonly lastEnded: string | null;
  readonly since: number;
  readonly abortingSince: number | null;
  readonly speech: Speech;
  readonly isThinking: boolean;
  readonly calls: readonly RunningCall[];
  readonly pending: readonly Pending[];
  readonly terminals: readonly Background[];
  readonly servers: readonly ServerSeen[];
  readonly queued: readonly { readonly inputId: string; readonly text: string }[];
  readonly returned: readonly string[];
  readonly accounting: Accounting | null;
  readonly plan: readonly PlanStep[];
  readonly grants: readonly Grant[];
  readonly diff: string;
  readonly retry: string | null;
  /** Of this turn. */
  readonly abortedCalls: number;
  readonly changedFiles: readonly string[];
  readonly hasSpoken: boolean;
}

export const newView: ChatView = {
  configured: null,
  phase: 'idle',
  turnId: null,
  turns: 0,
  lastEnded: null,
  since: 0,
  abortingSince: null,
  speech: noSpeech,
  isThinking: false,
  calls: [],
  pending: [],
  terminals: [],
  servers: [],
  queued: [],
  returned: [],
  accounting: null,
  plan: [],
  grants: [],
  diff: '',
  retry: null,
  abortedCalls: 0,
  changedFiles: [],
  hasSpoken: false,
};

/** What the front end did itself. */
export type Own =
  /** The user asked for the end of the turn. */
  | { readonly type: 'ui.interrupted'; readonly at: number }
  /** The texts that came back were put into the editor. */
  | { readonly type: 'ui.tookReturned' }
  /** Words of an earlier turn are the user's again. */
  | { readonly type: 'ui.gaveBack'; readonly text: string };

export type Happening = Stamped<RuntimeEvent | Delta> | Own;
type Step = readonly [ChatView, readonly Cell[]];

/** Output of a running command that is kept for the screen. Characters. */
const TAIL_CHARS = 4_000;

const ended = (view: ChatView, fact: Stamped<FactOf<'turn.completed' | 'turn.failed' | 'turn.aborted'>>): Step => {
  const [speech, spoken] = endSpeech(view.speech);
  const receipt = receiptOf(view, fact);
  const cell: Cell =
    fact.type === 'turn.completed'
      ? { kind: 'done', receipt }
      : fact.type === 'turn.failed'
        ? { kind: 'failed', error: fact.error, receipt }
        : { kind: 'aborted', reason: fact.reason, receipt };
  return [
    {
      ...view,
      phase: 'idle',
      turnId: null,
      lastEnded: fact.turnId,
      abortingSince: null,
      speech,
      isThinking: false,
      calls: [],
      pending: [],
      retry: null,
      returned: [...view.returned, ...fact.undelivered.map(({ text }) => text)],
    },
    [...spoken, cell],
  ];
};

const recorded = (view: ChatView, { items }: FactOf<'items.recorded'>): Step => {
  let now = view;
  const cells: Cell[] = [];
  for (const item of items) {
    if (item.type === 'agent' && item.text !== '') {
      const [speech, spoken] = endSpeech(now.speech, item.text);
      now = { ...now, speech, retry: null };
      cells.push(...spoken);
    }
    if (item.type === 'reasoning' && item.text.trim() !== '') cells.push({ kind: 'reasoning', text: item.text });
    if (item.type === 'user') {
      const { inputId } = item;
      cells.push({ kind: 'user', how: now.hasSpoken ? 'added' : 'said', text: item.text });
      now = { ...now, hasSpoken: true, queued: now.queued.filter((queued) => queued.inputId !== inputId) };
    }
  }
  return [{ ...now, isThinking: false }, cells];
};

const finished = (view: ChatView, fact: FactOf<'call.finished'>): Step => {
  const changed =
    fact.view.kind === 'patch' && fact.status === 'completed' ? fact.view.changes.map(({ path }) => path) : [];
  return [
    {
      ...view,
      calls: view.calls.filter(({ callId }) => callId !== fact.callId),
      pending: view.pending.filter(({ callId }) => callId !== fact.callId),
      abortedCalls: view.abortedCalls + (fact.status === 'aborted' ? 1 : 0),
      changedFiles: [...new Set([...view.changedFiles, ...changed])],
    },
    fact.view.kind === 'tool' && fact.view.tool === 'update_plan' ? [] : [{ kind: 'call', fact }],
  ];
};

const backgrounded = (view: ChatView, fact: Parameters<typeof heard>[1]): Step => {
  const [terminals, cells] = heard(view.terminals, fact);
  return [{ ...view, terminals }, cells];
};

const notice = (view: ChatView, tone: Extract<Cell, { kind: 'notice' }>['tone'], text: string): Step => [
  view,
  [{ kind: 'notice', tone, text }],
];

export const happen = (view: ChatView, event: Happening): Step => {
  switch (event.type) {
    case 'ui.interrupted':
      return [view.phase === 'busy' ? { ...view, phase: 'aborting', abortingSince: event.at } : view, []];
    case 'ui.gaveBack':
      return [{ ...view, returned: [...view.returned, event.text] }, []];
    case 'ui.tookReturned':
      return [{ ...view, returned: [] }, []];
    case 'session.configured':
      return [{ ...view, configured: event }, []];
    case 'session.warned':
      return notice(view, 'warn', event.message);
    case 'session.closed':
      return [{ ...view, phase: 'closed' }, []];
    case 'op.refused':
      return notice(view, 'warn', event.message);
    case 'input.queued':
      return [{ ...view, queued: [...view.queued, { inputId: event.inputId, text: event.text }] }, []];
    case 'input.returned':
      return [
        {
          ...view,
          queued: view.queued.filter(({ inputId }) => inputId !== event.inputId),
          returned: [...view.returned, event.text],
        },
        [],
      ];
    case 'turn.started':
      return [
        {
          ...view,
          phase: 'busy',
          turnId: event.turnId,
          turns: view.turns + 1,
          since: event.at,
          abortingSince: null,
          speech: noSpeech,
          abortedCalls: 0,
          changedFiles: [],
          hasSpoken: false,
          diff: '',
        },
        [],
      ];
    case 'agent.delta': {
      const [speech, spoken] = speak(view.speech, event.text);
      return [{ ...view, speech, isThinking: false, retry: null }, spoken];
    }
    case 'reasoning.delta':
      return [{ ...view, isThinking: true, retry: null }, []];
    case 'items.recorded':
      return recorded(view, event);
    case 'sample.retrying': {
      const [, spoken] = endSpeech(view.speech);
      const retry = `retrying ${event.attempt}/${event.of}: ${event.error.message}`;
      return [
        { ...view, speech: noSpeech, isThinking: false, retry },
        [...spoken, { kind: 'notice', tone: 'warn', text: retry }],
      ];
    }
    case 'call.started':
      return [
        { ...view, calls: [...view.calls, { callId: event.callId, view: event.view, since: event.at, tail: '' }] },
        [],
      ];
    case 'exec.printed':
      return [
        {
          ...view,
          calls: view.calls.map((call) =>
            call.callId === event.callId ? { ...call, tail: (call.tail + event.chunk).slice(-TAIL_CHARS) } : call,
          ),
        },
        [],
      ];
    case 'call.finished':
      return finished(view, event);
    case 'approval.requested': {
      const { approvalId, callId, question } = event;
      return [
        { ...view, pending: [...view.pending, { approvalId, callId, view: event.view, question, since: event.at }] },
        [],
      ];
    }
    case 'approval.resolved':
      return [{ ...view, pending: view.pending.filter(({ approvalId }) => approvalId !== event.approvalId) }, []];
    case 'plan.updated':
      return [
        { ...view, plan: event.plan },
        [{ kind: 'plan', steps: event.plan, explanation: event.explanation ?? null }],
      ];
    case 'turn.diffed':
      return [{ ...view, diff: event.diff }, []];
    case 'tokens.counted':
      return [{ ...view, accounting: event.accounting }, []];
    case 'grant.given':
      return [{ ...view, grants: [...view.grants, event.grant] }, []];
    case 'history.compacted':
      return notice(view, 'dim', `compacted the conversation: ${event.before} → ${event.after} tokens`);
    case 'history.rewound':
      return notice(view, ...rewoundWords(event));
    case 'review.entered':
      return notice(view, 'dim', `reviewing ${event.target}`);
    case 'review.exited':
      return event.review === null ? notice(view, 'warn', 'the review ended without findings') : [view, []];
    case 'mcp.changed':
      return [{ ...view, servers: heardServer(view.servers, event) }, []];
    case 'hook.ran':
      return hookInWords(event) === null ? [view, []] : notice(view, 'dim', hookInWords(event) ?? '');
    case 'terminal.started':
    case 'terminal.ended':
      return backgrounded(view, event);
    case 'turn.completed':
    case 'turn.failed':
    case 'turn.aborted':
      return ended(view, event);
    default:
      return [view, []];
  }
};
