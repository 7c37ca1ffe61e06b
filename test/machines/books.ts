/** What a session has to keep account of: who is open, what was said where. Fed with everything that was seen, step by step. */
import type { FactOf, Item, RuntimeEvent } from '../../machines/protocol/index.ts';
import { isTurnEnding } from '../../machines/protocol/index.ts';
import type { ExecInput, PlanInput, SampleInput } from '../../machines/leaves.ts';
import type { Remembered } from '../../machines/session.contract.ts';
import { createHistoryBooks } from './books.history.ts';
import { createReviewBooks } from './books.review.ts';
import { broken } from './broken.ts';
import type { Seen } from './world.ts';

export { broken } from './broken.ts';

/** Calls and results are a bijection, each result after its call, in the order of the calls of its response. */
export const checkHistory = (items: readonly Item[], where: string): void => {
  const open: string[] = [];
  const known = new Set<string>();
  for (const item of items) {
    if (item.type === 'call') {
      if (known.has(item.callId)) broken('R5', `${where}: call ${item.callId} appears twice`);
      known.add(item.callId);
      open.push(item.callId);
    }
    if (item.type === 'result') {
      if (open.length === 0) broken('R5', `${where}: result ${item.callId} answers nothing`);
      if (open.shift() !== item.callId) broken('C.5.3', `${where}: result ${item.callId} is out of order`);
    }
  }
  if (open.length > 0) broken('I.4', `${where}: no result for ${open.join(', ')}`);
};

