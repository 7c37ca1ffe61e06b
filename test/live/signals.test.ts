/** Ctrl-C before the real program, in the states that need a server of their own (R1, R2, R3). */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { newStage, say, shell, validLines } from '../e2e/stage.ts';

const SOON_MS = 2_500;
const FULL = { input: 900, output: 50 };

type Stage = Awaited<ReturnType<typeof newStage>>;
const stopped = async (running: ReturnType<Stage['begin']>) => {
  const at = performance.now();
  running.child.kill('SIGINT');
  const ended = await running.ended;
  expect(performance.now() - at).toBeLessThan(SOON_MS);
  expect(ended.code).toBe(130);
  const lines = validLines(ended.out);
  expect(lines.at(-1)).toMatchObject({ type: 'turn.aborted' });
  return lines;
};

describe('SIGINT', () => {
  it('while it compacts: one request of each kind, what ran is not run again', async () => {
    const stage = await newStage(say(''));
    stage.server.load({
      turns: [{ ...shell('echo run >> count'), usage: FULL }],
      side: { items: [{ type: 'text', text: 'sum' }, { type: 'stall' }] },
    });
    const running = stage.begin('-s', 'workspace-write', '-c', 'model_context_window=1000', 'go');
    await stage.server.arrived(1);
    await stopped(running);
    expect(stage.server.requests.map(({ isMain }) => isMain)).toEqual([true, false]);
    expect(readFileSync(join(stage.folder, 'count'), 'utf8')).toBe('run\n');
  });

  it('while two commands run', async () => {
    const stage = await newStage({
      items: [
        { type: 'shell', command: 'echo a; sleep 70' },
        { type: 'shell', command: 'echo b; sleep 71; touch late' },
      ],
    });
    const running = stage.begin('-s', 'danger-full-access', 'go');
    await Promise.all([running.said('sleep 70'), running.said('sleep 71')]);
    const lines = await stopped(running);
    expect(lines.filter(({ type }) => type === 'item.completed')).toHaveLength(2);
    expect(existsSync(join(stage.folder, 'late'))).toBe(false);
  });

  it('between two attempts, twice at once: the program ends with the code of the signal, whatever it could still say', async () => {
    const stage = await newStage({ items: [{ type: 'http', status: 429, headers: { 'retry-after': '20' } }] });
    const running = stage.begin('go');
    await running.said('"retrying"');
    const at = performance.now();
    running.child.kill('SIGINT');
    running.child.kill('SIGINT');
    const ended = await running.ended;
    expect(performance.now() - at).toBeLessThan(SOON_MS);
    expect([ended.code, ended.signal]).toEqual([130, null]);
    expect(stage.server.requests).toHaveLength(1);
  });
});
