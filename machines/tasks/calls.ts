/**
 * The calls of one response: which may run now, and what is recorded of them. Pure.
 *
 * A call that must run alone waits for all before it and holds back all after it; the others run side by side.
 * Results are recorded in the order of the calls, whatever order they came in (C.5.3).
 */
import type { CallOutput } from '../call.contract.ts';
import { abortedResult } from '../history.ts';
import type { CallView, ResultItem } from '../protocol/index.ts';

export interface OpenCall {
  readonly callId: string;
  /** Whether it must run alone; null: nobody knows yet. */
  readonly isExclusive: boolean | null;
  readonly phase: 'planning' | 'planned' | 'ready' | 'going' | 'done';
  readonly view: CallView | null;
  /** The question that it waits for. */
  readonly approvalId: string | null;
  readonly output: CallOutput | null;
}

export const newCall = (callId: string): OpenCall => ({
  callId,
  isExclusive: null,
  phase: 'planning',
  view: null,
  approvalId: null,
  output: null,
});

export const changed = (calls: readonly OpenCall[], slot: number, change: Partial<OpenCall>): readonly OpenCall[] =>
  calls.map((call, index) => (index === slot ? { ...call, ...change } : call));

export const allDone = (calls: readonly OpenCall[]): boolean => calls.every(({ phase }) => phase === 'done');

/** The slots that may start now. */
export const startable = (calls: readonly OpenCall[]): readonly number[] => {
  const slots: number[] = [];
  let isFirst = true;
  for (const [slot, call] of calls.entries()) {
    if (call.phase === 'done') continue;
    if (call.isExclusive === null) break; // nobody knows what may pass it
    if (call.isExclusive) {
      if (isFirst && call.phase === 'ready') slots.push(slot);
      break;
    }
    if (call.phase === 'ready') slots.push(slot);
    isFirst = false;
  }
  return slots;
};

export const resultsOf = (calls: readonly OpenCall[]): readonly ResultItem[] =>
  calls.map(({ callId, output }) =>
    output === null ? abortedResult(callId) : { type: 'result', callId, output: output.output, status: output.status },
  );

/** How often in a row the same call failed in the same way; a success or another failure starts anew. */
export interface Repetition {
  readonly key: string;
  readonly times: number;
}
export const NO_REPETITION: Repetition = { key: '', times: 0 };
export const repeated = (
  known: Repetition,
  { status }: ResultItem,
  call: { readonly tool: string; readonly args: string } | undefined,
): Repetition => {
  if (status === 'completed' || status === 'aborted') return NO_REPETITION;
  const key = `${call?.tool} ${call?.args} ${status}`;
  return { key, times: key === known.key ? known.times + 1 : 1 };
};
