import { describe, expect, it } from 'vitest';
import { fact, input, newHome, open, recorded, say, story, turn } from '../../test/journal/story.ts';
import { newsOf } from '../../machines/terminal.words.ts';
import { newAccounting, type Item, type Question, type RuntimeEvent } from '../../machines/protocol/index.ts';
import { closeOpenTurn } from './closing.ts';
import { fold, type Folded } from './fold.ts';
import { forkedHistory } from './fork.ts';
import type { NewRecord } from './format.ts';
import { readJournal } from './reader.ts';

/** Through a real file and back, so that what is folded is what a journal gives. */
const folded = (records: readonly NewRecord[]): Folded => {
  const journal = open(newHome());
  for (const record of records) journal.append(record);
  journal.close();
  const reading = readJournal(journal.file);
  expect(reading.notices).toEqual([]);
  return fold(reading.head, reading.records);
};
const view = { kind: 'tool', tool: 'shell', args: '' } as const;
const question: Question = {
  ...{ why: '', now: null, ifYes: { backend: 'direct', sandbox: '' }, offers: [], offersInWords: '', planHash: 'h' },
};
const started = (turnId: string) => fact({ type: 'turn.started', turnId, task: 'regular', windowSize: 1000 });
const accepted = (opId: string, turnId?: string) => fact({ type: 'op.accepted', opId, turnId });
const queue = (id: string, text: string) => input({ type: 'op.queue', id, text } as { type: string });
const steer = (id: string, turnId: string) =>
  input({ type: 'op.steer', id, turnId, text: `steer ${id}` } as { type: string });
const call = (callId: string): NewRecord[] => [
  recorded('t', { type: 'call', callId, tool: 'shell', args: '{}' }),
  fact({ type: 'call.started', turnId: 't', callId, tool: 'shell', view }),
];
const asks = (callId: string) =>
  fact({ type: 'approval.requested', turnId: 't', approvalId: `ask-${callId}`, callId, view, question });
const ended = (turnId: string, undelivered: { inputId: string; text: string }[] = []) =>
  fact({ type: 'turn.aborted', turnId, usage: newAccounting(1).turn, undelivered, reason: 'interrupted', stopped: [] });
const opening = [
  say('op', 'do it'),
  accepted('op', 't'),
  started('t'),
  recorded('t', { type: 'user', text: 'do it', inputId: 'op' }),
];

describe('folding a journal', () => {
  it('of finished turns: the whole history, nothing open, nothing owed (G.4.3)', () => {
    const sum = folded(story(2));
    expect(sum.head).toMatchObject({ id: 'f00d', cwd: '/srv/project' });
    expect(sum.history.map(({ type }) => type)).toEqual([
      'user',
      'call',
      'result',
      'agent',
      'user',
      'call',
      'result',
      'agent',
    ]);
    expect(sum).toMatchObject({
      openTurn: null,
      queued: [],
      pendingApprovals: [],
      effectsInFlight: [],
      turns: 2,
      lastSeq: 26,
    });
    expect(sum.accounting).toEqual(newAccounting(1000));
    expect(closeOpenTurn(sum)).toEqual({ items: [], facts: [], effects: [], turns: 0, continues: null });
  });

  it('takes the newest compaction or rewind as the history (G.4.3)', () => {
    const history: Item[] = [{ type: 'summary', text: 'so far' }];
    const compacted = fact({ type: 'history.compacted', turnId: 't', history, before: 9, after: 1 });
    const more: Item = { type: 'agent', text: 'and on' };
    expect(folded([...story(1), compacted, recorded('t', more)]).history).toEqual([...history, more]);
    expect(folded([...story(1), fact({ type: 'history.rewound', turns: 1, history: [] })]).history).toEqual([]);
  });

  it('knows the grants, each once', () => {
    const grant = { kind: 'path', path: '/x', lifetime: 'session' } as const;
    const given = fact({ type: 'grant.given', grant });
    expect(folded([...opening, given, given]).grants).toEqual([grant]);
  });
});

