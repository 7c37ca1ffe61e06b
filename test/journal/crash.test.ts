/** Real processes: killed, frozen, taken over, and short of disk. */
import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { acquireLock } from '../../actors/journal/lock.ts';
import { readJournal } from '../../actors/journal/reader.ts';
import { fileOf, startChild, written } from './child.ts';
import { newHome, open, say } from './story.ts';

const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1);
const hasWritten = (n: number) => (line: string) => line === `written ${n}`;

describe('a journal whose writer is killed', () => {
  const moments = Array.from({ length: 6 }, () => 1 + Math.floor(Math.random() * 1_500));

  it.each(moments)('after about record %i: has every record that append returned for (R36, R3)', async (moment) => {
    const child = startChild([newHome(), '40']);
    const file = await fileOf(child);
    await child.tells(hasWritten(moment));
    child.process.kill('SIGKILL');
    await child.ended;
    const { records, head } = readJournal(file);
    expect(head?.id).toBe('child');
    expect(records.map(({ seq }) => seq)).toEqual(upTo(records.length));
    expect(records.length).toBeGreaterThanOrEqual(written(child));
    expect(acquireLock(file)).toMatchObject({ kind: 'held', lock: { epoch: 2, wasTakenOver: false } });
  });
});

describe('two writers', () => {
  it('one holds; the other is told by whom (R36)', async () => {
    const child = startChild([newHome()]);
    const file = await fileOf(child);
    await child.tells(hasWritten(3));
    expect(acquireLock(file)).toMatchObject({ kind: 'heldBy', holder: { pid: child.pid, epoch: 1 } });
    expect(readJournal(file).records.length).toBeGreaterThan(2);
  });

  it('an explicit take-over fences the living writer, and loses nothing it was promised (R36)', async () => {
    const home = newHome();
    const child = startChild([home]);
    const file = await fileOf(child);
    await child.tells(hasWritten(200));
    const acquired = acquireLock(file, { takeOver: 'always' });
    if (acquired.kind !== 'held') throw new Error('not taken over');
    expect(acquired.lock).toMatchObject({ epoch: 2, wasTakenOver: true });
    const journal = open(home, { resume: { file, lock: acquired.lock } });
    journal.append(say('mine', 'by the new writer'));
    await child.tells((line) => line === 'fenced 2');
    journal.close();
    const { records, notices } = readJournal(file);
    const promised = written(child);
    expect(notices).toEqual([]);
    expect(records.map(({ seq }) => seq)).toEqual(upTo(promised + 2));
    expect(records.slice(promised)).toMatchObject([{ kind: 'opened', epoch: 2 }, { event: { id: 'mine' } }]);
  });

  it('a frozen writer that wakes up after the take-over cannot touch the journal', async () => {
    const home = newHome();
    const child = startChild([home]);
    const file = await fileOf(child);
    await child.tells(hasWritten(100));
    child.process.kill('SIGSTOP');
    const acquired = acquireLock(file, { takeOver: 'always' });
    if (acquired.kind !== 'held') throw new Error('not taken over');
    const journal = open(home, { resume: { file, lock: acquired.lock } });
    const { size } = statSync(file);
    child.process.kill('SIGCONT');
    await child.tells((line) => line === 'fenced 2');
    expect(statSync(file).size).toBe(size);
    journal.close();
    expect(readJournal(file).notices).toEqual([]);
  });
});

const isLinux = process.platform === 'linux';

describe('a disk that is full', () => {
  it.skipIf(!isLinux)(
    'is told once, loses nothing, doubles nothing, and is caught up with when there is room (G.3.3, G.3.4; needs prlimit of Linux)',
    async () => {
      const child = startChild([newHome(), '100', '20000'], ['prlimit', '--fsize=150001:unlimited', '--']);
      const file = await fileOf(child);
      const makeRoom = (bytes: string) =>
        execFileSync('prlimit', ['--pid', String(child.pid), `--fsize=${bytes}:unlimited`]);
      await child.tells((line) => line.startsWith('kept '));
      expect(statSync(file).size).toBe(150_001);
      expect(readJournal(file).notices.map(({ kind }) => kind)).toEqual(['tornTail']);
      // Room for a part of a record, twice: each time the rest is taken up where the disk left off.
      for (const bytes of [150_050, 150_099]) {
        makeRoom(String(bytes));
        await child.tells(() => statSync(file).size === bytes);
      }
      makeRoom('unlimited');
      await child.ended;
      expect(child.told.filter((line) => line.startsWith('trouble'))).toEqual(['trouble failing', 'trouble recovered']);
      expect(child.told.at(-1)).toBe('flushed');
      const { records, notices } = readJournal(file);
      expect(notices).toEqual([]);
      expect(records.map(({ seq }) => seq)).toEqual(upTo(20_000));
      // Word for word: a doubled part may well hide inside a string.
      const texts = records.map((record) => (record.kind === 'input' ? record.event['text'] : null));
      expect(texts).toEqual(upTo(20_000).map((n) => `words ${n - 1} ${'·'.repeat(100)}`));
    },
  );
});
