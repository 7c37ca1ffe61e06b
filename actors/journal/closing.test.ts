/** A question that was open when the process was lost: it is asked again, or answered, and never both (R36, R12). */
import { describe, expect, it } from 'vitest';
import { fact, input, newHome, open, recorded, say } from '../../test/journal/story.ts';
import { NO_USAGE, type Item, type Question, type RuntimeEvent } from '../../machines/protocol/index.ts';
import { closeOpenTurn, type Asks } from './closing.ts';
import { fold, type Folded } from './fold.ts';
import type { NewRecord } from './format.ts';
import { readJournal } from './reader.ts';

const folded = (records: readonly NewRecord[]): Folded => {
  const journal = open(newHome());
  for (const record of records) journal.append(record);
  journal.close();
  const reading = readJournal(journal.file);
  return fold(reading.head, reading.records);
};

const view = { kind: 'tool', tool: 'shell', args: '' } as const;
const question: Question = {
  ...{ why: '', now: null, ifYes: { backend: 'direct', sandbox: '' }, offers: [], offersInWords: '', planHash: 'h' },
};
const started = (turnId: string, continues?: string) =>
  fact({ type: 'turn.started', turnId, task: 'regular', windowSize: 1000, ...(continues && { continues }) });
const begun = (turnId: string, callId: string) => fact({ type: 'call.started', turnId, callId, tool: 'shell', view });
const asks = (turnId: string, callId: string, times = 1, cause?: string) =>
  fact({
    ...{ type: 'approval.requested', turnId, approvalId: `${callId}:${times}`, callId, view },
    question: cause === undefined ? question : { ...question, cause },
  });
const answered = (turnId: string, callId: string, decision: 'cancelled' | 'approve', times = 1) =>
  fact({
    ...{ type: 'approval.resolved', turnId, approvalId: `${callId}:${times}`, callId },
    decision: decision === 'cancelled' ? decision : { kind: decision },
  });
const call = (callId: string): Item => ({ type: 'call', callId, tool: 'shell', args: '{}' });
const opening = [
  say('op', 'do it'),
  fact({ type: 'op.accepted', opId: 'op', turnId: 'turn-1' }),
  started('turn-1'),
  recorded('turn-1', { type: 'user', text: 'do it', inputId: 'op' }),
];
const effect: NewRecord = { kind: 'effect', id: 'e1', what: 'exec', callId: 'ran' };
const inTurn = [
  ...opening,
  ...[recorded('turn-1', call('asks')), recorded('turn-1', call('ran'))],
  ...[begun('turn-1', 'asks'), begun('turn-1', 'ran'), asks('turn-1', 'asks'), effect],
];
const after = (records: readonly NewRecord[], asks: Asks): readonly NewRecord[] => {
  const { facts, effects } = closeOpenTurn(folded(records), asks);
  const ends = effects.map((id): NewRecord => ({ kind: 'effect.end', id, outcome: 'unknown' }));
  return [...records, ...ends, ...facts.map((value: RuntimeEvent) => fact(value))];
};

