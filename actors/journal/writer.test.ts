import { existsSync, readFileSync, statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fact, newHome, open, recorded, say, turn } from '../../test/journal/story.ts';
import { blobsOf, readJournal } from './reader.ts';
import { journalFile } from './writer.ts';

describe('a journal', () => {
  it('makes no file until somebody says something, then keeps what came before (G.3.3)', () => {
    const journal = open(newHome());
    expect(journal.append(fact({ type: 'session.warned', message: 'early' }))).toEqual({ kind: 'kept', seq: 1 });
    expect(journal.flush()).toEqual({ kind: 'flushed' });
    expect(existsSync(journal.file)).toBe(false);
    expect(journal.append(say('a', 'hello'))).toEqual({ kind: 'written', seq: 2 });
    expect(readJournal(journal.file).records.map(({ kind }) => kind)).toEqual(['fact', 'input']);
    journal.close();
  });

  it('leaves nothing behind when nothing was said', () => {
    const journal = open(newHome());
    journal.append(fact({ type: 'session.closed' }));
    expect(journal.close()).toEqual({ kind: 'flushed' });
    expect(existsSync(journal.file)).toBe(false);
  });

  it('is named by local time and id, and readable by its owner only (G.1.1, G.6)', () => {
    const at = new Date(2026, 0, 5, 3, 4, 9).getTime();
    expect(journalFile('/h', 'id', at)).toBe('/h/sessions/2026/01/05/2026-01-05T03-04-09-id.jsonl');
    const journal = open(newHome());
    journal.append(say('a', 'hello'));
    expect(statSync(journal.file).mode & 0o777).toBe(0o600);
    journal.close();
  });

  it('has each record in the file before append returns (R36)', () => {
    const journal = open(newHome(), { durability: 'effect' });
    for (const [n, record] of turn(1).entries()) {
      expect(journal.append(record)).toEqual({ kind: 'written', seq: n + 1 });
      expect(readFileSync(journal.file, 'utf8').trimEnd().split('\n')).toHaveLength(n + 2);
    }
    journal.close();
    expect(journal.append(say('b', 'late'))).toEqual({ kind: 'closed' });
  });

  it('writes effects ahead, and their ends after (G.2)', () => {
    const journal = open(newHome());
    journal.append(say('a', 'hello'));
    journal.effect('e1', 'exec', { callId: 'c', argv: ['ls'] });
    journal.effectEnd('e1', { exit: 0 });
    journal.close();
    expect(readJournal(journal.file).records.slice(1)).toMatchObject([
      { seq: 2, kind: 'effect', id: 'e1', what: 'exec', callId: 'c' },
      { seq: 3, kind: 'effect.end', id: 'e1', exit: 0 },
    ]);
  });

  it('writes words of every script, quotes and lone surrogates so that they come back as they were', () => {
    const home = newHome();
    const journal = open(home);
    const text = 'ä€😀 "q" \\ \u0000 \ud800 \u2028 end\r\n';
    journal.append(say('a', text));
    journal.append(recorded('t', { type: 'user', text: text.repeat(2_000) }));
    journal.close();
    const [first, second] = readJournal(journal.file, { blobs: blobsOf(home) }).records;
    expect(first).toMatchObject({ event: { text } });
    expect(second).toMatchObject({ fact: { items: [{ text: text.repeat(2_000) }] } });
  });
});
