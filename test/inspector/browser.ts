/** The system's Chromium, driven for a test. It never asks the network for anything but what the test names. */
import { existsSync } from 'node:fs';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, onTestFinished, vi } from 'vitest';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
/** A browser on a busy machine starts slowly. */
const LAUNCH_MS = 90_000;
/** A fuse and no measure: pages are slow where others need the processor too. */
const PATIENCE_MS = 120_000;
const STEP_MS = 40_000;
const ARGS = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  ...['--disable-component-update', '--disable-sync'],
];

const launch = (): Promise<Browser> => {
  const executablePath = PLACES.find((place) => existsSync(place));
  if (executablePath === undefined)
    throw new Error('these tests need Chromium; on Debian or Ubuntu: apt-get install -y chromium');
  return chromium.launch({ executablePath, args: ARGS });
};

export interface Visit {
  readonly page: Page;
  /** What the page complained of: errors, and whatever its policy forbade. */
  readonly complaints: readonly string[];
  readonly requests: readonly string[];
}

/** One browser for the tests of a file: to start it takes longer than most of them. Each visit is a profile of its own. */
export const useBrowser = () => {
  vi.setConfig({ testTimeout: PATIENCE_MS });
  const started: { browser: Promise<Browser> | null } = { browser: null };
  beforeAll(async () => {
    await (started.browser = launch());
  }, LAUNCH_MS);
  afterAll(async () => (await started.browser)?.close());

  const watched = async (url: string): Promise<Visit> => {
    const browser = await (started.browser ??= launch());
    const context = await browser.newContext({ viewport: { width: 1500, height: 950 } });
    onTestFinished(() => context.close());
    context.setDefaultTimeout(STEP_MS);
    const page = await context.newPage();
    const complaints: string[] = [];
    const requests: string[] = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.on('request', (request) => requests.push(request.url()));
    await page.goto(url);
    return { page, complaints, requests };
  };
  return {
    watched,
    /** A page with its story inside it, or of a session that has begun. */
    visit: async (url: string): Promise<Visit> => {
      const visited = await watched(url);
      await visited.page.waitForSelector('.row');
      return visited;
    },
    /** A page of a session in which nothing needs to have happened yet. */
    visitLive: async (url: string): Promise<Visit> => {
      const visited = await watched(url);
      await visited.page.waitForSelector('.link-live');
      return visited;
    },
  };
};

export const position = async (page: Page): Promise<number> =>
  Number((await page.locator('.scrubber output').innerText()).split(' ')[0]);
