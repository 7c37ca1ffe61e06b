/** The words of Stately's inspector, in both directions, with its own parts on the other side. */
import { createInspector } from '@statelyai/inspect';
import { createInspectorServer } from '@statelyai/inspect/server';
import { createServer } from 'node:net';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createActor, setup } from 'xstate';
import { expect, onTestFinished, test } from 'vitest';
import { followed } from '../../inspector/live.ts';
import { createRecorder } from '../../inspector/recorder.ts';
import { fromStately } from '../../inspector/stately-in.ts';
import { sendOn } from '../../inspector/stately-out.ts';
import { newPlace } from '../cli/program.ts';

const light = setup({ types: { context: {} as { turns: number; secret: string }, events: {} as { type: 'next' } } });
const machine = light.createMachine({
  ...{ id: 'light', initial: 'red', context: { turns: 0, secret: 'do not tell' } },
  states: {
    red: { on: { next: { target: 'green', actions: light.assign({ turns: ({ context }) => context.turns + 1 }) } } },
    green: { on: { next: 'gone' } },
    gone: { type: 'final' },
  },
});

const messagesOfAnApp = async (): Promise<readonly unknown[]> => {
  const messages: unknown[] = [];
  const inspector = createInspector({ send: (message) => messages.push(message) }, {});
  const actor = createActor(machine, { inspect: inspector.inspect }).start();
  actor.send({ type: 'next' });
  actor.send({ type: 'next' });
  await expect.poll(() => messages.length).toBeGreaterThanOrEqual(7); // they are told when the app has time
  return JSON.parse(JSON.stringify(messages)) as readonly unknown[];
};

test('what an app told it is a story here: states, changes, the chart; unknown kinds are passed over', async () => {
  const messages = await messagesOfAnApp();
  const story = fromStately('dump', [{ type: '@xstate.later', sessionId: 'x' }, 'torn', ...messages]);
  expect(story.charts.map(({ outline }) => outline.name)).toEqual(['light']);
  expect(story.actors).toMatchObject([{ machine: 'light', parent: null, status: 'done' }]);
  expect(story.rows.map(({ type, after }) => [type, after])).toEqual([
    ['xstate.init', 'red'],
    ['next', 'green'],
    ['next', 'gone'],
  ]);
  expect(story.rows[1]?.changes).toEqual([{ op: 'set', path: 'turns', value: 1 }]);
});

test('a dump is exported like a session, as an array or line by line', async () => {
  const place = newPlace();
  const messages = await messagesOfAnApp();
  const [array, lines] = [join(place.folder, 'dump.json'), join(place.folder, 'dump.jsonl')];
  writeFileSync(array, JSON.stringify(messages));
  writeFileSync(lines, messages.map((message) => JSON.stringify(message)).join('\n'));
  for (const file of [array, lines])
    expect(await place.run(['export', file, '-o', `${file}.html`])).toMatchObject({ code: 0 });
});

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const address = probe.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });

test('its relay hears a recorder, without contexts; nobody but a relay on this machine is spoken to', async () => {
  const port = await freePort();
  const relay = createInspectorServer({ port, autoOpen: false });
  onTestFinished(() => relay.stop());
  const recorder = createRecorder();
  const actor = createActor(machine, { id: 'light', inspect: recorder.inspect }).start();
  const live = await followed({ size: recorder.size, read: async () => recorder.story('app') });
  expect(await sendOn(live, `ws://example.com:${port}`)).toMatchObject({ kind: 'refused' });
  expect(await sendOn(live, `http://127.0.0.1:${port}`)).toMatchObject({ kind: 'refused' });
  const sent = await sendOn(live, `ws://127.0.0.1:${port}`);
  expect(sent.kind).toBe('relay');
  onTestFinished(() => (sent.kind === 'relay' ? sent.close() : undefined));
  actor.send({ type: 'next' });

  const heard: { readonly type: string; readonly snapshot?: { readonly value?: unknown } }[] = [];
  const viewer = new WebSocket(`ws://127.0.0.1:${port}`);
  onTestFinished(() => viewer.close());
  viewer.addEventListener('message', ({ data }) => heard.push(JSON.parse(String(data))));
  await expect.poll(() => heard.some(({ snapshot }) => snapshot?.value === 'green'), { timeout: 20_000 }).toBe(true);
  expect(heard[0]).toMatchObject({ type: '@xstate.actor', name: 'light' });
  expect(JSON.stringify(heard)).not.toContain('do not tell');
});