describe('a question that was open when the process was lost', () => {
  it('keeps its result open where somebody can answer; what ran is unknown, and the turn is over', () => {
    const { items, facts, continues } = closeOpenTurn(folded(inTurn), 'again');
    expect(items).toMatchObject([{ type: 'result', callId: 'ran', status: 'unknown' }]);
    expect(facts).toMatchObject([
      { type: 'approval.resolved', approvalId: 'asks:1', decision: 'cancelled', source: 'lost' },
      { type: 'call.finished', callId: 'asks', status: 'aborted' },
      { type: 'call.finished', callId: 'ran', status: 'unknown' },
      { type: 'items.recorded', items },
      { type: 'turn.aborted', turnId: 'turn-1', reason: 'lost' },
    ]);
    expect(continues).toEqual({
      turnId: 'turn-1',
      calls: [{ callId: 'asks', tool: 'shell', args: '{}', times: 1 }],
    });
  });

  it('is asked again however often the process is lost before it is answered, under a number of its own', () => {
    const once = after(inTurn, 'again');
    expect(closeOpenTurn(folded(once), 'again')).toMatchObject({ facts: [], continues: { turnId: 'turn-1' } });
    const planning = [...once, started('turn-2', 'turn-1')];
    expect(closeOpenTurn(folded(planning), 'again').continues).toMatchObject({
      turnId: 'turn-2',
      calls: [{ times: 1 }],
    });
    const asking = [...planning, begun('turn-2', 'asks'), asks('turn-2', 'asks', 2)];
    const twice = after(asking, 'again');
    expect(closeOpenTurn(folded(twice), 'again')).toMatchObject({
      facts: [],
      continues: { turnId: 'turn-2', calls: [{ callId: 'asks', times: 2 }] },
    });
  });

  it('is not asked again once it was answered, or taken back, or its command began', () => {
    const ends = [
      [answered('turn-1', 'asks', 'approve')],
      [answered('turn-1', 'asks', 'cancelled')],
      [{ kind: 'effect', id: 'e2', what: 'exec', callId: 'asks' } as const],
    ];
    for (const end of ends) {
      const { items, continues } = closeOpenTurn(folded([...inTurn, ...end]), 'again');
      expect(continues).toBeNull();
      expect(items).toMatchObject([{ callId: 'asks', status: 'unknown' }, { callId: 'ran' }, { about: 'resumed' }]);
    }
  });

  it('for the second time, behind a denial: says what the first attempt ran into', () => {
    const denied = [
      ...[...opening, recorded('turn-1', call('ran')), begun('turn-1', 'ran'), effect],
      ...[{ kind: 'effect.end', id: 'e1' } as const, asks('turn-1', 'ran', 1, 'read-only')],
    ];
    expect(closeOpenTurn(folded(denied), 'again').continues).toMatchObject({
      calls: [{ callId: 'ran', cause: 'read-only' }],
    });
    // Nobody will answer: it has run once, in a turn that is long over.
    const left = [...after(denied, 'again'), started('turn-2', 'turn-1')];
    expect(closeOpenTurn(folded(left), 'never').items).toMatchObject([{ callId: 'ran', status: 'unknown' }, {}]);
  });

  it('that was left to be asked, and nobody will: gets its result in a turn that begins and ends at once', () => {
    const left = after(inTurn, 'again');
    const { facts, turns, continues } = closeOpenTurn(folded(left), 'never');
    expect({ turns, continues }).toEqual({ turns: 1, continues: null });
    expect(facts).toMatchObject([
      { type: 'turn.started', turnId: 'turn-2', continues: 'turn-1' },
      {
        type: 'items.recorded',
        turnId: 'turn-2',
        items: [{ callId: 'asks', status: 'aborted' }, { about: 'resumed' }],
      },
      { type: 'turn.aborted', turnId: 'turn-2', reason: 'lost', usage: NO_USAGE },
    ]);
    const closed = after(left, 'never');
    const nothing = { items: [], facts: [], effects: [], turns: 0, continues: null };
    for (const asks of ['again', 'never'] as const) expect(closeOpenTurn(folded(closed), asks)).toEqual(nothing);
  });

  it('of a command of the user’s own is cancelled: it is no call of the model', () => {
    const shell = [...opening, begun('turn-1', 'own'), asks('turn-1', 'own')];
    expect(closeOpenTurn(folded(shell), 'again').continues).toBeNull();
  });

  it('each call has one result and each turn one end, wherever a life is cut and whoever goes on', () => {
    const whole = [
      ...inTurn,
      input({ type: 'op.decide', id: 'd' } as { type: string }),
      answered('turn-1', 'asks', 'approve'),
    ];
    for (let size = 1; size <= whole.length; size++)
      for (const lives of [['again'], ['again', 'again'], ['again', 'never'], ['never', 'again']] as const) {
        const records = lives.reduce<readonly NewRecord[]>(after, whole.slice(0, size));
        const sum = folded(records);
        const kept = new Set(lives.at(-1) === 'again' ? sum.questions.map(({ call }) => call.callId) : []);
        const results = sum.history.flatMap((item) => (item.type === 'result' ? [item.callId] : []));
        expect(new Set(results).size).toBe(results.length);
        expect(sum.unanswered.map(({ callId }) => callId)).toEqual([...kept]);
        const count = (test: RegExp) => sum.facts.filter(({ fact: { type } }) => test.test(type)).length;
        expect(count(/^turn\.started$/)).toBe(count(/^turn\.(completed|failed|aborted)$/));
        expect(sum.openTurn).toBeNull();
      }
  });
});
