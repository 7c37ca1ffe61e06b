import { expect, it } from 'vitest';
import { newPlace } from '../cli/program.ts';
import { newStage, validLines } from './stage.ts';

const OVERFLOW = [{ type: 'fail', code: 'context_length_exceeded' }] as const;

const expectFull = (ended: { readonly code: number | null; readonly out: string }) => {
  const lines = validLines(ended.out);
  expect(lines.filter(({ type }) => type === 'retrying')).toEqual([]);
  const counts = lines.filter(({ type }) => type === 'token.count');
  expect(counts.at(-1)).toMatchObject({ window: { full: true } });
  expect(lines.at(-1)).toMatchObject({ type: 'turn.failed', error: { kind: 'contextWindowExceeded' } });
  expect(ended.code).toBe(4);
};

it('an exceeded window over HTTP: one request, never a second, a full window, exit 4', async () => {
  const stage = await newStage({ items: OVERFLOW });
  expectFull(await stage.exec('go'));
  expect(stage.server.requests).toHaveLength(1);
});

it('an exceeded window in the rehearsal ends the same way', async () => {
  const place = newPlace();
  expectFull(await place.run(['exec', '--json', '--rehearse', place.script(OVERFLOW), 'go']));
});
