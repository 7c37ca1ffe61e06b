import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  mkdirSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { KEEP_MS } from './limits.ts';
import { createStore } from './store.ts';
import { sweep } from './sweep.ts';

const newFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'files-store-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};
const bytes = (text: string) => Buffer.from(text);

describe('the store', () => {
  it('gives back what it took, in this life and the next, and keeps equal contents once', () => {
    const folder = newFolder();
    const first = createStore(folder, () => 'one');
    const kept = ['', 'a', 'b', 'a', 'x'.repeat(100_000)].map((text) => first.put(bytes(text)));
    first.flush();
    const second = createStore(folder, () => 'two');
    expect(kept.map(({ hash }) => second.get(hash)?.toString().length)).toEqual([0, 1, 1, 1, 100_000]);
    second.put(bytes('a'));
    second.flush();
    expect(readdirSync(folder).sort()).toEqual(['one.index', 'one.pack']);
    expect(statSync(join(folder, 'one.pack')).size).toBe(100_002);
  });

  it('gives nothing rather than something else: a torn pack, a torn index, other bytes', () => {
    const folder = newFolder();
    const store = createStore(folder, () => 'one');
    const [a, b] = [store.put(bytes('aaaa')), store.put(bytes('bbbb'))];
    store.flush();
    truncateSync(join(folder, 'one.pack'), 6);
    appendFileSync(join(folder, 'one.index'), 'deadbeef 4');
    const again = createStore(folder, () => 'two');
    expect(again.get(a.hash)?.toString()).toBe('aaaa');
    expect(again.get(b.hash)).toBeNull();
    writeFileSync(join(folder, 'one.pack'), 'zzzzzzzz');
    expect(again.get(a.hash)).toBeNull();
  });

  it('takes no more than it may', () => {
    const store = createStore(newFolder(), () => 'one', 5);
    expect(store.put(bytes('aaaa')).isSaved).toBe(true);
    const { hash, isSaved } = store.put(bytes('bbbb'));
    expect([isSaved, store.get(hash)]).toEqual([false, null]);
    expect(store.put(bytes('c')).isSaved).toBe(true);
  });
});

describe('what nobody has used for long', () => {
  const session = (place: string, name: string, ageMs: number, now: number) => {
    const folder = join(place, name);
    mkdirSync(folder);
    writeFileSync(join(folder, 'x.pack'), 'x'.repeat(100));
    const then = new Date(now - ageMs);
    utimesSync(join(folder, 'x.pack'), then, then);
    utimesSync(folder, then, then);
  };

  it('goes; the oldest also goes where there is no room; what was used today stays, and so does our own', () => {
    const [place, now] = [newFolder(), Date.now()];
    const day = 24 * 3_600_000;
    session(place, 'old', KEEP_MS + day, now);
    session(place, 'own', KEEP_MS + day, now);
    session(place, 'today', day / 2, now);
    session(place, 'last week', 7 * day, now);
    session(place, 'yesterday', 1.5 * day, now);
    sweep(place, 'own', now, 250);
    expect(readdirSync(place).sort()).toEqual(['own', 'today', 'yesterday']);
    sweep(place, 'own', now, 10);
    expect(readdirSync(place).sort()).toEqual(['own', 'today']);
    expect(() => sweep(join(place, 'nowhere'), 'own', now)).not.toThrow();
  });
});
