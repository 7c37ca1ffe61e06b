/**
 * Which op a session takes in which state, and why not otherwise. One table: the chart refuses by it, clients grey out by
 * it, and the tests walk it.
 */
import { MAX_QUEUED } from './limits.ts';
import type { Item, Op, Refusal } from './protocol/index.ts';
import type { Job, SessionContext, SessionInput, SessionState } from './session.contract.ts';
import { NO_SUBJECT } from './tasks/contract.ts';
import { isSteerable } from './tasks/registry.ts';

export const isEmpty = (op: { readonly text: string; readonly images?: readonly string[] | undefined }) =>
  op.text.trim() === '' && (op.images ?? []).length === 0;

const deciding = (
  state: SessionState,
  { approvals }: SessionContext,
  op: Extract<Op, { type: 'op.decide' }>,
): Refusal | null => {
  const approval = approvals.find(({ approvalId }) => approvalId === op.approvalId);
  if (approval === undefined) return 'unknownApproval';
  if (approval.state !== 'open' || state !== 'running') return 'staleApproval';
  return op.planHash === undefined || op.planHash === approval.planHash ? null : 'planMismatch';
};

const isUserMessage = (item: Item): boolean => item.type === 'user' && item.inputId !== undefined;

/** Where the history is cut to take back the last `turns` messages of the user; -1: there are not so many. */
export const cutBefore = (history: readonly Item[], turns: number): number => {
  const places = history.flatMap((item, index) => (isUserMessage(item) ? [index] : []));
  return places[places.length - turns] ?? -1;
};

/** Whether words can go into the turn that runs. Where a hook must hear them first, they wait for a turn of their own. */
export const hearsWords = ({ turn, settings }: SessionContext): boolean =>
  turn !== null && isSteerable(turn.task) && settings.hooks?.promptSubmit === undefined;

export const refusal = (state: SessionState, context: SessionContext, op: Op): Refusal | null => {
  if (state === 'closed') return 'closed';
  if (state === 'shuttingDown') return op.type === 'op.close' ? null : 'shuttingDown';
  if (state === 'starting' || state === 'hooking' || state === 'rewinding' || op.type === 'op.close') return null;
  switch (op.type) {
    case 'op.say':
    case 'op.queue':
      if (isEmpty(op)) return 'emptyInput';
      return context.held.length + context.queue.length >= MAX_QUEUED ? 'tooManyQueued' : null;
    case 'op.steer':
      if (isEmpty(op)) return 'emptyInput';
      if (state !== 'running' || context.turn === null) return 'noActiveTurn';
      if (op.turnId !== context.turn.turnId) return 'turnMismatch';
      return hearsWords(context) ? null : 'notSteerable';
    case 'op.decide':
      return deciding(state, context, op);
    case 'op.interrupt':
      // Words that wait since before are what there is to take back.
      if (state === 'idle' && context.held.length > 0 && op.turnId === undefined) return null;
      if (state !== 'running') return 'noActiveTurn';
      return op.turnId === undefined || op.turnId === context.turn?.turnId ? null : 'noActiveTurn';
    case 'op.stop':
      return context.terminals.some(
        ({ terminalId, phase }) => phase === 'running' && (op.terminalId ?? terminalId) === terminalId,
      )
        ? null
        : 'unknownTerminal';
    case 'op.compact':
    case 'op.review':
      return null;
    case 'op.shell':
      if (op.command.trim() === '') return 'emptyInput';
      return state === 'aborting' ? 'busy' : null;
    case 'op.rewind':
      if (state !== 'idle') return 'busy';
      return cutBefore(context.history, op.turns) < 0 ? 'nothingToRewind' : null;
    default:
      return 'unknownOp';
  }
};

/** The ops that ask for a task and not for an answer. */
export const jobOf = (op: Op): Job | null => {
  if (op.type === 'op.compact') return { task: 'compact', subject: { ...NO_SUBJECT, id: op.id } };
  if (op.type === 'op.review') return { task: 'review', subject: { ...NO_SUBJECT, id: op.id, text: op.target } };
  if (op.type !== 'op.shell') return null;
  return { task: 'shell', subject: { id: op.id, text: op.command, audience: op.hidden === true ? 'user' : 'model' } };
};

const IN_WORDS: Readonly<Record<Refusal, string>> = {
  unknownOp: 'this session does not know the op',
  emptyInput: 'there are no words in it',
  noActiveTurn: 'no such turn is running',
  turnMismatch: 'another turn is running by now',
  notSteerable: 'this kind of turn takes no words; queue them',
  unknownApproval: 'no such question was asked',
  staleApproval: 'the question was answered already',
  planMismatch: 'the question is about another plan by now',
  busy: 'a turn is running',
  nothingToRewind: 'there are not so many messages',
  tooManyQueued: `more than ${MAX_QUEUED} messages are waiting`,
  unknownTerminal: 'no such command runs in the background',
  shuttingDown: 'the session is shutting down',
  closed: 'the session is closed',
};
export const inWords = (reason: Refusal): string => IN_WORDS[reason];

export const turnIdOf = (turns: number): string => `turn-${turns}`;

/**
 * Words that were accepted before. Behind a question that is asked again they wait as they did; else until the user says
 * something, since what they waited for was lost. Where nobody is, they are given back.
 */
export const wordsOfBefore = (
  remembered: SessionInput['remembered'],
  isAttended: boolean,
): Pick<SessionContext, 'queue' | 'held' | 'undelivered'> => {
  const { undelivered = [], queue = [], continues } = remembered ?? {};
  if (!isAttended) return { queue: [], held: [], undelivered: [...undelivered, ...queue] };
  if (continues !== undefined) return { queue, held: [], undelivered };
  return { queue: [], held: queue, undelivered };
};
