import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { newStage, say, validLines } from './stage.ts';

/** Comes after whatever the late call could have done, and proves that the server did try. Milliseconds. */
const AFTER = 500;

it.each([0, 300, 1_000, 2_000])('R1: a call that comes %d ms after SIGINT is not run', async (lateMs) => {
  const stage = await newStage(
    {
      items: [
        { type: 'text', text: 'I begin' },
        { type: 'stall', ms: 400 + lateMs },
        { type: 'shell', command: 'touch marker' },
      ],
    },
    say('never asked for'),
  );
  const running = stage.begin('-s', 'workspace-write', 'go');
  const request = await stage.server.arrived(0);
  await new Promise((resolve) => setTimeout(resolve, request.at + 400 - performance.now()));
  running.child.kill('SIGINT');
  const ended = await running.ended;
  await Promise.all([request.over, new Promise((resolve) => setTimeout(resolve, lateMs + AFTER))]);
  expect(ended.code).toBe(130);
  expect(validLines(ended.out).at(-1)).toMatchObject({ type: 'turn.aborted' });
  expect(existsSync(join(stage.folder, 'marker'))).toBe(false);
  expect(stage.server.requests).toHaveLength(1);
});
