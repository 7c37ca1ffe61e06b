import { readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fact, input, newHome, noSecrets, open, recorded, say } from '../../test/journal/story.ts';
import type { Item } from '../../machines/protocol/index.ts';
import { blobFolder, createBlobs } from './blobs.ts';
import { INLINE_CHARS } from './limits.ts';
import { createPack, unpack } from './pack.ts';
import { blobsOf, readJournal } from './reader.ts';

const blobFiles = (home: string): string[] =>
  readdirSync(blobFolder(home), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
const long = 'a long line of output\n'.repeat(INLINE_CHARS / 8);

describe('long values', () => {
  it('go to the side folder once, however often they are named, and come back as they were (R36)', () => {
    const home = newHome();
    const journal = open(home);
    for (let n = 0; n < 5; n++) journal.append(recorded('t', { type: 'user', text: long }));
    journal.append(say('a', 'short'));
    journal.close();
    expect(blobFiles(home)).toHaveLength(1);
    expect(statSync(blobFiles(home)[0]!).mode & 0o777).toBe(0o600);
    expect(statSync(journal.file).size).toBeLessThan(4_000);
    const { records, notices } = readJournal(journal.file, { blobs: blobsOf(home) });
    expect(notices).toEqual([]);
    expect(records[4]).toMatchObject({ fact: { items: [{ text: long }] } });
  });

  it('a history that is told again costs little: growth follows what is new (R36)', () => {
    const home = newHome();
    const journal = open(home);
    journal.append(say('a', 'go'));
    const history: Item[] = Array.from({ length: 40 }, (_, n) => ({
      type: 'agent',
      text: `${n} ${'word '.repeat(1_000)}`,
    }));
    const told = JSON.stringify(history).length;
    for (let n = 0; n < 20; n++)
      journal.append(fact({ type: 'history.rewound', turns: 1, history: history.slice(0, 40 - n) }));
    journal.close();
    const inBlobs = blobFiles(home).reduce((sum, file) => sum + statSync(file).size, 0);
    expect(inBlobs).toBeLessThan(told * 1.05);
    expect(statSync(journal.file).size).toBeLessThan(told);
    expect(readJournal(journal.file, { blobs: blobsOf(home) }).records[1]).toMatchObject({ fact: { history } });
  });

  it('an environment that every plan carries is stored once', () => {
    const home = newHome();
    const journal = open(home);
    journal.append(say('a', 'go'));
    const env = Object.fromEntries(
      Array.from({ length: 100 }, (_, n) => [`NAME_${n}`, `value ${n} ${'x'.repeat(40)}`]),
    );
    for (let n = 0; n < 10; n++)
      journal.append(input({ type: 'plan.ready', plan: { spawn: { env, n } } } as { type: string }));
    journal.close();
    expect(blobFiles(home)).toHaveLength(1);
    expect(statSync(journal.file).size).toBeLessThan(JSON.stringify(env).length * 2);
    const { records } = readJournal(journal.file, { blobs: blobsOf(home) });
    expect(records.at(-1)).toMatchObject({ event: { plan: { spawn: { env, n: 9 } } } });
  });

  it.each<[string, (file: string) => void]>([
    ['gone', (file) => rmSync(file)],
    ['damaged', (file) => writeFileSync(file, 'something else')],
  ])('that are %s: the beginning stands for the whole, with a notice', (_how, harm) => {
    const home = newHome();
    const journal = open(home);
    journal.append(say('a', long));
    journal.append(recorded('t', { type: 'user', text: long }));
    journal.close();
    harm(blobFiles(home)[0]!);
    const { records, notices } = readJournal(journal.file, { blobs: blobsOf(home) });
    expect(notices.map(({ kind }) => kind)).toEqual(['missingBlob', 'missingBlob']);
    expect(records[1]).toMatchObject({
      kind: 'fact',
      fact: { items: [{ text: expect.stringMatching(/^a long line/) }] },
    });
  });

  it('stay in the line where the side folder cannot be written', () => {
    const home = newHome();
    writeFileSync(join(home, 'sessions-blocker'), '');
    const blobs = createBlobs(join(home, 'sessions-blocker'));
    const line = createPack(noSecrets, blobs)({ text: long });
    expect(JSON.parse(line)).toEqual({ text: long });
  });

  it('anything JSON comes back from packing as it went in, look-alikes included', () => {
    const blobs = createBlobs(blobFolder(newHome()));
    const pack = createPack(noSecrets, blobs);
    const key = fc.constantFrom('$blob', '$raw', 'bytes', 'preview', 'history', 'env', 'sealed', 'a');
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom<unknown>(1, null, true, 'x', long, 'y'.repeat(2_000), '$blob'),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(key, tie('value'), { maxKeys: 4 }),
      ),
    }));
    fc.assert(
      fc.property(fc.dictionary(key, value, { maxKeys: 3 }), (record) => {
        const packed: unknown = JSON.parse(pack(record));
        const back = unpack(packed, blobs, () => expect.unreachable('a blob is missing'));
        expect(JSON.stringify(back)).toBe(JSON.stringify(record));
      }),
      { numRuns: 300 },
    );
  });
});

it('a journal without its blobs is still readable by people', () => {
  const home = newHome();
  const journal = open(home);
  journal.append(say('a', long));
  journal.close();
  expect(readFileSync(journal.file, 'utf8')).toContain('"preview":"a long line of output');
});
