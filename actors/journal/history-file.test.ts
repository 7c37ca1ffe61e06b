import { appendFileSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { newHome, noSecrets } from '../../test/journal/story.ts';
import { createPromptHistory, type PromptHistory } from './history-file.ts';
import { acquireLock } from './lock.ts';

const openHistory = (home = newHome(), maxBytes: number | null = null): PromptHistory =>
  createPromptHistory({ home, redactor: noSecrets, now: () => 1_700_000_000_500, maxBytes });
const texts = (history: PromptHistory): string[] => [...history.entries()].map(({ text }) => text);

describe('the prompt history (G.6)', () => {
  it('keeps a line an entry, for its owner only, and gives the newest first', async () => {
    const history = openHistory();
    expect(texts(history)).toEqual([]);
    for (const text of ['one', 'two\nlines', 'drei ✓']) expect(await history.add('s', text)).toEqual({ kind: 'noted' });
    expect(statSync(history.file).mode & 0o777).toBe(0o600);
    expect(readFileSync(history.file, 'utf8').split('\n')[0]).toBe('{"session_id":"s","ts":1700000000,"text":"one"}');
    expect(texts(history)).toEqual(['drei ✓', 'two\nlines', 'one']);
  });

  it('holds no secrets', async () => {
    const history = openHistory();
    await history.add('s', 'use sk-a1b2c3d4e5f6g7h8i9j0');
    expect(texts(history)[0]).toMatch(/^use \[secret:\w{8}\]$/);
  });

  it('goes on after a torn entry, which alone is lost', async () => {
    const history = openHistory();
    await history.add('s', 'whole');
    appendFileSync(history.file, '{"session_id":"s","ts":1,"te');
    await history.add('s', 'next');
    expect(texts(history)).toEqual(['next', 'whole']);
  });

  it('is trimmed to 80 % of what is allowed; the newest entry stays, however long', async () => {
    const history = openHistory(newHome(), 1_000);
    for (let n = 0; n < 100; n++) {
      await history.add('s', `entry ${n}`);
      expect(statSync(history.file).size).toBeLessThanOrEqual(1_000);
      expect(texts(history)[0]).toBe(`entry ${n}`);
    }
    expect(texts(history).length).toBeGreaterThan(14);
    await history.add('s', 'x'.repeat(5_000));
    expect(texts(history)).toEqual(['x'.repeat(5_000)]);
    await history.add('s', 'after');
    expect(texts(history)).toEqual(['after']);
  });

  it('loses nothing when many add at once', async () => {
    const home = newHome();
    const histories = [openHistory(home), openHistory(home), openHistory(home)];
    const added = await Promise.all(histories.map((history, n) => history.add('s', `entry ${n}`)));
    expect(added.map(({ kind }) => kind)).toEqual(['noted', 'noted', 'noted']);
    expect(texts(openHistory(home)).sort()).toEqual(['entry 0', 'entry 1', 'entry 2']);
  });

  it('gives up on a file that somebody holds, after ten tries', async () => {
    const history = openHistory();
    const acquired = acquireLock(history.file);
    expect(await history.add('s', 'never')).toEqual({ kind: 'busy' });
    if (acquired.kind === 'held') acquired.lock.release();
    expect(await history.add('s', 'now')).toEqual({ kind: 'noted' });
  });

  it('is searched newest first, each text once, reading only as far back as needed', () => {
    const history = openHistory();
    const lines = Array.from({ length: 20_000 }, (_, n) =>
      JSON.stringify({ session_id: 's', ts: n, text: `Text ${n % 7_000}` }),
    );
    writeFileSync(history.file, `${lines.join('\n')}\n`);
    expect(texts(history)).toHaveLength(20_000);
    expect(history.search('text 59', 3).map(({ ts }) => ts)).toEqual([19_999, 19_998, 19_997].map((ts) => ts));
    expect(history.search('TEXT 1', 2_000).length).toBeLessThan(2_000);
    expect(history.search('nothing', 5)).toEqual([]);
  });
});
