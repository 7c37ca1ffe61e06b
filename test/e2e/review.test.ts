/** `/review` in the real program (C.11): its journal is told again, and no way of ending it leaves it open. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { replay } from '../../actors/replay/replay.ts';
import { newPlace } from '../cli/program.ts';
import { journalsOf, readingOf } from '../inspector/sessions.ts';
import { alive, becomes } from '../processes/bench.ts';

const newChat = (...turns: readonly (readonly object[])[]) => {
  const place = newPlace();
  const args = ['--plain', '-s', 'danger-full-access', '-a', 'never', '--rehearse', place.script(...turns)];
  const running = place.start(args, { stdin: 'pipe' });
  onTestFinished(() => void running.child.kill('SIGKILL'));
  const type = (line: string) => running.child.stdin?.write(`${line}\n`);
  return { place, running, type };
};
type Place = ReturnType<typeof newPlace>;
const read = ({ home }: Place) => {
  const reading = readingOf(home, journalsOf(home)[0] ?? '');
  const facts = reading.records.flatMap((record) => (record.kind === 'fact' ? [record.fact] : []));
  return { verdict: replay(reading), exited: facts.filter(({ type }) => type === 'review.exited'), facts };
};
const findings = [{ type: 'text', text: '{"findings":[{"title":"Mend it","priority":2}]}' }];

describe('/review', () => {
  it('prints the findings; the conversation goes on; the journal is told again (R40)', async () => {
    const { place, running, type } = newChat([{ type: 'shell', command: 'echo looked' }], findings, [
      { type: 'text', text: 'I know of it' },
    ]);
    type('/review commit abc');
    await running.said('done in');
    type('and now?');
    await running.said('I know of it');
    type('/quit');
    const { out, code } = await running.ended;
    expect(code).toBe(0);
    expect(out).toContain('reviewing commit abc');
    expect(out).toContain('Review of commit abc: 1 finding.');
    expect(out).toContain('- [P2] Mend it');
    expect(out).not.toContain('"findings"');
    expect(read(place)).toMatchObject({ verdict: { kind: 'identical' }, exited: [{ review: { findings: [{}] } }] });
  });

  it('SIGINT ends what it runs, and says that there are no findings', async () => {
    const { place, running, type } = newChat([{ type: 'shell', command: 'echo up; sleep 68' }]);
    type('/review');
    await running.said('sleep 68');
    expect(await becomes(() => alive('sleep\0' + '68').length > 0, 10_000)).toBe(true);
    running.child.kill('SIGINT');
    await running.said('interrupted by you');
    expect(alive('sleep\0' + '68')).toEqual([]);
    type('/quit');
    const { out } = await running.ended;
    expect(out).toContain('the review ended without findings');
    expect(read(place)).toMatchObject({ verdict: { kind: 'identical' }, exited: [{ review: null }] });
  });

  it('kill -9 under it: whoever goes on with the session ends it without findings, once', async () => {
    const { place, running, type } = newChat([{ type: 'shell', command: 'echo up; sleep 69' }]);
    type('/review');
    await running.said('sleep 69');
    running.child.kill('SIGKILL');
    await running.ended;
    for (const _ of [1, 2]) {
      const script = place.script([{ type: 'text', text: 'on' }]);
      const { code } = await place.run(['exec', 'resume', '--last', '--rehearse', script, 'go on']);
      expect(code).toBe(0);
    }
    const { exited, facts, verdict } = read(place);
    expect(exited).toMatchObject([{ turnId: 'turn-1', review: null }]);
    expect(facts.findIndex(({ type: t }) => t === 'review.exited')).toBeLessThan(
      facts.findIndex(({ type: t }) => t === 'turn.aborted'),
    );
    expect(JSON.stringify(facts)).toContain('/review again');
    expect(verdict).toMatchObject({ kind: 'identical', lives: 3 });
  });
});