describe('words that were accepted (R8)', () => {
  const owed = (...records: NewRecord[]) => folded(records).queued.map(({ inputId }) => inputId);

  it('are owed until they are delivered, returned, or named by the end of the turn', () => {
    const said = [
      say('a', 'x'),
      accepted('a', 't'),
      queue('b', 'y'),
      accepted('b'),
      steer('c', 't'),
      accepted('c', 't'),
    ];
    const user = (inputId: string) => recorded('t', { type: 'user', text: '', inputId });
    expect(owed(...said)).toEqual(['a', 'b', 'c']);
    expect(owed(...said, user('a'))).toEqual(['b', 'c']);
    expect(owed(...said, user('a'), fact({ type: 'input.returned', inputId: 'b', text: 'y' }))).toEqual(['c']);
    expect(owed(...said, user('a'), user('b'), ended('t', [{ inputId: 'c', text: '' }]))).toEqual([]);
    expect(owed(...said, fact({ type: 'input.queued', inputId: 'b', text: 'y' }))).toEqual(['a', 'b', 'c']);
  });

  it('wait for a turn of their own where they were queued, were not read before the end, or were to open one', () => {
    const waiting = (...records: NewRecord[]) =>
      folded(records).queued.flatMap(({ inputId, turnId }) => (turnId === null ? [inputId] : []));
    const into = (id: string) => [say(id, 'x'), accepted(id, 't')];
    const late = [...into('late'), fact({ type: 'input.queued', inputId: 'late', text: 'x' })];
    const done = fact({
      ...{ type: 'turn.completed', turnId: 't', usage: newAccounting(1).turn, undelivered: [] },
      lastAgentMessage: null,
    });
    const running = [...opening, queue('q', 'y'), accepted('q', 't'), ...into('s'), ...late];
    expect(waiting(...running)).toEqual(['q', 'late']);
    expect(waiting(...running, done)).toEqual(['s', 'q', 'late']);
    expect(waiting(...running, ended('t', [{ inputId: 's', text: 'x' }]))).toEqual(['q', 'late']);
    expect(waiting(say('new', 'x'), accepted('new', 't'))).toEqual(['new']);
  });

  it('are not owed when they were refused, or never answered', () => {
    const refused = fact({ type: 'op.refused', opId: 'a', reason: 'busy', message: '' });
    expect(owed(say('a', 'x'), refused, say('b', 'y'))).toEqual([]);
  });

  it('stay delivered after a rewind took them out of the history', () => {
    expect(owed(...opening, fact({ type: 'history.rewound', turns: 1, history: [] }))).toEqual([]);
  });

  it('are each owed or settled, wherever a journal is cut', () => {
    const records = [...turn(1), queue('q', 'later'), accepted('q'), ...turn(2)];
    for (let size = 1; size <= records.length; size++) {
      const sum = folded(records.slice(0, size));
      const accepts = sum.facts.filter(({ fact: { type } }) => type === 'op.accepted').length;
      const delivered = sum.history.filter(({ type }) => type === 'user').length;
      expect(sum.queued.length + delivered).toBe(accepts);
    }
  });
});

