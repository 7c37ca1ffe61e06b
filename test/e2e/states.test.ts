import { expect, it } from 'vitest';
import type { Turn } from '../model-server/scenario.ts';
import { journalLines, newStage, say, validLines } from './stage.ts';

const SOON = 2_500;

const interrupted = async (
  turns: readonly Turn[],
  isThere: (stage: Awaited<ReturnType<typeof newStage>>, running: ReturnType<typeof stage.begin>) => Promise<unknown>,
) => {
  const stage = await newStage(...turns);
  const running = stage.begin('go');
  await isThere(stage, running);
  const at = performance.now();
  running.child.kill('SIGINT');
  const ended = await running.ended;
  expect(performance.now() - at).toBeLessThan(SOON);
  expect(ended.code).toBe(130);
  expect(stage.server.requests).toHaveLength(1);
  const lines = validLines(ended.out);
  expect(lines.at(-1)).toMatchObject({ type: 'turn.aborted' });
  return { stage, lines };
};

it('R3: SIGINT while the server has not answered yet', async () => {
  const { stage } = await interrupted([{ items: [], headersAfterMs: Infinity }], (on) => on.server.arrived(0));
  const [request] = stage.server.requests;
  await request?.over;
  expect(request?.isAbandoned).toBe(true);
});

it('R3: SIGINT in the middle of words keeps what was said, and says that it is incomplete', async () => {
  const half: Turn = { items: [{ type: 'text', deltas: 1_000, delta: 'word ', gap_ms: 20 }] };
  const { stage, lines } = await interrupted([half], async (on) => {
    const request = await on.server.arrived(0);
    while (request.deltas < 40) await new Promise((resolve) => setTimeout(resolve, 10));
  });
  expect(lines.filter(({ type }) => type === 'item.completed')).toMatchObject([
    { item: { type: 'agent_message', text: expect.stringMatching(/^word word /), incomplete: true } },
  ]);
  expect(JSON.stringify(journalLines(stage.home))).toMatch(/"incomplete":true/);
});

it('R3: SIGINT while waiting for the next attempt', async () => {
  const refusal: Turn = { items: [{ type: 'http', status: 429, headers: { 'retry-after': '20' } }] };
  await interrupted([refusal, say('never asked for')], (_, running) => running.said('"retrying"'));
});
