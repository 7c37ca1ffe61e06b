/** The system's Chromium, driven for a test. It never asks the network for anything but what the test names. */
import { existsSync } from 'node:fs';
import { chromium, type Browser, type Page } from 'playwright-core';
import { onTestFinished } from 'vitest';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const ARGS = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  ...['--disable-component-update', '--disable-sync'],
];

export const openBrowser = async (): Promise<Browser> => {
  const executablePath = PLACES.find((place) => existsSync(place));
  if (executablePath === undefined)
    throw new Error('these tests need Chromium; on Debian or Ubuntu: apt-get install -y chromium');
  const browser = await chromium.launch({ executablePath, args: ARGS });
  onTestFinished(() => browser.close());
  return browser;
};

export interface Visit {
  readonly page: Page;
  /** What the page complained of: errors, and whatever its policy forbade. */
  readonly complaints: readonly string[];
  readonly requests: readonly string[];
}

export const visit = async (url: string): Promise<Visit> => {
  const browser = await openBrowser();
  const page = await browser.newPage({ viewport: { width: 1500, height: 950 } });
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('request', (request) => requests.push(request.url()));
  await page.goto(url);
  await page.waitForSelector('.row');
  return { page, complaints, requests };
};

export const state = (page: Page) => page.locator('.detail .states').innerText();
export const position = async (page: Page): Promise<number> =>
  Number((await page.locator('.scrubber output').innerText()).split(' ')[0]);
