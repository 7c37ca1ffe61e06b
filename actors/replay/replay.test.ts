import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { newPlace } from '../../test/cli/program.ts';
import { heard, journalsOf, readingOf, recorded, TOOLS, withSession } from '../../test/inspector/sessions.ts';
import { wire } from '../wiring.ts';
import { replay, type Divergence, type ReplayOptions } from './replay.ts';

const verdictOn = (home: string, file: string, options: ReplayOptions = {}) => replay(readingOf(home, file), options);
const divergenceOf = (home: string, file: string, options: ReplayOptions): Divergence => {
  const verdict = verdictOn(home, file, options);
  if (verdict.kind !== 'diverged') throw new Error(`it is ${verdict.kind}`);
  return verdict.divergence;
};

describe('a journal of a real run is told again, fact by fact (R40)', () => {
  test('tools that work and tools that fail', async () => {
    const place = newPlace();
    const file = await recorded(place, TOOLS);
    expect(verdictOn(place.home, file)).toMatchObject({ kind: 'identical', lives: 1 });
  });

  test('a request that fails for good, and one that is tried again', async () => {
    const place = newPlace();
    const fails = [
      [
        { type: 'text', text: 'half' },
        { type: 'fail', code: 'context_length_exceeded' },
      ],
    ];
    const retries = [[{ type: 'disconnect' }], [{ type: 'text', text: 'again' }]];
    for (const turns of [fails, retries])
      expect(verdictOn(place.home, await recorded(place, turns))).toMatchObject({ kind: 'identical' });
  });

  test('SIGINT while a command runs', async () => {
    const place = newPlace();
    const script = place.script([{ type: 'shell', command: 'echo begun; sleep 60' }]);
    const running = place.start(['exec', '--json', '--rehearse', script, 'go']);
    await running.said('"type":"item.started"');
    running.child.kill('SIGINT');
    expect((await running.ended).code).toBe(130);
    const file = journalsOf(place.home)[0] ?? '';
    expect(verdictOn(place.home, file)).toMatchObject({ kind: 'identical' });
  });

  test('a compaction in the middle, and the turns that a resumed session goes on with', async () => {
    const place = newPlace();
    const long = [
      { type: 'text', text: 'x'.repeat(4_000) },
      { type: 'shell', command: 'true' },
    ];
    const small = ['-c', 'model_context_window=4000', '-c', 'model_auto_compact_token_limit=1500'];
    const file = await recorded(
      place,
      [long, [{ type: 'text', text: 'summary' }], [{ type: 'text', text: 'end' }]],
      small,
    );
    await place.run([
      'exec',
      'resume',
      '--last',
      '--rehearse',
      place.script([{ type: 'text', text: 'more' }]),
      'and on',
    ]);
    const reading = readingOf(place.home, file);
    const facts = reading.records.flatMap((record) => (record.kind === 'fact' ? [record.fact.type] : []));
    expect(facts).toContain('history.compacted');
    expect(replay(reading)).toMatchObject({ kind: 'identical', lives: 2 });
  });

  test('a process that was killed in the middle of a command, and the one that went on', async () => {
    const place = newPlace();
    const script = place.script([{ type: 'shell', command: 'sleep 60' }]);
    const running = place.start(['exec', '--json', '--rehearse', script, 'go']);
    await running.said('"type":"item.started"');
    running.child.kill('SIGKILL');
    await running.ended;
    const { code } = await place.run([
      'exec',
      'resume',
      '--last',
      '--rehearse',
      place.script([{ type: 'text', text: 'on' }]),
      'go',
    ]);
    expect(code).toBe(0);
    const file = journalsOf(place.home)[0] ?? '';
    expect(verdictOn(place.home, file)).toMatchObject({ kind: 'identical', lives: 2 });
  });

  test('a steer that cuts the answer short, words that wait, an op that answers a fact at once, and a fork', async () => {
    const place = newPlace();
    const slow = [{ type: 'text', deltas: 400, gap_ms: 10 }];
    const file = await withSession(place, [slow, [{ type: 'text', text: 'short' }]], {}, async (session) => {
      const started = heard(session, 'turn.started');
      const streaming = heard(session, 'agent.delta');
      const subscription = session.events.subscribe((event) => {
        if (event.type === 'turn.started')
          void session.submit({ type: 'op.queue', id: `q-${event.turnId}`, text: 'later' });
        if (event.type === 'turn.started' && event.turnId === 'turn-2') subscription.unsubscribe();
      });
      await session.submit({ type: 'op.say', id: 'a', text: 'tell me' });
      const first = await started;
      await streaming;
      const turnId = first.type === 'turn.started' ? first.turnId : '';
      await session.submit({ type: 'op.steer', id: 'b', text: 'shorter', turnId, policy: 'preempt' });
      await heard(session, 'turn.completed');
      await heard(session, 'turn.completed');
    });
    expect(verdictOn(place.home, file)).toMatchObject({ kind: 'identical' });
    const fork = await withSession(
      place,
      [[{ type: 'text', text: 'other way' }]],
      { fork: { file } },
      async (session) => {
        const ended = heard(session, 'turn.completed');
        await session.submit({ type: 'op.say', id: 'c', text: 'go' });
        await ended;
      },
    );
    expect(verdictOn(place.home, fork)).toMatchObject({ kind: 'identical' });
    // A fork that is resumed goes on counting where its parent was (G.5.1), and still replays.
    await withSession(place, [[{ type: 'text', text: 'on' }]], { resume: { file: fork } }, async (session) => {
      const started = heard(session, 'turn.started');
      const ended = heard(session, 'turn.completed');
      await session.submit({ type: 'op.say', id: 'd', text: 'go' });
      expect(await started).toMatchObject({ turnId: 'turn-5' });
      await ended;
    });
    expect(verdictOn(place.home, fork)).toMatchObject({ kind: 'identical', lives: 2 });
  });
});

