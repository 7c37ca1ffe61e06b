/** A page that may act, in a real browser on a session that really runs. */
import { randomUUID } from 'node:crypto';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import type { Session } from '../../actors/contract.ts';
import type { FactOf } from '../../machines/protocol/index.ts';
import { resolveConfig } from '../../cli/config.ts';
import { forkOf } from '../../cli/fork-here.ts';
import { actingOn, startInspector } from '../../cli/inspector.ts';
import { newPlace } from '../cli/program.ts';
import { useBrowser } from './browser.ts';
import { heard, journalsOf, readingOf, withSession, type Place } from './sessions.ts';

const { visitLive } = useBrowser();

const asks = (command: string) => ({
  type: 'call',
  name: 'shell',
  args: { command, with_escalated_permissions: true },
});
const ASKS = [[asks('echo hi > /etc/turnstile-test')], [{ type: 'text', text: 'so be it' }]];

const served = async (place: Place, session: Session, act: (page: Page) => Promise<void>): Promise<void> => {
  const { home } = place;
  const { runtime } = await resolveConfig({
    ...{ flags: {}, cwd: place.folder, version: '0.0.0', isAttended: true },
    env: { PATH: process.env['PATH'], HOME: place.folder, TURNSTILE_HOME: home },
  });
  const file = session.journal ?? '';
  const control = { ...actingOn(session), fork: forkOf(runtime, file) };
  const server = await startInspector({ home, file, port: 0, control, now: Date.now });
  try {
    const { page, complaints, requests } = await visitLive(server.address('act'));
    await act(page);
    expect(complaints).toEqual([]);
    for (const url of requests) expect(new URL(url).hostname).toBe('127.0.0.1');
  } finally {
    await server.close();
  }
};
const say = (session: Session, text: string) => session.submit({ type: 'op.say', id: randomUUID(), text });
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

test('a denial with words is the result that the model reads; source, approval and plan stand in the journal', async () => {
  const place = newPlace();
  const journal = await withSession(place, ASKS, {}, async (session) => {
    await served(place, session, async (page) => {
      const [resolved, ended] = [heard(session, 'approval.resolved'), heard(session, 'turn.completed')];
      await say(session, 'do it');
      await page.waitForSelector('.question');
      expect(page.url()).not.toContain('#');
      await page.getByLabel('Words').fill('not on this machine');
      await button(page, 'Deny with these words').click();
      expect(await resolved).toMatchObject({ source: 'inspector' });
      await ended;
      await page.waitForSelector('.row:has-text("turn.completed")');
      expect(await page.locator('.question').count()).toBe(0);
    });
  });
  const { records } = readingOf(place.home, journal);
  const [decided] = records.filter((record) => record.kind === 'input' && record.event.type === 'op.decide');
  expect(decided).toMatchObject({
    event: { source: 'inspector', decision: { kind: 'deny', reason: 'not on this machine' } },
  });
  expect(decided).toHaveProperty('event.planHash');
  expect(JSON.stringify(records)).toContain('not on this machine');
});

test('only what the session would take can be sent; of the rest the page says why not', async () => {
  const place = newPlace();
  const STALLS = [[{ type: 'text', text: 'thinking' }, { type: 'stall' }], [{ type: 'text', text: 'well' }]];
  const journal = await withSession(place, STALLS, {}, async (session) => {
    await served(place, session, async (page) => {
      await page.locator('.send summary').click();
      const reasonOf = (name: string) =>
        page
          .locator('.send li', { has: button(page, name) })
          .locator('.reason')
          .innerText();
      await expect.poll(() => reasonOf('interrupt'), { timeout: 60_000 }).toContain('no such turn');
      expect(await button(page, 'interrupt').isDisabled()).toBe(true);
      expect(await reasonOf('shell')).toContain('only the terminal');
      expect(await reasonOf('say')).toContain('words first');
      await page.getByLabel('Words').fill('hello from the page');
      const ended = heard(session, 'turn.aborted');
      await button(page, 'say').click();
      await page.waitForSelector('.row:has-text("turn.started")');
      await expect.poll(() => button(page, 'Interrupt').isEnabled(), { timeout: 60_000 }).toBe(true);
      await button(page, 'Interrupt').click();
      expect(await ended).toMatchObject({ reason: 'interrupted' });
      await page.waitForSelector('.row:has-text("turn.aborted")');
    });
  });
  const { records } = readingOf(place.home, journal);
  const ops = records.flatMap((record) => (record.kind === 'input' && record.from === 'user' ? [record.event] : []));
  expect(ops).toMatchObject([
    { type: 'op.say', source: 'inspector' },
    { type: 'op.interrupt', source: 'inspector' },
    { type: 'op.close' },
  ]);
});

test('a yes for a plan that is no longer asked about is refused', async () => {
  const place = newPlace();
  await withSession(place, ASKS, {}, async (session) => {
    const asked = heard(session, 'approval.requested');
    await say(session, 'do it');
    const { approvalId } = (await asked) as FactOf<'approval.requested'>;
    const { command } = actingOn(session);
    const decision = { kind: 'approve' };
    const stale = await command?.({ type: 'op.decide', approvalId, planHash: 'of another plan', decision });
    expect(stale).toMatchObject({ kind: 'refused', reason: 'planMismatch' });
    expect(await command?.({ type: 'op.decide', approvalId, decision })).toMatchObject({ kind: 'refused' });
    expect(await command?.({ type: 'op.shell', command: 'id' })).toMatchObject({ kind: 'refused' });
    await session.submit({ type: 'op.interrupt', id: randomUUID() });
  });
});

test('a fork begins before the message that governs the cursor, is a session of its own, and can be resumed', async () => {
  const place = newPlace();
  const TWO = [[{ type: 'text', text: 'first answer' }], [{ type: 'text', text: 'second answer' }]];
  await withSession(place, TWO, {}, async (session) => {
    await served(place, session, async (page) => {
      for (const text of ['one', 'two']) {
        const ended = heard(session, 'turn.completed');
        await say(session, text);
        await ended;
      }
      await page.waitForSelector('.row:has-text("turn.completed")');
      await page.getByRole('button', { name: 'end', exact: true }).click();
      expect(await page.locator('.detail q').innerText()).toBe('two');
      await button(page, 'Fork from here').click();
      await page.waitForSelector('.forked');
      const told = await page.locator('.forked').innerText();
      expect(told).toMatch(/^turnstile resume /);
      const [, id = ''] = /^turnstile resume (\S+)$/.exec(told) ?? [];
      const fork = readingOf(place.home, journalsOf(place.home).find((file) => file.includes(id)) ?? '');
      expect(fork.head?.parent?.id).toBe(session.id);
      expect(JSON.stringify(fork.records)).toContain('first answer');
      expect(JSON.stringify(fork.records)).not.toContain('second answer');
      const script = place.script([{ type: 'text', text: 'gone on' }]);
      const resumed = await place.run(['exec', 'resume', id, '--rehearse', script, 'three']);
      expect(resumed).toMatchObject({ code: 0, out: 'gone on\n' });
    });
  });
});
