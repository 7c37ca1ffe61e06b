import { expect, it } from 'vitest';
import { becomes } from '../processes/bench.ts';
import { DESCENDANTS, newBrood } from './descendants.ts';
import { newStage, say, shell, validLines } from './stage.ts';

/** From the signal to the end of the program. Milliseconds. */
const SOON = 2_500;

it.each([
  ['SIGINT', 130, 'workspace-write'],
  ['SIGINT', 130, 'danger-full-access'],
  ['SIGTERM', 143, 'workspace-write'],
  ['SIGTERM', 143, 'danger-full-access'],
] as const)('R3: %s (exit %d) under %s leaves nothing of fifty descendants', async (signal, code, mode) => {
  const brood = newBrood();
  const stage = await newStage(shell(brood.script), say('never asked for'));
  const running = stage.begin('-s', mode, 'go');
  expect(await becomes(() => brood.living().length >= DESCENDANTS, 15_000)).toBe(true);
  const at = performance.now();
  running.child.kill(signal);
  const ended = await running.ended;
  expect(performance.now() - at).toBeLessThan(SOON);
  expect(ended.code).toBe(code);
  expect(await becomes(() => brood.living().length === 0, 500)).toBe(true);
  expect(validLines(ended.out).at(-1)).toMatchObject({ type: 'turn.aborted' });
  expect(stage.server.requests).toHaveLength(1);
});
