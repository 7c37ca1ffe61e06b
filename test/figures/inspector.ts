/**
 * What the inspector costs: the runtime with a page that follows it, beside the runtime alone, and the page itself on
 * 100 000 events, in the system's Chromium.
 */
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { chromium, type Page } from 'playwright-core';
import { createRedactor } from '../../actors/journal/secrets.ts';
import { createJournal } from '../../actors/journal/writer.ts';
import { createRecorder as journalRecorder } from '../../actors/recorder.ts';
import { startInspector } from '../../cli/inspector.ts';
import { buildPage } from '../../inspector/build-page.ts';
import { withStory } from '../../inspector/page-template.ts';
import { bigStory } from '../inspector/big.ts';
import { cpuMs, middle, rounded, type Row } from './kit.ts';
import { newTree } from './tree.ts';

const ROUNDS = 5;
/** Turns come as fast as a busy person's scripts would send them: machinery that never rests would measure the pauses between polls. */
const TURNS = 400;
const PAUSE_MS = 10;
const ROWS = 100_000;
const SCRUBS = 60;
const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

const HEAD = { cwd: '/', version: '0', node: process.version, model: 'm', provider: 'p', machines: {} };
const rest = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

type Watched = 'alone' | 'served' | 'followed';

/** Milliseconds of the processor for the same turns, with a journal on disk. */
const costOf = async (watched: Watched, home: string, n: number): Promise<number> => {
  const journal = createJournal({
    ...{ home, id: `figures-${watched}-${n}`, now: Date.now },
    head: { ...HEAD, approval: 'never', sandbox: 'none' },
    redactor: createRedactor({ env: {}, secrets: [], salt: 'figures' }),
  });
  const recorder = journalRecorder(journal);
  const publish = (_: unknown, fact: Parameters<Parameters<typeof newTree>[0]['publish']>[1]): void =>
    void journal.append({ kind: 'fact', fact, cause: recorder.cause() });
  const tree = newTree({ publish, sweep: () => {} }, recorder.inspect);
  await tree.open();
  await tree.turn();
  const file = journal.file;
  const server =
    watched === 'alone' ? null : await startInspector({ home, file, port: 0, control: null, now: Date.now });
  const reader = server !== null && watched === 'followed' ? await follower(server.address()) : null;
  const before = cpuMs();
  for (let turn = 0; turn < TURNS; turn += 1) {
    await tree.turn();
    await rest(PAUSE_MS);
  }
  const cost = cpuMs() - before;
  reader?.close();
  await server?.close();
  tree.close();
  journal.close();
  return cost;
};

const follower = async (address: string): Promise<{ readonly close: () => void }> => {
  const { origin, hash } = new URL(address);
  const traded = await fetch(`${origin}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code: hash.slice(1) }),
  });
  const { bearer } = (await traded.json()) as { readonly bearer: string };
  const request = get(`${origin}/api/follow?since=0`, { headers: { authorization: `Bearer ${bearer}` } }, (response) =>
    response.resume(),
  );
  request.on('error', () => {});
  await rest(PAUSE_MS);
  return { close: () => request.destroy() };
};

const feed = async (): Promise<readonly Row[]> => {
  const home = mkdtempSync(join(tmpdir(), 'turnstile-figures-'));
  const costs: Record<Watched, number[]> = { alone: [], served: [], followed: [] };
  await costOf('followed', home, -1); // warm
  for (let round = 0; round < ROUNDS; round += 1)
    for (const watched of ['alone', 'served', 'followed'] as const)
      costs[watched].push(await costOf(watched, home, round));
  rmSync(home, { recursive: true });
  const alone = middle(costs.alone);
  const times = (watched: Watched): string => `${rounded(middle(costs[watched]) / alone, 3)} × the processor`;
  return [
    { what: `${TURNS} turns with a journal, nobody looking`, figure: `${rounded(alone)} ms of the processor` },
    { what: 'served, no page open', figure: times('served') },
    { what: 'followed by a page', figure: times('followed') },
  ];
};

const frames = async (page: Page): Promise<readonly number[]> =>
  page.evaluate(`(async () => {
    const range = document.querySelector('input[type=range]');
    const took = [];
    const frame = () => new Promise(requestAnimationFrame);
    for (let n = 0; n < ${SCRUBS}; n += 1) {
      const began = await frame();
      range.value = String((n * 7919 * 13) % ${ROWS});
      range.dispatchEvent(new Event('input', { bubbles: true }));
      took.push((await frame()) - began);
    }
    return took;
  })()`);

const onPage = async (): Promise<readonly Row[]> => {
  const executablePath = CHROMIUM.find((path) => existsSync(path));
  if (executablePath === undefined)
    return [{ what: 'the page on 100 000 events', figure: 'not measured: no Chromium' }];
  const folder = mkdtempSync(join(tmpdir(), 'turnstile-figures-'));
  const file = join(folder, 'big.html');
  const page = await buildPage();
  writeFileSync(file, withStory(page, await bigStory(ROWS, 1_000)));
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
  try {
    const tab = await browser.newPage({ viewport: { width: 1500, height: 950 } });
    await tab.goto(pathToFileURL(file).href);
    await tab.waitForSelector('.row');
    const painted = await tab.evaluate<number>('performance.now()');
    const took = (await frames(tab)).toSorted((a, b) => a - b);
    const filtering = await tab.evaluate<number>(`(async () => {
      const box = document.querySelector('input[type=search]');
      const began = performance.now();
      box.value = 'ev:event.7';
      box.dispatchEvent(new Event('input', { bubbles: true }));
      while (!document.querySelector('.log output').textContent.startsWith('${ROWS / 40} ')) await new Promise(requestAnimationFrame);
      return performance.now() - began;
    })()`);
    const heap = await tab.evaluate<number>('performance.memory.usedJSHeapSize');
    const nodes = await tab.locator('*').count();
    return [
      { what: 'the page, gzipped', figure: `${rounded(gzipSync(page).length / 1024, 1)} kB` },
      { what: '100 000 events as a file', figure: `${rounded(statSync(file).size / 1024 / 1024, 2)} MB` },
      { what: 'from opening to the first rows', figure: `${rounded(painted)} ms` },
      { what: 'all of them filtered', figure: `${rounded(filtering)} ms` },
      {
        what: 'a jump of the cursor, frame p50 and p95',
        figure: `${rounded(middle(took), 1)}, ${rounded(took[Math.floor(took.length * 0.95)] ?? 0, 1)} ms`,
      },
      { what: 'heap, nodes', figure: `${rounded(heap / 1024 / 1024)} MB, ${nodes}` },
    ];
  } finally {
    await browser.close();
    rmSync(folder, { recursive: true });
  }
};

export const measure = async (): Promise<readonly Row[]> => [...(await feed()), ...(await onPage())];
