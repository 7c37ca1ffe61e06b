/** What is remembered, and the rules that keep it valid: every call has one result, after it, and nothing appears twice. */
import type { CallItem, Item, ResultItem } from './protocol/index.ts';

export const ABORTED_OUTPUT = 'aborted by the user before it finished';
export const INTERRUPTED_NOTE =
  'The user interrupted the turn on purpose. Commands that were running have been stopped and may have done part of their work; check before you repeat them.';

/** Rough size in tokens: four bytes each. Used only for what no provider has counted yet. */
export const BYTES_PER_TOKEN = 4;
export const estimateTokens = (items: readonly Item[]): number => {
  let bytes = 0;
  for (const item of items) {
    if (item.type === 'call') bytes += item.tool.length + item.args.length;
    else if (item.type === 'result') bytes += item.output.length;
    else bytes += item.text.length + (item.type === 'reasoning' ? (item.sealed?.data.length ?? 0) : 0);
  }
  return Math.ceil(bytes / BYTES_PER_TOKEN);
};

/** A model may use an id twice; answers are matched by id, so the second call gets one of its own. */
export const withFreshId = (items: readonly Item[], call: CallItem): CallItem => {
  const isTaken = (callId: string) => items.some((item) => item.type === 'call' && item.callId === callId);
  if (call.callId !== '' && !isTaken(call.callId)) return call;
  let n = 2;
  const stem = call.callId || 'call';
  while (isTaken(`${stem}~${n}`)) n++;
  return { ...call, callId: `${stem}~${n}` };
};

export const unanswered = (items: readonly Item[]): readonly CallItem[] => {
  const open = new Map<string, CallItem>();
  for (const item of items) {
    if (item.type === 'call') open.set(item.callId, item);
    if (item.type === 'result') open.delete(item.callId); // one before its call answers nothing
  }
  return [...open.values()];
};

export const abortedResult = (callId: string): ResultItem => ({
  type: 'result',
  callId,
  output: ABORTED_OUTPUT,
  status: 'aborted',
});

/**
 * What is sent to a model. Our own machines only ever record valid history; this is the border for what comes from
 * a file or from somebody else: a missing result is put right after its call, a stray or second one is left out.
 */
export const repaired = (items: readonly Item[]): readonly Item[] => {
  const missing = new Set(unanswered(items).map(({ callId }) => callId));
  const open = new Set<string>();
  const out: Item[] = [];
  let isValid = true;
  for (const item of items) {
    if (item.type === 'result' && !open.delete(item.callId)) {
      isValid = false;
      continue;
    }
    out.push(item);
    if (item.type !== 'call') continue;
    if (!missing.has(item.callId)) open.add(item.callId);
    else {
      out.push(abortedResult(item.callId));
      isValid = false;
    }
  }
  return isValid ? items : out;
};

/** The agent's last word of the final response; null when that response had none (C.7). */
export const lastAgentMessage = (items: readonly Item[]): string | null => {
  const from = items.findLastIndex(({ type }) => type === 'result' || type === 'user') + 1;
  const said = items.findLast((item, index) => index >= from && item.type === 'agent' && item.incomplete === undefined);
  return said?.type === 'agent' ? said.text : null;
};
