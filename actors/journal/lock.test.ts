import { existsSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { newHome, open, say } from '../../test/journal/story.ts';
import { acquireLock, holderOf, isStale, type Holder, type Lock } from './lock.ts';

const held = (acquired: ReturnType<typeof acquireLock>): Lock => {
  if (acquired.kind !== 'held') throw new Error(`held by ${acquired.holder?.pid}`);
  return acquired.lock;
};
const newJournal = (): string => join(newHome(), 'a.jsonl');

/** This very process, as its own lock describes it. */
const we = (): Holder => {
  const journal = newJournal();
  const lock = held(acquireLock(journal));
  const holder = holderOf(journal);
  lock.release();
  if (holder === null) throw new Error('nobody holds it');
  return holder;
};

describe('a lock', () => {
  it('is held by one, given back, and leaves nothing behind (R36)', () => {
    const journal = newJournal();
    const lock = held(acquireLock(journal));
    expect(lock).toMatchObject({ epoch: 1, wasTakenOver: false });
    expect(acquireLock(journal)).toMatchObject({ kind: 'heldBy', holder: { pid: process.pid, host: hostname() } });
    expect(lock.lostTo()).toBeNull();
    lock.release();
    lock.release();
    expect(readdirSync(join(journal, '..'))).toEqual([]);
    expect(held(acquireLock(journal, { above: 7 })).epoch).toBe(8);
  });

  it('tells the former holder who took it, and that one cannot give it back', () => {
    const journal = newJournal();
    const former = held(acquireLock(journal));
    const next = held(acquireLock(journal, { takeOver: 'always' }));
    expect(next).toMatchObject({ epoch: 2, wasTakenOver: true });
    expect(former.lostTo()).toMatchObject({ kind: 'fenced', epoch: 1, by: { pid: process.pid, epoch: 2 } });
    former.release();
    expect(next.lostTo()).toBeNull();
    next.release();
  });

  it('is lost with its file: who deletes it takes the right away', () => {
    const lock = held(acquireLock(newJournal()));
    rmSync(lock.file);
    expect(lock.lostTo()).toEqual({ kind: 'fenced', epoch: 1, by: null });
  });

  it('a fenced journal writes nothing more, and says so each time', () => {
    const home = newHome();
    const journal = open(home);
    journal.append(say('a', 'first'));
    const next = held(acquireLock(journal.file, { takeOver: 'always' }));
    const deadline = performance.now() + 5_000;
    while (journal.append(say('b', 'late')).kind !== 'fenced' && performance.now() < deadline);
    expect(journal.append(say('c', 'later'))).toMatchObject({ kind: 'fenced', by: { epoch: 2 } });
    expect(journal.flush()).toMatchObject({ kind: 'fenced' });
    journal.close();
    expect(next.lostTo()).toBeNull();
    next.release();
  });

  it('is looked at before each effect, however shortly after the last look', () => {
    const home = newHome();
    for (let n = 0; n < 20; n++) {
      const journal = open(home, { id: `id-${n}` });
      journal.append(say('a', 'makes the file'));
      journal.append(say('b', 'looks at the lock'));
      rmSync(`${journal.file}.lock-1`);
      expect(journal.effect('e', 'exec').kind).toBe('fenced');
      journal.close();
    }
  });

  it.each<[string, Partial<Holder>, boolean]>([
    ['we ourselves', {}, false],
    ['a pid that is gone', { pid: 2 ** 22 + 1 }, true],
    ['a pid that now belongs to somebody younger', { start: '1' }, true],
    ['another boot of this machine', { boot: '00000000-0000-0000-0000-000000000000' }, true],
    ['another host, of which nothing is known', { host: 'elsewhere', pid: 2 ** 22 + 1 }, false],
    ['another pid namespace, of which nothing is known', { namespace: 'pid:[1]', pid: 2 ** 22 + 1 }, false],
    ['a machine that cannot tell its boot and start', { boot: '', start: '' }, false],
  ])('knows whether it is stale, of %s', (_who, change, expected) => {
    const self = we();
    expect(isStale({ ...self, ...change }, self)).toBe(expected);
  });

  it('of a dead process is replaced without a word, under a higher epoch', () => {
    const journal = newJournal();
    writeFileSync(`${journal}.lock-5`, JSON.stringify({ ...we(), pid: 2 ** 22 + 1, epoch: 5 }));
    const lock = held(acquireLock(journal));
    expect(lock).toMatchObject({ epoch: 6, wasTakenOver: false });
    expect(existsSync(`${journal}.lock-5`)).toBe(false);
    lock.release();
  });

  it('that cannot be read is respected while it is young, and replaced when it is old', () => {
    const journal = newJournal();
    writeFileSync(`${journal}.lock-3`, '');
    expect(acquireLock(journal)).toEqual({ kind: 'heldBy', holder: null });
    utimesSync(`${journal}.lock-3`, 1, 1);
    expect(held(acquireLock(journal)).epoch).toBe(4);
  });
});
