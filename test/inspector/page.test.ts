import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { newPlace } from '../cli/program.ts';
import { position, useBrowser } from './browser.ts';
import { recorded, TOOLS } from './sessions.ts';

const place = newPlace();
const { visit } = useBrowser();
const page = join(place.folder, 'session.html');
const url = pathToFileURL(page).href;
const said = { err: '' };

beforeAll(async () => {
  const file = await recorded(place, TOOLS);
  const { code, err } = await place.run(['export', file, '-o', page]);
  expect(code).toBe(0);
  said.err = err;
});

describe('an exported session (R40)', () => {
  test('opens from a file, asks nobody for anything, and says that it was replayed', async () => {
    expect(said.err).toMatch(/^redaction: /m);
    const { page, complaints, requests } = await visit(url);
    expect(await page.locator('.verdict').innerText()).toMatch(/^replayed ✓ \d+ inputs/);
    expect(await page.locator('.warn').innerText()).toContain('contains prompts');
    expect(requests).toEqual([url]);
    const fetched = await page.evaluate(() =>
      fetch('http://127.0.0.1:9/').then(
        () => 'went out',
        () => 'stopped',
      ),
    );
    expect(fetched).toBe('stopped');
    expect(complaints.filter((text) => !text.includes('127.0.0.1:9'))).toEqual([]);
    expect(complaints.join()).toContain("connect-src 'none'");
  });

  test('is walked through with the keyboard: steps, the same actor, changes of state', async () => {
    const { page } = await visit(url);
    await page.keyboard.press('ArrowRight');
    expect(await position(page)).toBe(2);
    await page.keyboard.press('ArrowLeft');
    expect(await position(page)).toBe(1);
    await page.keyboard.press('Shift+ArrowRight');
    expect(await page.locator('.row.here .who').innerText()).toBe('session');
    for (let n = 0; n < 60 && !(await page.locator('.row.here').innerText()).includes('call.go'); n += 1)
      await page.keyboard.press(']');
    expect(await page.locator('.detail .states').innerText()).toBe('ready → running.executing');
    expect(await page.locator('[data-state="call.running.executing"]').getAttribute('class')).toBe('on');
    expect(await page.locator('[data-state="call.planning"]').getAttribute('class')).toBe('off');
    expect(await page.locator('.way.taken .label').textContent()).toBe('call.go');
  });

  test('shows why: guards with what they said, and what led to a row', async () => {
    const { page } = await visit(url);
    await page.fill('input[type=search]', 'ev:plan.ready');
    await page.locator('.row').first().click();
    const guards = await page.locator('.guards').innerText();
    expect(guards).toContain('✗ mustAsk');
    expect(guards).toContain('✓ mayRun');
    await page.locator('.detail .link').click();
    expect(await page.locator('.detail h2').innerText()).toBe('sample.item');
  });

  test('every view draws something, and the filter counts', async () => {
    const { page, complaints } = await visit(url);
    await page.locator('.small', { hasText: 'end' }).click();
    const shows = {
      1: '.chart svg .on',
      2: '.lanes .message',
      3: '.gantt rect.bar.tool',
      4: '.model tbody tr',
      5: '.files',
    };
    for (const [key, what] of Object.entries(shows)) {
      await page.keyboard.press(key);
      await page.waitForSelector(what);
    }
    await page.keyboard.press('/');
    await page.keyboard.type('kind:fact ev:call.*');
    await expect.poll(() => page.locator('.log output').innerText(), { timeout: 60_000 }).toMatch(/^4 of /);
    expect(complaints).toEqual([]);
  });
});
