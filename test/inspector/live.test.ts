import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { startInspector } from '../../cli/inspector.ts';
import { newPlace } from '../cli/program.ts';
import { openBrowser } from './browser.ts';
import { heard, withSession } from './sessions.ts';

const ASKS = [
  [
    {
      type: 'call',
      name: 'shell',
      args: { command: 'echo hi > /etc/turnstile-test', with_escalated_permissions: true },
    },
  ],
  [{ type: 'text', text: 'so be it' }],
];

test('a running session is followed, and a question is answered from the page, for the plan that was shown (R40)', async () => {
  const place = newPlace();
  await withSession(place, ASKS, {}, async (session) => {
    const { home } = place;
    const server = await startInspector({ home, file: session.journal ?? '', port: 0, session, now: Date.now });
    try {
      const page = await (await openBrowser()).newPage();
      await page.goto(server.address());
      const resolved = heard(session, 'approval.resolved');
      const ended = heard(session, 'turn.completed');
      await session.submit({ type: 'op.say', id: randomUUID(), text: 'do it' });
      await page.waitForSelector('.question');
      expect(page.url()).not.toContain('#');
      await page.getByRole('button', { name: 'Deny' }).click();
      expect(await resolved).toMatchObject({ source: 'inspector' });
      await ended;
      await page.waitForSelector('.row:has-text("turn.completed")');
      expect(await page.locator('.question').count()).toBe(0);
    } finally {
      await server.close();
    }
  });
});
