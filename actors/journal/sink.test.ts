import { openSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { newHome, open, say } from '../../test/journal/story.ts';
import { readJournal } from './reader.ts';
import { createSink, type Trouble } from './sink.ts';

describe('a sink', () => {
  it('keeps lines while the file cannot be opened, tells it once, and writes them in order later', () => {
    const file = join(newHome(), 'later');
    const troubles: Trouble[] = [];
    const state = { isReady: false };
    const openFile = () => {
      if (!state.isReady) throw new Error('not yet');
      return openSync(file, 'a');
    };
    const sink = createSink({ open: openFile, onTrouble: (trouble) => troubles.push(trouble) });
    expect([sink.write('a\n'), sink.write('b\n'), sink.sync()]).toEqual(['kept', 'kept', false]);
    expect(sink.error()).toBe('not yet');
    state.isReady = true;
    expect(sink.write('c\n')).toBe('written');
    expect(readFileSync(file, 'utf8')).toBe('a\nb\nc\n');
    expect(troubles.map(({ kind }) => kind)).toEqual(['failing', 'recovered']);
    sink.close();
  });

  it.skipIf(process.platform !== 'linux')(
    'never throws on a device that is always full (needs /dev/full of Linux)',
    () => {
      const troubles: Trouble[] = [];
      const sink = createSink({
        open: () => openSync('/dev/full', 'a'),
        onTrouble: (trouble) => troubles.push(trouble),
        maxPendingBytes: 10,
      });
      expect([sink.write('12345\n'), sink.write('123\n'), sink.write('1\n')]).toEqual(['kept', 'kept', 'dropped']);
      expect(troubles).toEqual([{ kind: 'failing', error: expect.stringContaining('ENOSPC') }]);
      sink.close();
    },
  );
});

describe('a journal that had to drop records', () => {
  it('says which, and goes on with dense numbers (R36)', () => {
    const home = newHome();
    const journal = open(home, { maxPendingBytes: 2_000 });
    // Where the folder of the year belongs there is a dangling link: nothing can be made below it.
    const sessions = join(home, 'sessions');
    symlinkSync(join(home, 'nowhere', 'yet'), sessions);
    const kinds = Array.from({ length: 40 }, (_, n) => journal.append(say(`op-${n}`, 'words '.repeat(5))).kind);
    expect(new Set(kinds)).toEqual(new Set(['kept', 'dropped']));
    const kept = kinds.filter((kind) => kind === 'kept').length;
    symlinkSync(home, join(home, 'nowhere'));
    symlinkSync(newHome(), join(home, 'yet'));
    expect(journal.append(say('last', 'after all'))).toEqual({ kind: 'written', seq: 41 });
    expect(journal.close()).toEqual({ kind: 'flushed' });
    const { records, notices } = readJournal(journal.file);
    expect(notices).toEqual([{ kind: 'gap', from: kept + 1, to: 40 }]);
    expect(records.slice(kept)).toMatchObject([
      { seq: 40, kind: 'gap', from: kept + 1, to: 40 },
      { seq: 41, kind: 'input' },
    ]);
  });
});
