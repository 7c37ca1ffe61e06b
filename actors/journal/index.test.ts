import { appendFileSync, mkdirSync, readFileSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { head, newHome, open, say, story } from '../../test/journal/story.ts';
import { findSession, openIndex, type SessionIndex } from './index.ts';
import { createMemoryRows } from './rows.ts';
import { openSqliteRows } from './rows.sqlite.ts';
import { journalFile } from './writer.ts';

interface Made {
  readonly id: string;
  readonly cwd: string;
  readonly text: string;
  readonly at: number;
}
const make = (home: string, { id, cwd, text, at }: Made): string => {
  const journal = open(home, { id, head: { ...head, cwd }, now: () => at });
  for (const record of [say('first', text), ...story(2)]) journal.append(record);
  journal.close();
  utimesSync(journal.file, at / 1000, at / 1000);
  return journal.file;
};
const day = (n: number): number => new Date(2026, 2, n, 12).getTime();
const threeIn = (home: string): string[] => [
  make(home, { id: 'aaa-1', cwd: '/one', text: 'mend the\n  login page', at: day(1) }),
  make(home, { id: 'aab-2', cwd: '/two', text: 'write 100% of tests', at: day(3) }),
  make(home, { id: 'bbb-3', cwd: '/one', text: 'Rename the folder', at: day(2) }),
];
const ids = (index: SessionIndex, query = {}): string[] => index.list(query).map(({ id }) => id);

/** The same promises, with SQLite and without: a folder where the file belongs cannot be opened, nor removed. */
describe.each<[string, (home: string) => void]>([
  ['in SQLite', () => {}],
  ['without SQLite', (home) => mkdirSync(join(home, 'sessions', 'index.db', 'in the way'), { recursive: true })],
])('the list of sessions, %s', (_where, prepare) => {
  const openIn = async (): Promise<[SessionIndex, string[], string]> => {
    const home = newHome();
    prepare(home);
    const files = threeIn(home);
    return [await openIndex(home), files, home];
  };

  it('shows the newest first, with what a person knows them by (G.5.2)', async () => {
    const [index, files] = await openIn();
    expect(ids(index)).toEqual(['aab-2', 'bbb-3', 'aaa-1']);
    expect(index.list().at(-1)).toEqual({
      ...{ id: 'aaa-1', file: files[0], cwd: '/one', model: 'rehearsal', created: day(1), updated: day(1) },
      ...{ preview: 'mend the login page', turns: 2 },
    });
    index.close();
  });

  it('narrows by folder, words and number', async () => {
    const [index] = await openIn();
    expect(ids(index, { cwd: '/one' })).toEqual(['bbb-3', 'aaa-1']);
    expect(ids(index, { search: 'FOLDER' })).toEqual(['bbb-3']);
    expect(ids(index, { search: '0%' })).toEqual(['aab-2']);
    expect(ids(index, { search: '_' })).toEqual([]);
    expect(ids(index, { cwd: '/one', search: 'e', limit: 1 })).toEqual(['bbb-3']);
    expect(index.last({ cwd: '/one' })?.id).toBe('bbb-3');
    expect(index.last()?.id).toBe('aab-2');
    expect(index.last({ cwd: '/nowhere' })).toBeNull();
    index.close();
  });

  it('follows the files: changed, gone, new, and not journals at all', async () => {
    const [index, files, home] = await openIn();
    expect(ids(index)).toHaveLength(3);
    appendFileSync(
      files[0]!,
      `${JSON.stringify({ seq: 28, t: 1, kind: 'fact', fact: { type: 'turn.started' }, cause: null })}\n`,
    );
    rmSync(files[1]!);
    make(home, { id: 'ccc-4', cwd: '/two', text: 'new', at: day(9) });
    writeFileSync(join(dirname(files[0]!), '2026-01-01T00-00-00-zzz.jsonl'), 'not a journal\n');
    expect(index.list().map(({ id, turns }) => [id, turns])).toEqual([
      ['aaa-1', 3],
      ['ccc-4', 2],
      ['bbb-3', 2],
    ]);
    index.close();
  });

  it('can be made again at any time, and told of one session alone', async () => {
    const [index, files] = await openIn();
    const before = index.list();
    index.rebuild();
    expect(index.list()).toEqual(before);
    rmSync(files[0]!);
    index.touch(files[0]!);
    expect(ids(index)).toEqual(['aab-2', 'bbb-3']);
    index.close();
  });
});

describe('the index file', () => {
  it('is thrown away and made again when it is damaged or of another version', async () => {
    const home = newHome();
    threeIn(home);
    const file = join(home, 'sessions', 'index.db');
    writeFileSync(file, 'this is no database, but long enough to be looked at '.repeat(100));
    const index = await openIndex(home);
    expect(ids(index)).toHaveLength(3);
    index.close();
    expect(readFileSync(file, 'latin1').slice(0, 6)).toBe('SQLite');
    const { DatabaseSync } = await import('node:sqlite');
    const db = new DatabaseSync(file);
    db.exec(`UPDATE sessions SET preview = 'it means something else there'; PRAGMA user_version = 99;`);
    db.close();
    const again = await openIndex(home);
    expect(again.last()?.preview).toBe('write 100% of tests');
    again.close();
  });

  it('gives the same answers as the table in memory', async () => {
    const home = newHome();
    const sqlite = await openSqliteRows(join(home, 'rows.db'));
    const memory = createMemoryRows();
    const rows = Array.from({ length: 50 }, (_, n) => ({
      ...{ id: `id-${n}`, file: `/f/${n}`, cwd: `/c/${n % 3}`, model: `Model_${n % 5}`, created: n, turns: n },
      ...{ updated: n % 7, preview: `words ${n % 11} 100%`, mtime: n + 0.25, size: n },
    }));
    for (const table of [sqlite, memory]) table.change(rows, ['/f/3']);
    expect(sqlite.stamps()).toEqual(memory.stamps());
    for (const query of [
      {},
      { limit: 5 },
      { cwd: '/c/1' },
      { search: 'model_2' },
      { cwd: '/c/0', search: '0%', limit: 2 },
    ])
      expect(sqlite.select(query)).toEqual(memory.select(query));
    sqlite.close();
  });
});

describe('finding a session by id (G.5.3)', () => {
  it('takes the whole id or a beginning that only one has', () => {
    const home = newHome();
    const files = threeIn(home);
    expect(findSession(home, 'bbb-3')).toEqual({ kind: 'found', file: files[2], id: 'bbb-3' });
    expect(findSession(home, 'b')).toEqual({ kind: 'found', file: files[2], id: 'bbb-3' });
    expect(findSession(home, 'aa')).toMatchObject({ kind: 'ambiguous', ids: ['aaa-1', 'aab-2'] });
    expect(findSession(home, 'c')).toEqual({ kind: 'absent' });
    expect(findSession(home, '')).toEqual({ kind: 'absent' });
    expect(findSession(newHome(), 'a')).toEqual({ kind: 'absent' });
  });
});

describe('ten thousand sessions', () => {
  it('are listed in a small multiple of the time that looking at the files takes', async () => {
    const home = newHome();
    for (let n = 0; n < 10_000; n++) {
      const file = journalFile(home, `id-${n}`, day(1 + (n % 28)) + n * 1000);
      if (n < 28) mkdirSync(dirname(file), { recursive: true });
      const first = { v: 1, kind: 'session', id: `id-${n}`, cwd: `/c/${n % 10}`, model: 'm', t: n };
      const words = {
        seq: 1,
        t: 1,
        kind: 'input',
        to: 'session',
        from: 'user',
        cause: null,
        event: say('a', `words ${n}`),
      };
      writeFileSync(
        file,
        `${JSON.stringify(first)}\n${JSON.stringify({ ...words, event: { type: 'op.say', text: `words ${n}` } })}\n`,
      );
    }
    const index = await openIndex(home);
    const timed = <T>(work: () => T): [number, T] => {
      const start = performance.now();
      const result = work();
      return [performance.now() - start, result];
    };
    const [looking] = timed(() => readdirSync(join(home, 'sessions'), { recursive: true }));
    const [building, built] = timed(() => index.list({ limit: 20 }));
    const [listing, listed] = timed(() => index.list({ limit: 20 }));
    const [searching, found] = timed(() => index.list({ search: 'words 9999', limit: 20 }));
    const [finding] = timed(() => findSession(home, 'id-1234'));
    const ms = { looking, building, listing, searching, finding };
    console.info(
      Object.entries(ms)
        .map(([what, time]) => `${what} ${time.toFixed(0)} ms (× ${(time / looking).toFixed(1)})`)
        .join(', '),
    );
    expect(built).toHaveLength(20);
    expect(listed).toEqual(built);
    expect(found.map(({ preview }) => preview)).toEqual(['words 9999']);
    expect(listing).toBeLessThan(building);
    index.close();
  });
});
