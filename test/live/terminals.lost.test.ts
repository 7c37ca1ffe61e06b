/** Background terminals of a process that was killed: what the next one says, and what the model hears (E.13, G.4, R3). */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { blobsOf, readJournal } from '../../actors/journal/reader.ts';
import { replay } from '../../actors/replay/replay.ts';
import { linesOf, newPlace } from '../cli/program.ts';
import { becomes } from '../processes/bench.ts';

/** Generous against a busy machine. Milliseconds. */
const SOON_MS = 30_000;
const FLAGS = ['--json', '--skip-git-repo-check', '-s', 'danger-full-access', '--rehearse'];
const background = { type: 'call', name: 'exec_command', args: { cmd: 'sleep 600', yield_time_ms: 250 } };
const say = (text: string) => [{ type: 'text', text }];

type Place = ReturnType<typeof newPlace>;
const readingOf = ({ home }: Place) => {
  const sessions = join(home, 'sessions');
  const [file] = readdirSync(sessions, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.jsonl'));
  return readJournal(join(sessions, file ?? ''), { blobs: blobsOf(home) });
};
const factsOf = (place: Place) =>
  readingOf(place).records.flatMap((record) => (record.kind === 'fact' ? [record.fact] : []));
const newsIn = (place: Place) =>
  factsOf(place).flatMap((fact) =>
    fact.type === 'items.recorded'
      ? fact.items.flatMap((item) => (item.type === 'context' && item.about === 'terminals' ? [item.text] : []))
      : [],
  );
const resume = (place: Place, script: string) =>
  place.run(['exec', 'resume', '--last', ...FLAGS, script, 'go on']).then(({ code, err }) => ({ code, err }));

describe('after kill -9 with a command in the background', () => {
  it('its end is told once, the model hears of it once, nothing is run again, and it replays', async () => {
    const place = newPlace();
    const mark = join(place.folder, 'mark');
    const script = place.script([background], [{ type: 'shell', command: `touch ${mark}; sleep 600` }]);
    const running = place.start(['exec', ...FLAGS, script, 'go']);
    // What came before a command is on the disk when the command runs.
    expect(await becomes(() => existsSync(mark), SOON_MS)).toBe(true);
    running.child.kill('SIGKILL');
    await running.ended;

    for (const words of ['first', 'second'])
      expect(await resume(place, place.script(say(words)))).toEqual({ code: 0, err: '' });
    const begun = factsOf(place).filter(({ type }) => type === 'terminal.started');
    expect(begun).toHaveLength(1);
    const [{ terminalId } = { terminalId: '' }] = begun as readonly { readonly terminalId: string }[];
    expect(factsOf(place).filter(({ type }) => type === 'terminal.ended')).toEqual([
      { type: 'terminal.ended', terminalId, status: 'unknown' },
    ]);
    expect(newsIn(place)).toEqual([`Session ${terminalId} was ended and is gone: sleep 600`]);
    expect(replay(readingOf(place))).toMatchObject({ kind: 'identical', lives: 3 });
  });

  it('one that ended with its session is news for the next process too (B.9)', async () => {
    const place = newPlace();
    const script = place.script([background], say('left'));
    const { code, out } = await place.run(['exec', ...FLAGS, script, 'go']);
    expect(code).toBe(0);
    const lines = linesOf(out).filter(({ type }) => /^terminal|^turn|^item\.completed/.test(type));
    expect(lines.map(({ type }) => type)).toEqual([
      ...['turn.started', 'item.completed', 'terminal.started', 'item.completed', 'turn.completed', 'terminal.ended'],
    ]);
    expect(newsIn(place)).toEqual([]);
    await resume(place, place.script(say('first')));
    expect(newsIn(place)).toEqual([expect.stringContaining('was ended and is gone: sleep 600')]);
    expect(replay(readingOf(place))).toMatchObject({ kind: 'identical', lives: 2 });
  });
});
