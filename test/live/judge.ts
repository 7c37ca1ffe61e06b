/** What has to be true of the facts of any session, whatever happened in it (R1, R3, R5, R8; A.5). Throws where it is not. */
import { isDelta, isTurnEnding, type Item } from '../../machines/protocol/index.ts';
import type { Followed, Told } from './stage.ts';

const fail = (words: string): never => {
  throw new Error(words);
};

/** One result a call, after it; nothing twice (R5). */
export const judgeHistory = (history: readonly Item[]): void => {
  const open = new Set<string>();
  const seen = new Set<string>();
  const inputs = new Set<string>();
  for (const item of history) {
    if (item.type === 'call') {
      if (seen.has(item.callId)) fail(`call ${item.callId} twice`);
      seen.add(item.callId);
      open.add(item.callId);
    }
    if (item.type === 'result' && !open.delete(item.callId)) fail(`a result without a call: ${item.callId}`);
    if (item.type !== 'user' || item.inputId === undefined) continue;
    if (inputs.has(item.inputId)) fail(`words twice: ${item.inputId}`);
    inputs.add(item.inputId);
  }
  if (open.size > 0) fail(`calls without a result: ${[...open].join()}`);
};

/** Every begin has one end, before the ending of its turn, and nothing of the turn comes after that (A.5.2, A.5.8). */
export const judgeTurns = (told: readonly Told[]): void => {
  const over = new Set<string>();
  const begun = new Map<string, string>();
  const asked = new Set<string>();
  const started: string[] = [];
  for (const event of told) {
    const turnId = 'turnId' in event ? event.turnId : undefined;
    if (turnId !== undefined && over.has(turnId) && event.type !== 'op.accepted') fail(`${event.type} after ${turnId}`);
    if (event.type === 'turn.started') started.push(event.turnId);
    if (event.type === 'call.started') {
      if (begun.has(event.callId)) fail(`${event.callId} begins twice`);
      begun.set(event.callId, event.turnId);
    }
    if (event.type === 'exec.printed' && !begun.has(event.callId)) fail(`output of ${event.callId}, which is not open`);
    if (event.type === 'call.finished' && !begun.delete(event.callId)) fail(`${event.callId} ends without a begin`);
    if (event.type === 'approval.requested') asked.add(event.approvalId);
    if (event.type === 'approval.resolved' && !asked.delete(event.approvalId))
      fail(`${event.approvalId} is resolved twice`);
    if (!isDelta(event) && isTurnEnding(event)) {
      over.add(event.turnId);
      const left = [...begun].filter(([, owner]) => owner === event.turnId);
      if (left.length > 0) fail(`${event.turnId} ends with open calls: ${left.join()}`);
      if (asked.size > 0) fail(`${event.turnId} ends with open questions: ${[...asked].join()}`);
    }
  }
  const open = started.filter((turnId) => !over.has(turnId));
  if (open.length > 1) fail(`more than one turn runs: ${open.join()}`);
};

/** Where each accepted word went: into the history once, or back to the user once (R8). */
export const judgeWords = (told: readonly Told[], accepted: readonly string[]): void => {
  const places = new Map<string, string[]>(accepted.map((id) => [id, []]));
  const put = (id: string, where: string) => places.get(id)?.push(where);
  for (const event of told) {
    if (event.type === 'items.recorded')
      for (const item of event.items)
        if (item.type === 'user' && item.inputId !== undefined) put(item.inputId, 'recorded');
    if (event.type === 'input.returned') put(event.inputId, 'returned');
    if (!isDelta(event) && isTurnEnding(event))
      for (const { inputId } of event.undelivered) put(inputId, 'undelivered');
  }
  for (const [id, where] of places) if (where.length !== 1) fail(`the words of ${id}: ${where.join(', ') || 'lost'}`);
};

/** Facts are numbered without a gap; every op has one reply. */
export const judgeOrder = (told: readonly Told[]): void => {
  const numbers = told.filter((event) => !isDelta(event)).map(({ seq }) => seq);
  numbers.forEach((seq, at) => seq === at + 1 || fail(`fact ${at + 1} is numbered ${seq}`));
  const replies = new Map<string, number>();
  for (const event of told)
    if (event.type === 'op.accepted' || event.type === 'op.refused')
      replies.set(event.opId, (replies.get(event.opId) ?? 0) + 1);
  for (const [opId, times] of replies) if (times !== 1) fail(`${opId} has ${times} replies`);
};

export const judge = ({ told, session }: Followed): void => {
  judgeOrder(told);
  judgeTurns(told);
  if (session.view().turnId === null) judgeHistory(session.view().history);
};
