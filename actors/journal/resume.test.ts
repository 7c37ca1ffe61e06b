import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fact, head, newHome, noSecrets, open, say, turn, writeStory } from '../../test/journal/story.ts';
import { closeOpenTurn } from './closing.ts';
import { fold } from './fold.ts';
import { migrate } from './migrate.ts';
import { readJournal } from './reader.ts';
import { resumeJournal, type Resumed } from './resume.ts';
import { journalFile } from './writer.ts';

const resume = (home: string, file: string, takeOver: 'never' | 'always' = 'never'): Resumed =>
  resumeJournal({
    ...{ home, file, takeOver, head, redactor: noSecrets, now: () => 1_700_000_000_500 },
    durability: 'process',
  });
const resumed = (result: Resumed) => {
  if (result.kind !== 'resumed') throw new Error(JSON.stringify(result));
  return result;
};

describe('resuming', () => {
  it('goes on in the same file, under the same id and the next number (G.4.2)', () => {
    const home = newHome();
    const file = writeStory(home, 1);
    const { journal, folded, notices } = resumed(resume(home, file));
    expect(notices).toEqual([]);
    expect(folded).toMatchObject({ head: { id: 'f00d' }, openTurn: null, turns: 1, epoch: 2 });
    for (const record of turn(2)) journal.append(record);
    journal.close();
    const again = resumed(resume(home, file));
    expect(again.folded).toMatchObject({ turns: 2, epoch: 3, lastSeq: 28 });
    again.journal.close();
  });

  it('after a loss in the middle of a command: closes the turn once, and never again (R3, R36)', () => {
    const home = newHome();
    const journal = open(home);
    for (const record of turn(1).slice(0, 7)) journal.append(record);
    journal.close();
    appendFileSync(journal.file, '{"seq":8,"t":17');
    const first = resumed(resume(home, journal.file));
    expect(first.notices).toMatchObject([{ kind: 'tornTail', text: '{"seq":8,"t":17' }]);
    expect(first.folded.effectsInFlight).toMatchObject([{ id: 'effect-1', what: 'exec' }]);
    expect(first.closing.items[0]).toMatchObject({ type: 'result', status: 'unknown' });
    // Lost once more, before anything was published: what was known is still known.
    first.journal.close();
    const second = resumed(resume(home, journal.file));
    expect(second.folded.effectsInFlight).toEqual([]);
    expect(second.closing).toEqual({ ...first.closing, effects: [] });
    for (const value of second.closing.facts) second.journal.append(fact(value));
    second.journal.close();
    const { head: saved, records, notices } = readJournal(journal.file);
    expect(notices).toEqual([]);
    expect(closeOpenTurn(fold(saved, records))).toEqual({
      items: [],
      facts: [],
      effects: [],
      turns: 0,
      continues: null,
    });
  });

  it('is refused while somebody writes, unless it takes over', () => {
    const home = newHome();
    const journal = open(home);
    journal.append(say('a', 'mine'));
    expect(resume(home, journal.file)).toMatchObject({ kind: 'heldBy', holder: { pid: process.pid } });
    const { journal: next } = resumed(resume(home, journal.file, 'always'));
    expect(journal.effect('e', 'exec')).toMatchObject({ kind: 'fenced', by: { epoch: 2 } });
    expect(next.append(say('b', 'ours'))).toMatchObject({ kind: 'written', seq: 3 });
    next.close();
    journal.close();
  });

  it('by take-over: what the former writer still sends to the file it has open reaches nobody', () => {
    const home = newHome();
    const journal = open(home);
    journal.append(say('a', 'mine'));
    const late = openSync(journal.file, 'a');
    const { journal: next } = resumed(resume(home, journal.file, 'always'));
    writeSync(late, '{"seq":2,"t":1,"kind":"late"}\n');
    next.append(say('b', 'ours'));
    next.close();
    closeSync(late);
    const { records, notices } = readJournal(journal.file);
    expect(notices).toEqual([]);
    expect(records.map(({ kind }) => kind)).toEqual(['input', 'opened', 'input']);
    expect(readdirSync(dirname(journal.file))).toHaveLength(1);
  });

  it('of an empty file writes the head again; of no file, or a folder, says why', () => {
    const home = newHome();
    const file = writeStory(home, 1);
    truncateSync(file, 0);
    const { journal, folded } = resumed(resume(home, file));
    expect(folded.head?.id).toBe('f00d');
    journal.close();
    const absent = journalFile(home, 'absent', 0);
    expect(resume(home, absent)).toMatchObject({ kind: 'unreadable', why: expect.stringContaining('ENOENT') });
    mkdirSync(absent, { recursive: true });
    expect(resume(home, absent)).toMatchObject({ kind: 'unreadable' });
    expect(existsSync(dirname(file))).toBe(true);
    expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(3);
  });
});

describe('lines of older versions', () => {
  const steps = {
    1: (line: Readonly<Record<string, unknown>>) => ({ ...line, b: 1 }),
    2: (line: Readonly<Record<string, unknown>>) => ({ ...line, c: 2 }),
  };

  it('are brought up step by step; a missing step, or a newer version, is refused', () => {
    expect(migrate({ kind: 'session', v: 1 }, 1, steps, 3)).toEqual({ kind: 'session', v: 3, b: 1, c: 2 });
    expect(migrate({ kind: 'fact' }, 2, steps, 3)).toEqual({ kind: 'fact', c: 2 });
    expect(migrate({ kind: 'fact' }, 1, { 2: steps[2] }, 3)).toBeNull();
    expect(migrate({ kind: 'fact' }, 4, steps, 3)).toBeNull();
  });
});
