import { appendFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newHome, open, say, story, writeStory } from '../../test/journal/story.ts';
import { acquireLock } from './lock.ts';
import { decodeJournal, readJournal, streamJournal } from './reader.ts';

const seqs = (file: string) => readJournal(file).records.map(({ seq }) => seq);
const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1);

describe('reading a journal', () => {
  it('gives back the head and every record, numbered without gaps (R36)', () => {
    const file = writeStory(newHome(), 3);
    const { head, records, notices } = readJournal(file);
    expect(head).toMatchObject({ v: 1, kind: 'session', id: 'f00d', cwd: '/srv/project', model: 'rehearsal' });
    expect(notices).toEqual([]);
    expect(records.map(({ seq }) => seq)).toEqual(upTo(39));
    expect(records.map(({ seq: _seq, t: _t, ...rest }) => rest)).toEqual(story(3));
  });

  it('cut at every byte: never throws, gives a prefix, and says so unless the cut is clean (G.3.4, R36)', () => {
    const bytes = readFileSync(writeStory(newHome(), 8));
    expect(bytes.length).toBeGreaterThan(18_000);
    const whole = decodeJournal(bytes).records;
    const wholeText = whole.map((record) => JSON.stringify(record));
    let newlines = 0;
    for (let size = 0; size <= bytes.length; size++) {
      const { records, notices } = decodeJournal(bytes.subarray(0, size));
      if (size > 0 && bytes[size - 1] === 0x0a) newlines += 1;
      const lacksOnlyNewline = bytes[size] === 0x0a && size > 0;
      const isClean = size > 0 && (bytes[size - 1] === 0x0a || lacksOnlyNewline);
      expect(records.length).toBe(Math.max(0, newlines - 1 + (lacksOnlyNewline ? 1 : 0)));
      expect(notices.length === 0).toBe(isClean);
      const last = records.length - 1;
      if (last >= 0) expect(JSON.stringify(records[last])).toBe(wholeText[last]);
    }
  });

  it('appended to after a cut at any byte: keeps every whole record and gains the new ones (G.3.4, R36)', () => {
    const home = newHome();
    const source = readFileSync(writeStory(home, 2));
    const file = `${home}/cut.jsonl`;
    fc.assert(
      fc.property(fc.integer({ min: 0, max: source.length }), (size) => {
        writeFileSync(file, source.subarray(0, size));
        const before = readJournal(file).records;
        const lock = acquireLock(file);
        if (lock.kind !== 'held') throw new Error('the lock was not released');
        const journal = open(home, { resume: { file, lock: lock.lock } });
        journal.append(say('late', 'after the crash'));
        journal.close();
        const after = readJournal(file);
        expect(after.notices).toEqual([]);
        expect(after.head?.id).toBe('f00d');
        expect(after.records.slice(0, before.length)).toEqual(before);
        expect(after.records.slice(before.length).map(({ kind }) => kind)).toEqual(['opened', 'input']);
        expect(after.records.map(({ seq }) => seq)).toEqual(upTo(before.length + 2));
        const wasTorn = size > 0 && source[size - 1] !== 0x0a && source[size] !== 0x0a;
        expect(journal.notices.map(({ kind }) => kind)).toEqual(wasTorn && size < source.length ? ['tornTail'] : []);
      }),
      { numRuns: 300 },
    );
  });

  it('isolates a bad line, keeps what follows, and names what is missing (G.4.1)', () => {
    const file = writeStory(newHome(), 1);
    const lines = readFileSync(file, 'utf8').split('\n');
    lines[4] = lines[4]!.slice(0, 20);
    writeFileSync(file, lines.join('\n'));
    const { records, notices } = readJournal(file);
    expect(records.map(({ seq }) => seq)).toEqual(upTo(13).filter((seq) => seq !== 4));
    expect(notices).toEqual([
      { kind: 'badLine', line: 5, offset: expect.any(Number), bytes: 20, why: 'not JSON' },
      { kind: 'gap', from: 4, to: 4 },
    ]);
  });

  it('leaves out a number that was there before', () => {
    const file = writeStory(newHome(), 1);
    const lines = readFileSync(file, 'utf8').split('\n');
    appendFileSync(file, `${lines[3]}\n`);
    const { records, notices } = readJournal(file);
    expect(records).toHaveLength(13);
    expect(notices).toEqual([{ kind: 'repeated', seq: 3, line: 15 }]);
  });

  it('keeps kinds and facts that it does not know', () => {
    const file = writeStory(newHome(), 1);
    const strange = [
      { seq: 14, t: 1, kind: 'weather', mood: 'fine' },
      { seq: 15, t: 1, kind: 'fact', fact: { type: 'sun.rose' }, cause: null },
    ];
    appendFileSync(file, strange.map((line) => `${JSON.stringify(line)}\n`).join(''));
    const { records, notices } = readJournal(file);
    expect(notices).toEqual([]);
    expect(records.slice(13)).toEqual(strange.map((raw) => ({ seq: raw.seq, t: 1, kind: 'unknown', raw })));
  });

  it('refuses a head of a version it has no way from, and still reads what it can', () => {
    const file = writeStory(newHome(), 1);
    writeFileSync(file, readFileSync(file, 'utf8').replace('{"v":1', '{"v":99'));
    const { head, notices } = readJournal(file);
    expect(head).toBeNull();
    expect(notices.map(({ kind }) => kind)).toEqual(['noHead']);
  });

  it('streams the same entries, however the chunks fall', () => {
    const file = writeStory(newHome(), 3);
    const entries = [...streamJournal(file)];
    const records = entries.flatMap((entry) => (entry.kind === 'record' ? [entry.record] : []));
    expect(records).toEqual(readJournal(file).records);
  });

  it('reads any bytes at all without throwing', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => void decodeJournal(Buffer.from(bytes))));
    const words = fc.constantFrom('{"seq":1', ',"t":2', ',"kind":"fact"', '}', '\n', '{', '"$blob"', ':', '[', '\0');
    fc.assert(fc.property(fc.array(words), (parts) => void decodeJournal(Buffer.from(parts.join('')))));
  });

  it('says of an empty file that it has no head', () => {
    const file = writeStory(newHome(), 1);
    truncateSync(file, 0);
    expect(readJournal(file)).toEqual({
      head: null,
      records: [],
      notices: [{ kind: 'noHead', why: 'the file is empty' }],
    });
    expect(seqs(file)).toEqual([]);
  });
});
