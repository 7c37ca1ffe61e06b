/** A session that runs, followed by a page: with the keyboard alone, and through a lost connection. */
import { randomUUID } from 'node:crypto';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { actingOn, startInspector } from '../../cli/inspector.ts';
import { newPlace } from '../cli/program.ts';
import { position, useBrowser } from './browser.ts';
import { heard, withSession } from './sessions.ts';

const { visitLive } = useBrowser();
const MANY = { timeout: 60_000 };

const ASKS = [
  [
    { type: 'text', text: 'I will look.' },
    { type: 'call', name: 'shell', args: { command: 'echo hi > /etc/x', with_escalated_permissions: true } },
  ],
  [{ type: 'text', text: 'so be it' }],
];

test('a connection that is lost in the middle of a turn comes back, and nothing is missing (R40)', async () => {
  const place = newPlace();
  const connections: Socket[] = [];
  const note = (message: unknown) => connections.push((message as { readonly socket: Socket }).socket);
  subscribe('net.server.socket', note);
  onTestFinished(() => void unsubscribe('net.server.socket', note));
  await withSession(place, ASKS, {}, async (session) => {
    const { home } = place;
    const file = session.journal ?? '';
    const control = { ...actingOn(session), fork: null };
    const server = await startInspector({ home, file, port: 0, control, now: Date.now });
    try {
      const { page } = await visitLive(server.address('act'));
      await session.submit({ type: 'op.say', id: randomUUID(), text: 'do it' });
      await page.waitForSelector('.question');
      const before = await page.locator('.log output').innerText();
      const lost = connections.splice(0);
      expect(lost.length).toBeGreaterThan(0);
      for (const socket of lost) socket.destroy();
      await session.submit({ type: 'op.interrupt', id: randomUUID() });
      await page.waitForSelector('.row:has-text("turn.aborted")');
      expect(await page.locator('.question').count()).toBe(0);
      expect(await page.locator('.log output').innerText()).not.toBe(before);
      const seqs = await page.locator('.row .seq').allInnerTexts();
      const numbers = seqs.filter((text) => /^\d+$/.test(text)).map(Number);
      numbers.reduce((last, seq) => (expect(seq).toBe(last + 1), seq));
      expect(connections.length).toBeGreaterThan(0);
    } finally {
      await server.close();
    }
  });
});

test('by keyboard alone: wait for the question, look back, answer it, follow to the end', async () => {
  const place = newPlace();
  await withSession(place, ASKS, {}, async (session) => {
    const { home } = place;
    const file = session.journal ?? '';
    const control = { ...actingOn(session), fork: null };
    const server = await startInspector({ home, file, port: 0, control, now: Date.now });
    try {
      const { page, complaints, requests } = await visitLive(server.address('act'));
      const [resolved, ended] = [heard(session, 'approval.resolved'), heard(session, 'turn.completed')];
      await session.submit({ type: 'op.say', id: randomUUID(), text: 'do it' });
      await page.waitForSelector('.question');
      const { keyboard } = page;
      await keyboard.press('[');
      await keyboard.press('Shift+ArrowLeft');
      const looked = await position(page);
      expect(session.view().state).toBe('busy'); // whoever looks back moves nothing
      await keyboard.press('/');
      await keyboard.type('ev:approval.*');
      await expect.poll(() => page.locator('.log output').innerText(), MANY).toMatch(/^1 of /);
      await keyboard.press('Escape');
      const focused = () =>
        page
          .locator(':focus')
          .allInnerTexts()
          .then((texts) => texts.join());
      for (let n = 0; n < 80 && (await focused()) !== 'Deny'; n += 1) await keyboard.press('Tab');
      expect(await focused()).toBe('Deny');
      await keyboard.press('Enter');
      expect(await resolved).toMatchObject({ source: 'inspector' });
      await ended;
      expect(await position(page)).toBe(looked); // the cursor stays where it was put
      await keyboard.press('f');
      await page.waitForSelector('.row:has-text("turn.completed")');
      expect(complaints).toEqual([]);
      for (const url of requests) expect(new URL(url).hostname).toBe('127.0.0.1');
    } finally {
      await server.close();
    }
  });
});
