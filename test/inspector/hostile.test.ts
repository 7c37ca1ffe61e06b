/** What a model, a file or another page may try on the page; each threat is one that other local tools fell to. */
import { createServer } from 'node:http';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { buildPage } from '../../inspector/build-page.ts';
import { withStory } from '../../inspector/page-template.ts';
import { serveInspector } from '../../inspector/server.ts';
import type { Row, Story } from '../../inspector/story.ts';
import { newPlace } from '../cli/program.ts';
import { useBrowser } from './browser.ts';

const { visit, watched } = useBrowser();

const EVIL = [
  '</script><script>window.owned=1</script>',
  '<img src=x onerror="window.owned=1">',
  '"><svg onload=window.owned=1>',
  'javascript:window.owned=1',
  '\u001b]52;c;ZXZpbA==\u0007\u001b[2J\u001b]8;;http://evil.example\u0007click\u001b]8;;\u0007',
  '{{constructor.constructor("window.owned=1")()}}',
  '\u202eevil\u0000',
];

const row = (text: string, n: number): Row => ({
  ...{ kind: 'fact', seq: n + 1, t: n, actor: 0, from: text, type: text, cause: null },
  ...{ body: { type: text, text, [text]: text, diff: `+${text}`, turnId: text }, after: text },
  ...{ changes: [{ op: 'set', path: text, value: text }], guards: [{ name: text, value: true }] },
  ...{ taken: [{ from: text, to: [text], guard: text }] },
});
const STORY: Story = {
  ...{
    v: 1,
    title: EVIL[0] ?? '',
    head: { cwd: EVIL[1], model: EVIL[2] },
    verdict: { kind: EVIL[1] ?? '' },
    charts: [],
  },
  actors: [{ path: EVIL[1] ?? '', machine: EVIL[1] ?? '', parent: null, born: 0, died: null, status: 'active' }],
  rows: [...EVIL.map(row), ...EVIL.map((text, n) => ({ ...row(text, n + 100), type: 'turn.diffed' }))],
};

test('what a model, a file or a process wrote is text, wherever it is shown; it owns nothing and leads nowhere', async () => {
  const { folder } = newPlace();
  const file = join(folder, 'evil.html');
  writeFileSync(file, withStory(await buildPage(), STORY));
  const { page, complaints, requests } = await visit(pathToFileURL(file).href);
  for (const view of ['1', '2', '3', '4', '5']) {
    await page.keyboard.press(view);
    for (let n = 0; n < EVIL.length; n += 1) await page.keyboard.press('ArrowRight');
  }
  const found = await page.evaluate(`({
    owned: 'owned' in window,
    scripts: document.querySelectorAll('script').length,
    images: document.querySelectorAll('img, iframe, object, embed, a[href]').length,
    title: document.querySelector('.title').textContent,
  })`);
  expect(found).toEqual({ owned: false, scripts: 2, images: 0, title: EVIL[0] });
  expect(requests).toEqual([pathToFileURL(file).href]);
  expect(complaints).toEqual([]);
});

test('the page cannot write markup even if a part of it wanted to (Trusted Types), nor run what was not built in', async () => {
  const { folder } = newPlace();
  const file = join(folder, 'evil.html');
  writeFileSync(file, withStory(await buildPage(), STORY));
  const { page } = await visit(pathToFileURL(file).href);
  const tried = await page.evaluate(`(() => {
    const attempt = (act) => { try { act(); return 'done'; } catch { return 'stopped'; } };
    const script = document.createElement('script');
    return {
      markup: attempt(() => (document.body.innerHTML = '<b>x</b>')),
      script: attempt(() => (script.textContent = 'window.owned = 1', document.body.append(script))),
      owned: 'owned' in window,
    };
  })()`);
  expect(tried).toMatchObject({ markup: 'stopped', owned: false });
});

test('another page can neither frame it, nor read it, nor send to it', async () => {
  const server = await serveInspector({
    page: await buildPage(),
    ...{ port: 0, now: Date.now, story: () => STORY, follow: () => () => {} },
    control: { possible: null, command: async () => ({ kind: 'accepted' }), fork: null },
  });
  onTestFinished(() => server.close());
  const evil = createServer((_, response) => {
    response.setHeader('content-type', 'text/html');
    response.end(`<iframe id="f" src="http://127.0.0.1:${server.port}/"></iframe>`);
  });
  await new Promise<void>((resolve) => evil.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void evil.close());
  const address = evil.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const { page, complaints } = await watched(`http://localhost:${port}/`);
  await expect.poll(() => complaints.join('\n'), { timeout: 60_000 }).toMatch(/frame|403/i);
  const tried = await page.evaluate(async (to) => {
    const attempt = (path: string, init: RequestInit): Promise<string> =>
      fetch(`http://127.0.0.1:${to}${path}`, init).then(
        (response) => `read ${response.status}`,
        () => 'stopped',
      );
    const json = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"code":"x"}' };
    return [
      await attempt('/', {}),
      await attempt('/api/story', { credentials: 'include' }),
      await attempt('/api/session', json),
      await attempt('/api/command', { ...json, mode: 'no-cors', headers: { 'content-type': 'text/plain' } }),
    ];
  }, server.port);
  expect(tried.slice(0, 3)).toEqual(['stopped', 'stopped', 'stopped']);
  expect(tried[3]).toMatch(/^(?:read 0|stopped)$/); // sent blindly, and refused: 403 before the body is looked at
});
