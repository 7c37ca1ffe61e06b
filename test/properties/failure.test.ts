/** What a broken promise leaves behind can be replayed, drawn, and played again by name. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeJournal } from '../../actors/journal/reader.ts';
import { replay } from '../../actors/replay/replay.ts';
import { judgeOf } from '../machines/invariants.ts';
import { createWorld } from '../machines/world.ts';
import { saveFailure, storyAsJournal } from './failure.ts';

const SOURCE = fileURLToPath(new URL('../cli/source.ts', import.meta.url));
const numbers = fc.array(fc.nat(100_000), { maxLength: 40, size: 'max' });

/** A promise that cannot be kept: no command is ever started. */
const noCommands = (world: Parameters<typeof judgeOf>[0]) => {
  const judge = judgeOf(world);
  return {
    check: () => {
      judge.check();
      if (world.facts().some(({ type }) => type === 'call.started')) throw new Error('T0: a command was started');
    },
    end: judge.end,
  };
};

describe('a story as a journal', () => {
  it('replays as what it is, fact by fact (I.11)', () => {
    fc.assert(
      fc.property(numbers, fc.boolean(), (story, isAttended) => {
        const { text } = storyAsJournal('story', story, { isAttended });
        expect(replay(decodeJournal(Buffer.from(text)))).toMatchObject({ kind: 'identical' });
      }),
      { numRuns: 60 },
    );
  });

  it('of a broken promise stands there twice, ends at the step that broke it, and breaks it again by name', () => {
    const isAttended = true;
    const details = fc.check(
      fc.property(numbers, (story) => {
        const { broken } = storyAsJournal('story', story, { isAttended, judge: noCommands });
        if (broken !== null) throw new Error(broken.error);
      }),
      { numRuns: 2_000, seed: 1, verbose: fc.VerbosityLevel.Verbose },
    );
    expect(details.failed).toBe(true);
    const [shrunk = []] = details.counterexample ?? [];
    const [first = []] = details.failures[0] ?? [];
    const folder = mkdtempSync(join(tmpdir(), 'turnstile-failures-'));
    const { files, broken } = saveFailure({ seed: 1, first, shrunk }, { isAttended, judge: noCommands }, folder);
    expect(broken?.error).toContain('T0');
    expect(first.length).toBeGreaterThan(shrunk.length);

    for (const file of files) {
      const { records } = decodeJournal(readFileSync(file));
      expect(records.at(-1)).toMatchObject({
        kind: 'unknown',
        raw: { kind: 'broken', promise: 'T0: a command was started' },
      });
    }
    const world = createWorld({ isAttended });
    for (const name of broken?.names ?? []) world.act(name);
    expect(world.facts().some(({ type }) => type === 'call.started')).toBe(true);

    const [file = ''] = files;
    const told = execFileSync(process.execPath, [SOURCE, 'replay', file], { encoding: 'utf8' });
    expect(told).toContain('identical');
  });
});