describe('what differs is named', () => {
  test('a guard that answers otherwise: the step, both facts, the transition', async () => {
    const place = newPlace();
    const file = await recorded(place, TOOLS);
    const divergence = divergenceOf(place.home, file, {
      chart: (leaves, deeds) => wire(leaves, deeds).provide({ guards: { isRefused: () => true } }),
    });
    expect(divergence.what).toBe('other fact');
    expect(divergence.recorded).toMatchObject({ fact: { type: 'op.accepted' } });
    expect(divergence.replayed).toMatchObject({ fact: { type: 'op.refused' } });
    expect(divergence.taken.flatMap(({ transitions }) => transitions.map(({ guard }) => guard))).toContain(
      'isRefused idle',
    );
    expect(divergence.otherVersions).toEqual([]);
  });

  test('one changed byte in a recorded fact, and a chart of another version', async () => {
    const place = newPlace();
    const file = await recorded(place, TOOLS);
    const text = readFileSync(file, 'utf8');
    writeFileSync(`${place.home}/damaged`, '');
    writeFileSync(
      file,
      text
        .replace('"lastAgentMessage":"seen"', '"lastAgentMessage":"seem"')
        .replace(/"turn":"[0-9a-f]{16}"/, '"turn":"0000000000000000"'),
    );
    const divergence = divergenceOf(place.home, file, {});
    expect(divergence).toMatchObject({ what: 'other fact', otherVersions: ['turn'] });
    expect(divergence.replayed).toMatchObject({ fact: { type: 'turn.completed', lastAgentMessage: 'seen' } });
  });

  test('a fact that is missing, and an input for nobody', async () => {
    const place = newPlace();
    const file = await recorded(place, TOOLS);
    const reading = readingOf(place.home, file);
    const without = reading.records.filter((record) => record.kind !== 'fact' || record.fact.type !== 'call.started');
    expect(replay({ ...reading, records: without })).toMatchObject({ kind: 'diverged' });
    const astray = reading.records.map((record) =>
      record.kind === 'input' && record.to.endsWith('call1') ? { ...record, to: `${record.to}7` } : record,
    );
    expect(replay({ ...reading, records: astray })).toMatchObject({ divergence: { what: 'nobody there' } });
  });

  test('what cannot be replayed says why', async () => {
    const place = newPlace();
    const { head, records } = readingOf(place.home, await recorded(place, TOOLS));
    expect(replay({ head: null, records })).toMatchObject({ kind: 'unreplayable' });
    if (head === null) throw new Error('no head');
    const { input: _, ...older } = head;
    expect(replay({ head: older, records })).toMatchObject({ kind: 'unreplayable' });
  });
});
