/** What the chat knows, and says, of commands that go on beside the turns. Pure. */
import type { CallStatus, FactOf, Op, Stamped } from '../../machines/protocol/index.ts';
import { seconds } from '../human-lines.ts';
import { oneLine } from '../render/strip.ts';
import type { Cell, Tone } from './cells.ts';

export interface Background {
  readonly terminalId: string;
  readonly what: string;
  readonly pid: number | null;
  readonly since: number;
}

const named = ({ terminalId, what, pid }: Background): string =>
  [oneLine(what), `session ${terminalId}`, pid === null ? null : `pid ${pid}`]
    .filter((part) => part !== null)
    .join(' · ');

const ENDED: Readonly<Record<CallStatus, readonly [tone: Tone, words: string]>> = {
  completed: ['dim', 'ended'],
  failed: ['warn', 'failed'],
  timedOut: ['warn', 'ran too long and was stopped'],
  aborted: ['dim', 'stopped'],
  declined: ['dim', 'ended'],
  unknown: ['warn', 'gone; nobody knows how it ended'],
};

export const heard = (
  known: readonly Background[],
  fact: Stamped<FactOf<'terminal.started' | 'terminal.ended'>>,
): readonly [known: readonly Background[], cells: readonly Cell[]] => {
  const { terminalId } = fact;
  if (fact.type === 'terminal.started') {
    const { what, pid, at } = fact;
    const begun = { terminalId, what, pid, since: at };
    return [[...known, begun], [{ kind: 'notice', tone: 'dim', text: `  goes on in the background: ${named(begun)}` }]];
  }
  const gone = known.find((one) => one.terminalId === terminalId);
  if (gone === undefined) return [known, []];
  const [tone, words] = ENDED[fact.status];
  const how = [words, fact.exitCode === undefined ? null : `exit ${fact.exitCode}`, seconds(fact.at - gone.since)]
    .filter((part) => part !== null)
    .join(' · ');
  return [known.filter((one) => one !== gone), [{ kind: 'notice', tone, text: `  ${named(gone)}: ${how}` }]];
};

/** For /ps. */
export const backgroundLines = (known: readonly Background[], now: number): readonly string[] =>
  known.map((one) => `  ${seconds(now - one.since).padStart(8)}  & ${named(one)}`);

/** For the receipt of a turn that was stopped: what was not, and how to. */
export const goesOnLines = (known: readonly Background[]): readonly string[] =>
  known.map((one) => `  goes on  ${named(one)} · /stop ${one.terminalId}`);

/** The op that `/stop` comes to at the moment; null: the turn is meant. */
export const stopOp = (known: readonly Background[], rest: string, id: string): Op | null => {
  const terminalId = rest.trim();
  if (terminalId !== '') return { type: 'op.stop', id, terminalId };
  return known.length > 0 ? { type: 'op.stop', id } : null;
};
