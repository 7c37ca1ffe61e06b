/** From a promise that was broken to the page that shows it, and back to a test. */
import { execFile } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { newPlace } from '../cli/program.ts';
import { judgeOf } from '../machines/invariants.ts';
import type { World } from '../machines/world.ts';
import { saveFailure, storyAsJournal } from '../properties/failure.ts';
import { position, useBrowser } from './browser.ts';

const { visit } = useBrowser();

/** A promise that cannot be kept: no command is ever started. */
const noCommands = (world: World) => {
  const judge = judgeOf(world);
  return {
    check: () => {
      judge.check();
      if (world.facts().some(({ type }) => type === 'call.started')) throw new Error('T0: a command was started');
    },
    end: judge.end,
  };
};

const saved = (folder: string) => {
  const options = { isAttended: true, judge: noCommands };
  const numbers = fc.array(fc.nat(100_000), { maxLength: 40, size: 'max' });
  const breaks = fc.property(numbers, (story) => {
    const { broken } = storyAsJournal('story', story, options);
    if (broken !== null) throw new Error(broken.error);
  });
  const details = fc.check(breaks, { numRuns: 2_000, seed: 1, verbose: fc.VerbosityLevel.Verbose });
  const [shrunk = []] = details.counterexample ?? [];
  const [first = []] = details.failures[0] ?? [];
  return saveFailure({ seed: 1, first, shrunk }, options, folder);
};

test('the shorter story stands beside the first under one cursor, the step that broke it is marked, and becomes a test (R40)', async () => {
  const place = newPlace();
  const folder = mkdtempSync(join(tmpdir(), 'turnstile-counterexample-'));
  const [file = ''] = saved(folder).files;
  const html = join(folder, 'story.html');
  expect(await place.run(['export', file, '-o', html])).toMatchObject({ code: 0 });
  const { page, complaints } = await visit(pathToFileURL(html).href);
  await page.keyboard.press('6');
  expect(await page.locator('.compare .promise').innerText()).toContain('T0: a command was started');
  expect(await page.locator('.compare .heads').innerText()).toContain('story-1.first');
  // Both stories break it, each at its own last step; the longer one has steps of its own.
  expect(await page.locator('.compare .step.broken').count()).toBe(2);
  expect(await page.locator('.compare li.alone').count()).toBeGreaterThan(0);
  await page.getByRole('button', { name: 'Go to the step that broke it' }).click();
  expect(await page.locator('.compare li.here .step.broken').count()).toBeGreaterThan(0);
  const there = await position(page);
  await page.keyboard.press('ArrowLeft');
  expect(await position(page)).toBe(there - 1);

  await page.getByRole('button', { name: 'Copy as regression test' }).click();
  const text = await page.locator('.copied').innerText();
  expect(complaints).toEqual([]);

  // It runs: what was chosen is played by name, and the judges of today have nothing against it; with that promise they have.
  const here = (path: string) => pathToFileURL(fileURLToPath(new URL(path, import.meta.url))).href;
  const script = (judging: string) =>
    text
      .replace("import { test } from 'vitest';", 'const test = (_: string, run: () => void) => run();')
      .replace("'../machines/invariants.ts'", JSON.stringify(here('../machines/invariants.ts')))
      .replace("'../machines/world.ts'", JSON.stringify(here('../machines/world.ts')))
      .replace('judge.check();', judging);
  const run = async (judging: string): Promise<string> => {
    const test = join(folder, `${judging.length}.test.ts`);
    writeFileSync(test, script(judging));
    return promisify(execFile)(process.execPath, [test]).then(
      () => 'passed',
      (error: Error) => error.message,
    );
  };
  const strict = "judge.check(); if (world.facts().some(({ type }) => type === 'call.started')) throw new Error('T0');";
  expect(await run('judge.check();')).toBe('passed');
  expect(await run(strict)).toContain('T0');
});