export const createBooks = (before: Remembered | null = null) => {
  const replies = new Map<string, 'open' | 'done'>();
  const turns = new Map<string, 'open' | 'over'>();
  const openCalls = new Set<string>();
  const terminals = new Map<string, 'open' | 'over'>();
  const servers = new Map<string, FactOf<'mcp.changed'>['state']>();
  const openQuestions = new Set<string>();
  const yesses = new Map<string, number>();
  const runs = new Map<string, number>();
  const stopped = new Set<string>();
  const brokenOnes = new Set<string>();
  const pendingStops = new Map<string, string>();
  const words = new Map((before?.queue ?? []).map(({ inputId }) => [inputId, 0]));
  const spoken = new Map<string, string>();
  const overflown = new Set<string>();
  const reviews = createReviewBooks();
  const history = createHistoryBooks(before?.history);
  const state = { isClosed: false, doubleWord: '' };

  const delivered = (inputId: string): void => {
    const times = (words.get(inputId) ?? 0) + 1;
    words.set(inputId, times);
    if (times > 1) state.doubleWord = inputId;
  };

  const onFact = (fact: RuntimeEvent): void => {
    if (state.isClosed) broken('A.5.11', `${fact.type} after session.closed`);
    if ('turnId' in fact && fact.turnId !== undefined && fact.type !== 'op.accepted') {
      const turn = turns.get(fact.turnId);
      if (fact.type === 'turn.started') {
        if (turn !== undefined) broken('R3', `${fact.turnId} started twice`);
        turns.set(fact.turnId, 'open');
      } else if (turn !== 'open') broken('I.3', `${fact.type} of ${fact.turnId}, which is ${turn ?? 'unknown'}`);
    }
    reviews.hear(fact);
    history.hear(fact);
    if (isTurnEnding(fact)) {
      if (openCalls.size > 0) broken('I.1', `${fact.type} while calls are open: ${[...openCalls].join(', ')}`);
      if (openQuestions.size > 0) broken('R12', `${fact.type} while questions are open`);
      if (overflown.has(fact.turnId) && fact.type === 'turn.completed') broken('R16', 'completed after an overflow');
      turns.set(fact.turnId, 'over');
      for (const { inputId } of fact.undelivered) delivered(inputId);
    }
    switch (fact.type) {
      case 'op.accepted':
      case 'op.refused': {
        if (replies.get(fact.opId) !== 'open') broken('R3', `a second reply to ${fact.opId}, or to nobody`);
        replies.set(fact.opId, 'done');
        if (fact.type === 'op.refused') return;
        if (spoken.has(fact.opId)) words.set(fact.opId, words.get(fact.opId) ?? 0);
        const turnId = pendingStops.get(fact.opId);
        if (turnId !== undefined) stopped.add(turnId);
        return;
      }
      case 'items.recorded':
        for (const item of fact.items) if (item.type === 'user' && item.inputId !== undefined) delivered(item.inputId);
        return;
      case 'input.returned':
        return delivered(fact.inputId);
      case 'call.started':
        if (openCalls.has(fact.callId)) broken('I.1', `${fact.callId} started twice`);
        openCalls.add(fact.callId);
        return;
      case 'call.finished':
        if (!openCalls.delete(fact.callId)) broken('I.1', `${fact.callId} finished and was not open`);
        if (openQuestions.has(fact.callId)) broken('R12', `${fact.callId} finished while it asked`);
        runs.delete(fact.callId);
        yesses.delete(fact.callId);
        return;
      case 'approval.requested':
        if (openQuestions.has(fact.callId)) broken('R10', `${fact.approvalId} asked twice`);
        openQuestions.add(fact.callId);
        return;
      case 'approval.resolved':
        if (!openQuestions.delete(fact.callId)) broken('R10', `${fact.approvalId} resolved and was not open`);
        if (typeof fact.decision === 'object' && fact.decision.kind.startsWith('approve'))
          yesses.set(fact.callId, (yesses.get(fact.callId) ?? 0) + 1);
        return;
      case 'tokens.counted':
        // A review repeats what is known of the conversation's window; its own is its own affair.
        if (fact.accounting.window.full && !reviews.isReview(fact.turnId)) overflown.add(fact.turnId);
        return;
      case 'history.compacted':
        overflown.delete(fact.turnId);
        return;
      case 'terminal.started':
        if (terminals.has(fact.terminalId)) broken('E.13', `terminal ${fact.terminalId} began twice`);
        terminals.set(fact.terminalId, 'open');
        return;
      case 'terminal.ended':
        if (terminals.get(fact.terminalId) !== 'open') broken('E.13', `terminal ${fact.terminalId} ended twice`);
        terminals.set(fact.terminalId, 'over');
        return;
      case 'mcp.changed': {
        const before = servers.get(fact.server) ?? 'unborn';
        if ((before === 'unborn' && fact.state !== 'connecting') || before === 'failed' || before === 'closed')
          broken('R26', `server ${fact.server} is ${fact.state} after ${before}`);
        servers.set(fact.server, fact.state);
        return;
      }
      case 'session.closed':
        if ([...servers.values()].some((last) => last === 'connecting' || last === 'ready'))
          broken('R26', 'session.closed while a server is there');
        if ([...terminals.values()].includes('open')) broken('B.9', 'session.closed while a terminal is open');
        state.isClosed = true;
        return;
      default:
        return;
    }
  };

  const onBorn = (kind: string, input: unknown): void => {
    if (kind === 'open' || kind === 'settle' || kind === 'watch') return;
    const { turnId } = input as { turnId: string };
    if (stopped.has(turnId)) broken('R1', `${kind} is born after the interrupt of ${turnId}`);
    // XState starts the children of a first state before that state's own actions: the birth may precede `turn.started`.
    if (turns.get(turnId) === 'over') broken('I.3', `${kind} is born for ${turnId}, which is over`);
    if (kind === 'sample') {
      const { items, purpose } = input as SampleInput;
      checkHistory(items, `the request (${purpose})`);
      reviews.checkRequest(items, purpose);
      if (purpose === 'regular') history.ask(items);
    }
    if (kind === 'plan' && (input as PlanInput).callId === '') broken('I.4', 'a call without an id');
    if (kind === 'exec') {
      const { callId } = input as ExecInput;
      if (openQuestions.has(callId)) broken('R12', `${callId} runs while it asks`);
      const times = (runs.get(callId) ?? 0) + 1;
      runs.set(callId, times);
      if (times > 1 && (yesses.get(callId) ?? 0) < 1) broken('R29', `${callId} runs a second time without a yes`);
      if (times > 2) broken('K.2', `${callId} runs a third time`);
    }
  };

  return {
    hear: (one: Seen): void => {
      if (one.kind === 'step' || one.kind === 'op') history.settle();
      if (one.kind === 'op') {
        replies.set(one.op.id, 'open');
        if ('text' in one.op) spoken.set(one.op.id, one.op.text);
        const isStop =
          one.op.type === 'op.interrupt' ||
          one.op.type === 'op.close' ||
          one.op.type === 'op.compact' ||
          one.op.type === 'op.review' ||
          (one.op.type === 'op.decide' && one.op.decision.kind === 'abort');
        if (isStop && one.turnId !== null && !/^(starting|hooking|rewinding)$/.test(one.state))
          pendingStops.set(one.op.id, one.turnId);
      } else if (one.kind === 'fact') onFact(one.fact);
      else if (one.kind === 'step' && one.name.endsWith(' breaks'))
        brokenOnes.add(one.name.slice(0, -' breaks'.length));
      else if (one.kind === 'born') onBorn(one.puppet.kind, one.puppet.input);
    },
    unanswered: (): readonly string[] => [...replies].flatMap(([id, reply]) => (reply === 'open' ? [id] : [])),
    openTurns: (): readonly string[] => [...turns].flatMap(([id, turn]) => (turn === 'open' ? [id] : [])),
    /** Somebody below or it itself was made to break. */
    wasBroken: (path: string): boolean => [...brokenOnes].some((one) => one === path || one.startsWith(`${path}/`)),
    /** The step is over. */
    settle: history.settle,
    /** What the session remembers is what was told. */
    compare: history.compare,
    /** Accepted words, and how often each was delivered, run or given back. */
    words: (): ReadonlyMap<string, number> => words,
    doubleWord: () => state.doubleWord,
    isClosed: () => state.isClosed,
    /** Open books, for telling situations apart: the oracle's memory belongs into the hash. */
    summary: (): string =>
      JSON.stringify([openCalls.size, openQuestions.size, [...runs.values()], [...yesses.values()], stopped.size > 0]),
  };
};
export type Books = ReturnType<typeof createBooks>;
