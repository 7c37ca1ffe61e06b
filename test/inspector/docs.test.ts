/** The example of docs/inspector.md runs, and the page stays as small as it is said to be. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { buildPage } from '../../inspector/build-page.ts';
import { blocksOf, documentText, root } from '../docs/documents.ts';

const MAX_PAGE_KB = 60;

test('the recorder watches another program, and its page stands alone', async () => {
  const [example, ...others] = blocksOf(documentText('docs/inspector.md')).filter(({ info }) => info === 'ts run');
  expect(others).toEqual([]);
  const folder = mkdtempSync(join(tmpdir(), 'turnstile-example-'));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const source = JSON.stringify(pathToFileURL(join(root, 'inspector/index.ts')).href);
  writeFileSync(join(folder, 'example.ts'), (example?.code ?? '').replace("'turnstile/inspector'", source));
  const { stdout } = await promisify(execFile)(process.execPath, ['example.ts'], { cwd: folder });
  expect(stdout).toBe('xstate.init → red, next → green\n');
  const page = readFileSync(join(folder, 'light.html'), 'utf8');
  expect(page).toContain("connect-src 'none'");
  expect(page).not.toMatch(/https?:\/\/(?!www\.w3\.org)/);
});

test(`the page is no larger than ${MAX_PAGE_KB} kB, as it travels`, async () => {
  expect(gzipSync(await buildPage()).length).toBeLessThan(MAX_PAGE_KB * 1024);
});