describe('closing what was lost (R3, R36)', () => {
  const ending = (facts: readonly RuntimeEvent[]) => facts.at(-1);

  it('a call that ran is unknown, one that waited for an answer was not run, and the question is cancelled', () => {
    const effect: NewRecord = { kind: 'effect', id: 'e1', what: 'exec', callId: 'ran' };
    const sum = folded([...opening, ...call('ran'), effect, ...call('asking'), asks('asking')]);
    expect(sum).toMatchObject({
      openTurn: { turnId: 't', task: 'regular' },
      unanswered: [{ callId: 'ran' }, { callId: 'asking' }],
    });
    expect(sum.pendingApprovals).toMatchObject([{ approvalId: 'ask-asking' }]);
    const { items, facts, effects } = closeOpenTurn(sum);
    expect(effects).toEqual(['e1']);
    expect(items).toMatchObject([
      { type: 'result', callId: 'ran', status: 'unknown' },
      { type: 'result', callId: 'asking', status: 'aborted' },
      { type: 'context', about: 'resumed' },
    ]);
    expect(facts).toMatchObject([
      { type: 'approval.resolved', approvalId: 'ask-asking', decision: 'cancelled' },
      { type: 'call.finished', callId: 'ran', status: 'unknown' },
      { type: 'call.finished', callId: 'asking', status: 'aborted' },
      { type: 'items.recorded', turnId: 't', items },
      { type: 'turn.aborted', turnId: 't', reason: 'lost', undelivered: [] },
    ]);
  });

  it('a call that ran, was denied and asks again is unknown all the same', () => {
    const effect: NewRecord = { kind: 'effect', id: 'e1', what: 'exec', callId: 'c' };
    const sum = folded([...opening, ...call('c'), effect, { kind: 'effect.end', id: 'e1' }, asks('c')]);
    expect(sum.effectsInFlight).toEqual([]);
    expect(closeOpenTurn(sum).items[0]).toMatchObject({ callId: 'c', status: 'unknown' });
  });

  it('a call that the model made and nobody began was not run', () => {
    const sum = folded([...opening, call('c')[0]!]);
    expect(closeOpenTurn(sum).items[0]).toMatchObject({ callId: 'c', status: 'aborted' });
  });

  it('words for the lost turn and for the next one stay owed, until somebody is there to take them back (R8)', () => {
    const sum = folded([...opening, steer('s', 't'), accepted('s', 't'), queue('q', 'next'), accepted('q')]);
    const closing = closeOpenTurn(sum);
    expect(ending(closing.facts)).toMatchObject({ undelivered: [] });
    const after = folded([
      ...opening,
      steer('s', 't'),
      accepted('s', 't'),
      queue('q', 'next'),
      accepted('q'),
      ...closing.facts.map((value) => fact(value)),
    ]);
    expect(after).toMatchObject({ openTurn: null, queued: [{ inputId: 's' }, { inputId: 'q' }], turns: 1 });
  });

  it('a background terminal ended with its process: told once, and to the model until it was (E.13, R3)', () => {
    const begun = (terminalId: string) =>
      fact({ type: 'terminal.started', terminalId, callId: 'c', what: `run ${terminalId}`, pid: 7 });
    const over = (terminalId: string, status: 'completed' | 'aborted') =>
      fact({ type: 'terminal.ended', terminalId, status });
    const records = [...story(1), begun('1'), begun('2'), begun('3'), over('2', 'completed'), over('3', 'aborted')];
    const sum = folded(records);
    expect(sum).toMatchObject({ terminals: [{ terminalId: '1' }], gone: [{ terminalId: '3' }] });
    const { items, facts } = closeOpenTurn(sum);
    expect({ items, facts }).toEqual({
      items: [],
      facts: [{ type: 'terminal.ended', terminalId: '1', status: 'unknown' }],
    });
    const closed = [...records, ...facts.map((value) => fact(value))];
    expect(folded(closed)).toMatchObject({ terminals: [], gone: [{ terminalId: '3' }, { terminalId: '1' }] });
    const told = folded([...closed, recorded('t', newsOf([{ terminalId: '1', what: 'run 1' }]))]);
    expect(told.gone).toMatchObject([{ terminalId: '3' }]);
  });

  it('leaves nothing open, wherever a journal is cut; closing twice changes nothing', () => {
    const records = story(2);
    for (let size = 1; size <= records.length; size++) {
      const cut = records.slice(0, size);
      const { facts, effects } = closeOpenTurn(folded(cut));
      const ends = effects.map((id): NewRecord => ({ kind: 'effect.end', id, outcome: 'unknown' }));
      const after = folded([...cut, ...ends, ...facts.map((value) => fact(value))]);
      expect(closeOpenTurn(after)).toEqual({ items: [], facts: [], effects: [], turns: 0, continues: null });
      const calls = after.history.filter(({ type }) => type === 'call').length;
      expect(after.history.filter(({ type }) => type === 'result')).toHaveLength(calls);
      const count = (test: (type: string) => boolean) => after.facts.filter(({ fact: { type } }) => test(type)).length;
      expect(count((type) => type === 'turn.started')).toBe(
        count((type) => /^turn\.(completed|failed|aborted)$/.test(type)),
      );
    }
  });
});

it('a fork begins with all, or with what was before the n-th message (G.5.1)', () => {
  const { history } = folded(story(3));
  expect(forkedHistory(history)).toEqual(history);
  expect(forkedHistory(history, 0)).toEqual([]);
  expect(forkedHistory(history, 2)).toEqual(history.slice(0, 8));
  expect(forkedHistory(history, 9)).toEqual(history);
  const context: Item = { type: 'context', about: 'environment', text: '' };
  const withContext: Item[] = [...history.slice(0, 4), context, ...history.slice(4)];
  expect(forkedHistory(withContext, 1)).toEqual(history.slice(0, 4));
});
